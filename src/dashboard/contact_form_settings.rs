//! What the Contact Form asks and says, and how it is protected.

use super::access::Administrator;
use super::{Answer, contact_form, frame};
use crate::app::App;
use crate::error::Kind;
use crate::forms::settings::FormSettings;
use crate::forms::typed::{Mistakes, TypedForm, TypedProtection, TypedSelect};
use crate::forms::{self, turnstile};
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

/// Fields and texts; a browser leaves an unticked box out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    title: String,
    intro: String,
    success: String,
    privacy_text: String,
    privacy_url: String,
    asks_name: Option<String>,
    asks_subject: Option<String>,
    asks_files: Option<String>,
    label1: String,
    options1: String,
    required1: Option<String>,
    label2: String,
    options2: String,
    required2: Option<String>,
    label3: String,
    options3: String,
    required3: Option<String>,
    label4: String,
    options4: String,
    required4: Option<String>,
}

impl From<Fields> for TypedForm {
    fn from(fields: Fields) -> Self {
        let select = |label, options, required: Option<String>| TypedSelect {
            label,
            options,
            required: required.is_some(),
        };
        Self {
            title: fields.title,
            intro: fields.intro,
            success: fields.success,
            privacy_text: fields.privacy_text,
            privacy_url: fields.privacy_url,
            asks_name: fields.asks_name.is_some(),
            asks_subject: fields.asks_subject.is_some(),
            asks_files: fields.asks_files.is_some(),
            selects: [
                select(fields.label1, fields.options1, fields.required1),
                select(fields.label2, fields.options2, fields.required2),
                select(fields.label3, fields.options3, fields.required3),
                select(fields.label4, fields.options4, fields.required4),
            ],
        }
    }
}

/// Limits and block lists.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Limits {
    minimum_seconds: String,
    asks_proof: Option<String>,
    confirms_address: Option<String>,
    per_network_an_hour: String,
    per_address_a_day: String,
    per_helpdesk_an_hour: String,
    blocked_domains: String,
    blocked_words: String,
}

impl From<Limits> for TypedProtection {
    fn from(limits: Limits) -> Self {
        Self {
            minimum_seconds: limits.minimum_seconds,
            asks_proof: limits.asks_proof.is_some(),
            confirms_address: limits.confirms_address.is_some(),
            per_network_an_hour: limits.per_network_an_hour,
            per_address_a_day: limits.per_address_a_day,
            per_helpdesk_an_hour: limits.per_helpdesk_an_hour,
            blocked_domains: limits.blocked_domains,
            blocked_words: limits.blocked_words,
        }
    }
}

/// `POST /h/{helpdesk}/contact-form/fields`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn update(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let (id, typed) = (reader.member.helpdesk_id, TypedForm::from(fields));
    match typed.checked(&*forms::get(&app, id).await?) {
        Ok(settings) => {
            forms::set(&app, id, &reader.member.by(), &settings).await?;
            let say = Flash::say("Form saved");
            Ok(view.redirect(
                &app,
                &format!("{}/contact-form#fields", frame::base(id)),
                Some(&say),
            ))
        }
        Err(mistakes) => {
            let mut page = contact_form::page(&app, &reader, view).await?;
            if let Some(admin) = &mut page.admin {
                (admin.form, admin.errors) = (typed, errors(mistakes));
            }
            Ok(contact_form::shown(&page, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

/// `POST /h/{helpdesk}/contact-form/protection`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn protect(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(limits): Form<Limits>,
) -> Answer {
    let (id, typed) = (reader.member.helpdesk_id, TypedProtection::from(limits));
    match typed.checked(&*forms::get(&app, id).await?) {
        Ok(settings) => {
            forms::set(&app, id, &reader.member.by(), &settings).await?;
            let say = Flash::say("Spam protection saved");
            let to = format!("{}/contact-form#protection", frame::base(id));
            Ok(view.redirect(&app, &to, Some(&say)))
        }
        Err(mistakes) => {
            let mut page = contact_form::page(&app, &reader, view).await?;
            if let Some(admin) = &mut page.admin {
                (admin.protection, admin.errors) = (typed, errors(mistakes));
            }
            Ok(contact_form::shown(&page, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

/// Keys of Turnstile.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Keys {
    site_key: String,
    secret_key: String,
    then: String,
}

/// `POST /h/{helpdesk}/contact-form/turnstile`: switches it on once Cloudflare knows the secret, or off.
///
/// # Errors
/// When the reader is no administrator.
pub async fn check(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(keys): Form<Keys>,
) -> Answer {
    let id = reader.member.helpdesk_id;
    let made = match keys.then.as_str() {
        "off" => Ok(None),
        _ => turnstile::checked(&app, id, &keys.site_key, &keys.secret_key)
            .await
            .map(Some),
    };
    match made {
        Ok(turnstile) => {
            let mut settings = FormSettings::clone(&*forms::get(&app, id).await?);
            let say = Flash::say(match turnstile {
                Some(_) => "Turnstile checks the form from now on",
                None => "Turnstile is off",
            });
            settings.protection.turnstile = turnstile;
            forms::set(&app, id, &reader.member.by(), &settings).await?;
            let to = format!("{}/contact-form#turnstile", frame::base(id));
            Ok(view.redirect(&app, &to, Some(&say)))
        }
        Err(error) if matches!(error.kind, Kind::Unprocessable | Kind::Unavailable) => {
            let field = match error.code {
                "invalid_site_key" => "site_key",
                _ => "secret_key",
            };
            let mut page = contact_form::page(&app, &reader, view).await?;
            if let Some(admin) = &mut page.admin {
                admin.site_key = keys.site_key;
                admin.errors = FieldErrors::one(field, error.sentence);
            }
            Ok(contact_form::shown(&page, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(error.into()),
    }
}

fn errors(mistakes: Mistakes) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (field, why) in mistakes {
        errors.add(field, why);
    }
    errors
}
