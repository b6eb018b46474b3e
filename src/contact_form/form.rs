//! `POST /api/messaging/contact-form/form`: what the form asks, and the token to send it with.

use super::{json, strings, submission};
use crate::app::App;
use crate::embeds::{self, Refusal, answer};
use crate::forms::{self, limits};
use axum::extract::{Request, State};
use axum::response::Response;

/// The form as it is now. Writes nothing.
///
/// # Errors
/// The refusal of the first gate that is closed.
pub async fn form(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let call = embeds::open(&app, request, &["helpdeskId", "locale"]).await?;
    let strings = strings::for_locale(call.fields.optional("locale")?);
    limits::call(&app, call.visit.client)?;
    let settings = forms::get(&app, call.helpdesk.id).await?;
    let token = submission::fresh_token(&app, call.helpdesk.id);
    Ok(answer(&json::Form {
        helpdesk: (&*call.helpdesk).into(),
        form: json::Asked::new(&settings, strings::Words::of(strings)),
        token: token.encode(app.sealing_key()),
        proof_bits: settings.protection.looks_at_proof().then_some(token.bits),
        check: settings.protection.turnstile.as_ref().map(|_| "turnstile"),
        file_limits: json::FileLimits::new(&app, &settings),
        minimum_seconds: settings.protection.minimum_seconds,
        strings: strings.texts,
        direction: strings.direction,
    }))
}
