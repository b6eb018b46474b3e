//! The page behind a one-time link that signs somebody in.

use super::SAMPLE_NOW_MS;
use crate::web::page::View;
use askama::Template;

/// One button.
#[derive(Template)]
#[template(path = "dashboard/sign_in_link.html")]
pub struct SignInLinkPage {
    /// The reader's side.
    pub view: View,
    /// The one-time address the button posts to.
    pub action: String,
}

impl SignInLinkPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            view: View::sample(SAMPLE_NOW_MS),
            action: "/sign-in/token".to_owned(),
        }
    }
}
