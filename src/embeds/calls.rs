//! Who calls: a contact proved by a signature (the documented calls) or by a token made from one.

use super::cors::Refusal;
use super::fields::{Fields, OF_CONTACTS};
use super::origins::{self, Page, Refused};
use super::token::Token;
use super::{body, origin};
use crate::app::App;
use crate::contacts::{self, VerifiedContact};
use crate::error::{Error, Kind, Result};
use crate::helpdesks::{self, Helpdesk};
use crate::ids::{ContactId, HelpdeskId, SecretId};
use crate::secrets::{self, failures};
use crate::web::client::ClientAddress;
use crate::web::multipart::Multipart;
use crate::web::throttle::Throttle;
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, header};
use mail::Address;
use std::net::IpAddr;
use std::sync::Arc;

const LONGEST_RETRY_SECONDS: u64 = 5;

/// A call that passed every gate.
pub struct Call {
    /// The helpdesk, with its settings.
    pub helpdesk: Arc<Helpdesk>,
    /// Who calls.
    pub contact: VerifiedContact,
    /// The secret that proved it.
    pub secret_id: SecretId,
    /// What the call says.
    pub fields: Fields,
    page: Page,
}

impl Call {
    /// Refuses writing while messaging is off.
    ///
    /// # Errors
    /// `messaging_off`.
    pub fn may_write(&self) -> Result<()> {
        if self.helpdesk.messaging {
            return Ok(());
        }
        self.page.refused(Refused::MessagingOff);
        Err(Error::forbidden(
            "messaging_off",
            "Messaging is switched off: you can read, but not write, for now",
        ))
    }
}

struct Limits {
    contacts: Throttle<(HelpdeskId, ContactId)>,
    failures: Throttle<IpAddr>,
}

fn limits(app: &App) -> Arc<Limits> {
    app.room(|app| {
        let config = app.config();
        let every = |per_minute: u32| (60_000 / i64::from(per_minute)).max(1);
        Limits {
            contacts: Throttle::new(
                i64::from(config.contact_burst),
                every(config.contact_calls_per_minute),
            ),
            failures: Throttle::new(
                i64::from(config.failures_per_minute),
                every(config.failures_per_minute),
            ),
        }
    })
}

/// Opens a documented call: helpdeskId, email and signature in the body prove who calls.
///
/// # Errors
/// The refusal of the first gate that is closed.
pub async fn signed(app: &App, request: Request) -> std::result::Result<Call, Refusal> {
    let (mut parts, body) = request.into_parts();
    let Ok(client) = ClientAddress::from_request_parts(&mut parts, app).await;
    let body = body::read(&parts.headers, body).await?;
    let fields = Fields::parse(&body, false)?;
    let helpdesk_id = fields.required("helpdeskId")?;
    let email = fields.required("email")?;
    let signature = fields.required("signature")?;
    let address = Address::parse(email)
        .map_err(|reason| Error::invalid("invalid_field", format!("The field email {reason}")))?;
    let helpdesk = helpdesk(app, helpdesk_id, &parts.headers).await?;
    let page = page_allowed(app, &parts.headers, &helpdesk)?;
    let Some(proof) = secrets::verify(app, helpdesk.id, email, signature).await? else {
        let refusal = failed(app, client);
        page.refused(Refused::Verification);
        failures::note(app, helpdesk.id, email, signature, page.origin());
        return Err(refusal.into());
    };
    let contact = contacts::find_or_create_proved(app, helpdesk.id, &address).await?;
    let contact = VerifiedContact::proved(contact);
    within_rate(app, &contact)?;
    page.good();
    Ok(Call {
        helpdesk,
        contact,
        secret_id: proof.secret_id,
        fields,
        page,
    })
}

