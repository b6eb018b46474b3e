//! `POST /api/v1/mail`: a program hands in a mail as it came, whole and unchanged.

use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::inboxes::keys;
use crate::mail_in::{self, Door, Sender, Taking};
use crate::web::client::ClientAddress;
use crate::web::query::Query;
use crate::web::status::status;
use crate::web::throttle::Throttle;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use mail::Address;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// A program that is slower than this is cut off.
const PATIENCE: Duration = Duration::from_secs(120);
/// Wrong keys from one network: at once, and one more in so many milliseconds.
const WRONG_KEYS: i64 = 20;
const WRONG_KEY_MS: i64 = 3_000;
const MOST_RECIPIENTS: usize = 100;

/// The envelope, when the caller knows it.
#[derive(Debug, Default, Deserialize)]
pub struct Envelope {
    /// The envelope’s sender; empty for `<>`.
    sender: Option<String>,
    /// The envelope’s recipients, separated by commas.
    recipients: Option<String>,
}

/// A refused call, answered as `{"error": sentence, "code": name}`.
#[derive(Debug)]
pub struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

#[derive(Serialize)]
struct Refused<'a> {
    error: &'a str,
    code: &'a str,
}

#[derive(Serialize)]
struct Stored {
    id: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(error) = self;
        if matches!(error.kind, Kind::Internal | Kind::Unavailable) {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(
                code = error.code,
                cause,
                "a mail could not be taken from a program"
            );
        }
        let refused = Refused {
            error: &error.sentence,
            code: error.code,
        };
        let mut response = (status(error.kind), Json(refused)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if error.kind == Kind::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Kind::TooMany { retry_after_seconds } = error.kind {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after_seconds));
        }
        response
    }
}

struct WrongKeys(Throttle<IpAddr>);

/// `POST /api/v1/mail`: the body is the mail (RFC 5322), the answer `201 {"id": …}` once it is durable.
///
/// # Errors
/// `unauthorized` without a good key, `empty_mail`, `mail_too_long`, `invalid_envelope`, `mail_broke_off`, and
/// `temporarily_unavailable` when it cannot be stored: then hand it in again.
pub async fn create(
    State(app): State<App>,
    client: ClientAddress,
    headers: HeaderMap,
    Query(envelope): Query<Envelope>,
    body: Body,
) -> std::result::Result<Response, Refusal> {
    let helpdesk_id = caller(&app, client, &headers).await?;
    let (sender, recipients) = read_envelope(&envelope)?;
    let most = app.config().mail_in.most_bytes;
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > most) {
        return Err(mail_in::too_long(most).into());
    }
    let mut taking = Taking::new(&app, helpdesk_id);
    let taken = tokio::time::timeout(PATIENCE, take(&mut taking, body, most)).await;
    let size = taken.map_err(|_| broke_off())??;
    if size == 0 {
        return Err(Error::unprocessable("empty_mail", "The body is empty; send the mail as it came").into());
    }
    let prepared = taking.finish(Door::Api, &sender, &recipients, &client.0.to_string());
    let id = mail_in::keep(&app, prepared).await?;
    let mut response = (StatusCode::CREATED, Json(Stored { id: id.to_string() })).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn caller(app: &App, client: ClientAddress, headers: &HeaderMap) -> Result<crate::ids::HelpdeskId> {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, key)| key.trim());
    if let Some(key) = given
        && let Some(helpdesk_id) = keys::helpdesk_of(app, key).await?
    {
        return Ok(helpdesk_id);
    }
    let wrong = app.room(|_| WrongKeys(Throttle::new(WRONG_KEYS, WRONG_KEY_MS)));
    if let Err(wait) = wrong.0.try_once(client.network(), app.now_ms()) {
        let seconds = u64::try_from(wait).unwrap_or_default().div_ceil(1000);
        return Err(Error::new(
            Kind::TooMany {
                retry_after_seconds: seconds,
            },
            "too_many_tries",
            "Too many calls with a wrong key; wait a little",
        ));
    }
    Err(Error::new(
        Kind::Unauthorized,
        "unauthorized",
        "Give an API key as `Authorization: Bearer hdk_…`; an admin makes one under Settings > Incoming mail",
    ))
}

fn read_envelope(envelope: &Envelope) -> Result<(Sender, Vec<String>)> {
    let wrong = |what: &str| {
        Error::unprocessable(
            "invalid_envelope",
            format!("{what} is no address; leave it out when the envelope is not known"),
        )
    };
    let sender = match envelope.sender.as_deref().map(str::trim) {
        None => Sender::Unknown,
        Some("" | "<>") => Sender::Null,
        Some(address) => {
            Address::parse(address).map_err(|_| wrong("sender"))?;
            Sender::Address(address.to_owned())
        }
    };
    let mut recipients = Vec::new();
    for recipient in envelope.recipients.as_deref().unwrap_or_default().split(',') {
        let recipient = recipient.trim();
        if recipient.is_empty() {
            continue;
        }
        Address::parse(recipient).map_err(|_| wrong("one of recipients"))?;
        recipients.push(recipient.to_owned());
    }
    if recipients.len() > MOST_RECIPIENTS {
        return Err(Error::unprocessable(
            "invalid_envelope",
            "There are more than 100 recipients; name those of this helpdesk only",
        ));
    }
    Ok((sender, recipients))
}

async fn take(taking: &mut Taking, mut body: Body, most: u64) -> Result<u64> {
    let mut size: u64 = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| broke_off())?;
        let Ok(data) = frame.into_data() else { continue };
        size = size.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
        if size > most {
            return Err(mail_in::too_long(most));
        }
        taking.write(&data).await?;
    }
    Ok(size)
}

fn broke_off() -> Error {
    Error::invalid(
        "mail_broke_off",
        "The mail did not arrive whole; hand it in again",
    )
}
