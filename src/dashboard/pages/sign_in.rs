//! The sign-in page.

use super::SAMPLE_NOW_MS;
use crate::web::page::View;
use askama::Template;

/// Address and password.
#[derive(Template)]
#[template(path = "dashboard/sign_in.html")]
pub struct SignInPage {
    /// The reader's side.
    pub view: View,
    /// The name, when the installation has one helpdesk only.
    pub helpdesk_name: Option<String>,
    /// The address typed before.
    pub email: String,
    /// Whether to stay signed in.
    pub keep: bool,
    /// Where to go afterwards.
    pub next: Option<String>,
    /// Why it did not work.
    pub error: Option<String>,
}

impl SignInPage {
    /// The page as somebody sees it first.
    pub fn new(view: View, helpdesk_name: Option<String>, next: Option<String>) -> Self {
        Self {
            view,
            helpdesk_name,
            email: String::new(),
            keep: true,
            next,
            error: None,
        }
    }

    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            email: "noor@fernway.example".to_owned(),
            error: Some("Email and password do not match".to_owned()),
            ..Self::new(
                View::sample(SAMPLE_NOW_MS),
                Some("Fernway".to_owned()),
                Some("/h/1".to_owned()),
            )
        }
    }
}
