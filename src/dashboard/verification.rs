//! The Verification Tool: shows the signature that an address should have. That is what a host
//! app's secret protects, so it is for administrators, limited, and written into the audit log.

use super::access::Administrator;
use super::pages::ticket_center::{Expected, Match, Mismatch, Tool, ToolResult};
use super::{Answer, ticket_center};
use crate::app::App;
use crate::audit;
use crate::error::Result;
use crate::ids::{HelpdeskId, OperatorId};
use crate::secrets::diagnosis::diagnose;
use crate::secrets::failures::secret_texts;
use crate::secrets::signature::{self, SigningKey, to_hex};
use crate::web::csrf::Form;
use crate::web::page::View;
use crate::web::throttle::Throttle;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use zeroize::Zeroizing;

const BURST: i64 = 20;
const REFILL_MS: i64 = 6_000;

/// What is checked.
#[derive(Debug, Deserialize)]
pub struct Fields {
    email: String,
    #[serde(default)]
    signature: String,
}

struct Checks(Throttle<OperatorId>);

/// `POST /h/{helpdesk}/ticket-center/verification`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn create(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let checks = app.room(|_| Checks(Throttle::new(BURST, REFILL_MS)));
    let result = match checks.0.try_once(reader.member.operator.id, app.now_ms()) {
        Err(wait_ms) => ToolResult::Refused(format!(
            "Too many checks. Wait {} seconds",
            wait_ms.div_euclid(1_000) + 1
        )),
        Ok(()) if mail::Address::parse(&fields.email).is_err() => {
            ToolResult::Refused("This is not an email address that the Ticket Center accepts".to_owned())
        }
        Ok(()) => {
            let member = &reader.member;
            let entry = audit::Entry::new(&app, member.helpdesk_id, &member.by(), "signature checked");
            audit::note(&app, entry, mail::trim(&fields.email)).await?;
            check(&app, reader.member.helpdesk_id, &fields).await?
        }
    };
    let mut page = ticket_center::page(&app, &reader, view).await?;
    if let Some(admin) = &mut page.admin {
        admin.tool = Tool {
            email: fields.email,
            signature: fields.signature,
            result,
        };
    }
    Ok(ticket_center::shown(&page, StatusCode::OK))
}

async fn check(app: &App, helpdesk_id: HelpdeskId, fields: &Fields) -> Result<ToolResult> {
    let texts = secret_texts(app, helpdesk_id).await?;
    if texts.live.is_empty() {
        return Ok(ToolResult::NoSecret);
    }
    let given = mail::trim(&fields.signature);
    if given.is_empty() {
        return Ok(ToolResult::Expected(expected(&texts.live, &fields.email)));
    }
    let keys: Vec<SigningKey> = texts.live.iter().map(|text| SigningKey::new(text)).collect();
    if let Some(place) = signature::verify(keys.iter(), &fields.email, given) {
        let fingerprint = texts.live.get(place).map(|text| fingerprint(text));
        let over = keys.get(place).map(|key| signed_text(key, &fields.email, given));
        return Ok(ToolResult::Match(Match {
            fingerprint: fingerprint.unwrap_or_default(),
            over: over.unwrap_or_default(),
        }));
    }
    let (cause, remedy) = diagnose(&texts, helpdesk_id, &fields.email, given).explain();
    let expected = expected(&texts.live, &fields.email);
    Ok(ToolResult::NoMatch(Mismatch {
        cause: cause.to_owned(),
        remedy: remedy.to_owned(),
        expected,
    }))
}

/// Which of the texts that are accepted was signed.
fn signed_text(key: &SigningKey, email: &str, given: &str) -> &'static str {
    let (tag, trimmed) = (signature::parse(given), mail::trim(email));
    let is_signed = |text: &str| tag == Some(key.tag(text.as_bytes()));
    if is_signed(email) {
        "over the email exactly as you typed it"
    } else if is_signed(trimmed) {
        "over the email without the white space around it"
    } else {
        "over the email in lower case, which is accepted too"
    }
}

/// The signature of the address as it was typed: what the host's server makes of the same text.
fn expected(live: &[Zeroizing<Vec<u8>>], email: &str) -> Vec<Expected> {
    let sign = |text: &Zeroizing<Vec<u8>>| Expected {
        fingerprint: fingerprint(text),
        signature: to_hex(&SigningKey::new(text).tag(mail::trim(email).as_bytes())),
    };
    live.iter().map(sign).collect()
}

/// A secret as it is known on the page: its last four characters.
fn fingerprint(text: &[u8]) -> String {
    let ending = text
        .len()
        .checked_sub(4)
        .and_then(|start| text.get(start..))
        .unwrap_or_default();
    format!("hdh_secret_…{}", String::from_utf8_lossy(ending))
}
