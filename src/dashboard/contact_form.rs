//! The page "Contact Form", and the page in the frame of its preview.

use super::access::{Administrator, Reader};
use super::pages::contact_form::{Administration, ContactFormPage, FormPreviewPage, Load, Refusal};
use super::{Answer, frame};
use crate::app::App;
use crate::error::Result;
use crate::forms::typed::{TypedForm, TypedProtection};
use crate::forms::{self, proof, refusals};
use crate::helpdesks;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use crate::web::{headers, page as pages};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

const PREVIEW_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; \
     trusted-types 'none'";

/// `GET /h/{helpdesk}/contact-form`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(State(app): State<App>, reader: Reader, view: View) -> Answer {
    Ok(shown(&page(&app, &reader, view).await?, StatusCode::OK))
}

/// `GET /h/{helpdesk}/contact-form/preview`: the real form in a frame that may connect to nothing.
///
/// # Errors
/// When the reader is no administrator.
pub async fn preview(State(app): State<App>, Administrator(reader): Administrator, view: View) -> Answer {
    let helpdesk = helpdesks::get(&app, reader.member.helpdesk_id).await?;
    let shown = FormPreviewPage {
        accent: helpdesk.appearance.accent.clone().unwrap_or_default(),
        theme: view.theme,
    };
    let html = match shown.render() {
        Ok(html) => html,
        Err(error) => return Ok(crate::web::error_page::broken(&error)),
    };
    let mut response = pages::html_response(StatusCode::OK, html);
    headers::allow_framing(response.headers_mut(), PREVIEW_POLICY, Some("SAMEORIGIN"));
    Ok(response)
}

/// The page as an answer; it may hold the frame of the preview.
pub(super) fn shown(page: &ContactFormPage, status: StatusCode) -> Response {
    let mut response = page.shell.view.show_as(status, page);
    headers::allow_own_frames(response.headers_mut());
    response
}

/// The page as this reader may see it. A plain operator gets the embed code.
pub(super) async fn page(app: &App, reader: &Reader, view: View) -> Result<ContactFormPage> {
    let shell = frame::build(app, reader, view, "contact-form").await?;
    let admin = if reader.member.is_admin() {
        Some(administration(app, reader).await?)
    } else {
        None
    };
    Ok(ContactFormPage {
        shell,
        base_url: app.config().base_url.clone(),
        admin,
    })
}

async fn administration(app: &App, reader: &Reader) -> Result<Administration> {
    let id = reader.member.helpdesk_id;
    let settings = forms::get(app, id).await?;
    let a_minute = proof::a_minute(app, id);
    let recent = refusals::recent(app, id).await?;
    Ok(Administration {
        form: TypedForm::from(&*settings),
        protection: TypedProtection::from(&settings.protection),
        names: settings
            .selects
            .iter()
            .map(|select| select.name.clone())
            .collect(),
        is_checked: settings.protection.turnstile.is_some(),
        site_key: settings
            .protection
            .turnstile
            .as_ref()
            .map(|turnstile| turnstile.site_key.clone())
            .unwrap_or_default(),
        errors: FieldErrors::default(),
        load: Load {
            a_minute,
            is_raised: settings.protection.looks_at_proof() && proof::price(app, id) > proof::LEAST_BITS,
        },
        refusals: recent.into_iter().map(refusal).collect(),
    })
}

fn refusal(stored: refusals::Refusal) -> Refusal {
    let (happened, remedy) = stored.reason.explain();
    Refusal {
        at_ms: stored.created_at,
        first_ms: stored.first_at,
        times: stored.times,
        email: stored.email,
        origin: stored.origin,
        network: stored.network,
        is_spam: stored.reason.is_spam(),
        happened,
        remedy,
    }
}
