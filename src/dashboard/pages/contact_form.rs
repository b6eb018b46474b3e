//! The page "Contact Form": embed code, hosted page, fields and texts with a preview, spam protection,
//! recent refusals.

use super::SAMPLE_NOW_MS;
use super::shell::Shell;
use crate::forms::settings::{FormSettings, Protection, Select};
use crate::forms::typed::{SELECT_NAMES, TypedForm, TypedProtection, TypedSelect};
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// How busy the form is.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Messages in a minute.
    pub a_minute: u64,
    /// Whether the price of the proof has risen.
    pub is_raised: bool,
}

/// A message that was refused or put into spam.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// When that last happened.
    pub at_ms: i64,
    /// When it first did.
    pub first_ms: i64,
    /// How often.
    pub times: i64,
    /// The address given.
    pub email: String,
    /// The page it came from.
    pub origin: String,
    /// The network it came from.
    pub network: String,
    /// Whether it was kept.
    pub is_spam: bool,
    /// Why.
    pub happened: &'static str,
    /// What to know about it.
    pub remedy: &'static str,
}

/// What only administrators see.
pub struct Administration {
    /// Fields and texts.
    pub form: TypedForm,
    /// Limits and lists.
    pub protection: TypedProtection,
    /// What the form's own fields are called in calls.
    pub names: Vec<String>,
    /// Turnstile checks the form.
    pub is_checked: bool,
    /// Its site key, as it is or as it was typed.
    pub site_key: String,
    /// What was wrong with any of it.
    pub errors: FieldErrors,
    /// How busy it is.
    pub load: Load,
    /// What was refused.
    pub refusals: Vec<Refusal>,
}

impl Administration {
    /// The form's own fields by their places: number, name for mistakes, what is typed.
    pub fn places(&self) -> impl Iterator<Item = (usize, &'static str, &TypedSelect)> {
        let numbered = (1..).zip(SELECT_NAMES).zip(&self.form.selects);
        numbered.map(|((number, name), select)| (number, name, select))
    }
}

/// The page. What a plain operator may not see is not there at all.
#[derive(Template)]
#[template(path = "dashboard/contact_form.html")]
pub struct ContactFormPage {
    /// The frame.
    pub shell: Shell,
    /// This installation's own origin.
    pub base_url: String,
    /// Administrators only.
    pub admin: Option<Administration>,
}

/// A bare page with the form, whose calls a script answers.
#[derive(Template)]
#[template(path = "dashboard/form_preview.html")]
pub struct FormPreviewPage {
    /// The helpdesk's accent; may be empty.
    pub accent: String,
    /// `light`, `dark`, or nothing for the system's.
    pub theme: Option<&'static str>,
}

impl FormPreviewPage {
    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            accent: "#0f6471".to_owned(),
            theme: None,
        }
    }
}

impl ContactFormPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// The address of the hosted page.
    pub fn hosted(&self) -> String {
        format!("{}/form/{}", self.base_url, self.shell.helpdesk_id)
    }

    /// What Cloudflare is to know this installation by.
    pub fn host(&self) -> &str {
        let (_, place) = self.base_url.split_once("://").unwrap_or_default();
        place.rsplit_once(':').map_or(place, |(host, _)| host)
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let settings = FormSettings {
            title: "Write to us".to_owned(),
            selects: vec![Select {
                name: "topic".to_owned(),
                label: "Topic".to_owned(),
                options: vec!["Billing".to_owned(), "Something else".to_owned()],
                required: true,
            }],
            ..FormSettings::default()
        };
        let refusal = |times, is_spam, email: &str| Refusal {
            at_ms: SAMPLE_NOW_MS - 60_000,
            first_ms: SAMPLE_NOW_MS - 3_600_000,
            times,
            email: email.to_owned(),
            origin: "https://fernway.example".to_owned(),
            network: "203.0.113.7".to_owned(),
            is_spam,
            happened: "Says a blocked word",
            remedy: "The message is in spam.",
        };
        let mut errors = FieldErrors::default();
        errors.add("select2", "Give this field a label");
        errors.add("blocked_domains", "This is no domain");
        errors.add("secret_key", "Cloudflare does not know this secret key");
        Self {
            shell: Shell::sample("contact-form"),
            base_url: "https://help.example.com".to_owned(),
            admin: Some(Administration {
                form: TypedForm::from(&settings),
                protection: TypedProtection::from(&Protection::default()),
                names: vec!["topic".to_owned()],
                is_checked: true,
                site_key: "0x4AAAAAAABkMYinukE8nzYS".to_owned(),
                errors,
                load: Load {
                    a_minute: 240,
                    is_raised: true,
                },
                refusals: vec![refusal(12, true, "<b>@spam.example"), refusal(1, false, "")],
            }),
        }
    }

    /// As a plain operator sees it.
    pub fn sample_plain() -> Self {
        Self {
            admin: None,
            ..Self::sample()
        }
    }

    /// As an administrator sees it first.
    pub fn sample_calm() -> Self {
        let mut page = Self::sample();
        if let Some(admin) = &mut page.admin {
            admin.form = TypedForm::from(&FormSettings::default());
            admin.names.clear();
            admin.is_checked = false;
            admin.site_key.clear();
            admin.errors = FieldErrors::default();
            (admin.load.is_raised, admin.load.a_minute) = (false, 0);
            admin.refusals.clear();
        }
        page
    }
}