/// Opens a call that carries a token from `verify` in its Authorization header.
///
/// # Errors
/// The refusal of the first gate that is closed.
pub async fn with_token(app: &App, request: Request) -> std::result::Result<(Call, Token), Refusal> {
    let (parts, body) = request.into_parts();
    let body = body::read(&parts.headers, body).await?;
    let fields = Fields::parse(&body, true)?;
    by_token(app, &parts.headers, fields).await
}

async fn by_token(
    app: &App,
    headers: &HeaderMap,
    fields: Fields,
) -> std::result::Result<(Call, Token), Refusal> {
    let token = bearer(headers)
        .and_then(|text| Token::decode(app.sealing_key(), text))
        .ok_or_else(token_expired)?;
    let helpdesk = helpdesks::get(app, token.helpdesk_id).await?;
    let page = page_allowed(app, headers, &helpdesk)?;
    if !is_good(app, &token).await? {
        return Err(token_expired().into());
    }
    let contact = contacts::find(app, token.helpdesk_id, token.contact_id)
        .await?
        .ok_or_else(token_expired)?;
    let contact = VerifiedContact::proved(contact);
    within_rate(app, &contact)?;
    page.good();
    Ok((
        Call {
            helpdesk,
            contact,
            secret_id: token.secret_id,
            fields,
            page,
        },
        token,
    ))
}

/// Opens an upload: a token in its Authorization header, and a file as its body. Nothing of the file was
/// read yet.
///
/// # Errors
/// The refusal of the first gate that is closed.
pub async fn uploading(app: &App, request: Request) -> std::result::Result<(Call, Multipart), Refusal> {
    let (parts, body) = request.into_parts();
    let form = Multipart::read(&parts.headers, body, app.config().attachment_bytes).await?;
    let (call, _) = by_token(app, &parts.headers, Fields::none_of(&OF_CONTACTS)).await?;
    call.may_write()?;
    Ok((call, form))
}

/// True while a token has not expired and its secret is live.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_good(app: &App, token: &Token) -> Result<bool> {
    Ok(app.now_ms() < token.expires_at
        && secrets::is_secret_live(app, token.helpdesk_id, token.secret_id).await?)
}

pub(super) async fn helpdesk(app: &App, id: &str, headers: &HeaderMap) -> Result<Arc<Helpdesk>> {
    // Compared exactly as issued: another spelling of the same UUID is another text.
    let found = match id.parse::<HelpdeskId>() {
        Ok(id) => helpdesks::find(app, id).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| {
        origins::note_unknown(app, origin::text(headers));
        helpdesks::unknown()
    })
}

/// The page behind a call, once the list has let it through.
fn page_allowed(app: &App, headers: &HeaderMap, helpdesk: &Helpdesk) -> Result<Page> {
    let page = Page::new(app, helpdesk.id, origin::text(headers));
    origin::check(headers, helpdesk, &app.config().base_url)
        .inspect_err(|_| page.refused(Refused::Origin))?;
    Ok(page)
}

fn failed(app: &App, client: ClientAddress) -> Error {
    match limits(app).failures.try_once(client.network(), app.now_ms()) {
        Ok(()) => Error::new(Kind::Unauthorized, "verification_failed", "Verification failed"),
        Err(wait_ms) => too_many(wait_ms),
    }
}

fn within_rate(app: &App, contact: &VerifiedContact) -> Result<()> {
    let key = (contact.helpdesk_id(), contact.id());
    limits(app).contacts.try_once(key, app.now_ms()).map_err(too_many)
}

fn too_many(wait_ms: i64) -> Error {
    let seconds = u64::try_from(wait_ms)
        .unwrap_or(0)
        .div_ceil(1_000)
        .clamp(1, LONGEST_RETRY_SECONDS);
    Error::new(
        Kind::TooMany {
            retry_after_seconds: seconds,
        },
        "rate_limited",
        "Too many calls; try again in a moment",
    )
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn token_expired() -> Error {
    Error::new(
        Kind::Unauthorized,
        "token_expired",
        "The token is not good any more; verify again",
    )
}
