//! Settings, the tab Email: the signature of mails (DKIM), and whether receivers find its key.

use super::Answer;
use super::access::Administrator;
use super::email_settings::{address, page, refuse, set};
use super::guide::Nothing;
use super::pages::email_settings::LookedUp;
use crate::app::App;
use crate::error::Kind;
use crate::mail_out::dkim_record::{self, InDns};
use crate::mail_out::settings::{Change, Signing};
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::State;
use serde::Deserialize;
use zeroize::Zeroizing;

/// The form of the signature.
#[derive(Deserialize)]
pub struct DkimFields {
    selector: String,
    pem: String,
}

/// `POST /h/{helpdesk}/settings/email/dkim`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn sign(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<DkimFields>,
) -> Answer {
    let selector = fields.selector.trim().to_owned();
    let dkim = if fields.pem.trim().is_empty() {
        Signing::New { selector }
    } else {
        Signing::Given {
            selector,
            pem: Zeroizing::new(fields.pem),
        }
    };
    let change = Change {
        dkim: Some(dkim),
        ..Change::default()
    };
    match set(&app, &reader, change).await {
        Ok(()) => {
            let say = Flash::say("Mail is signed from now on. Add the record to your DNS");
            Ok(view.redirect(&app, &address(&reader), Some(&say)))
        }
        Err(error) if error.kind == Kind::Unprocessable => {
            let page = page(&app, &reader, view).await?;
            refuse(page, FieldErrors::one("selector", error.sentence))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /h/{helpdesk}/settings/email/dkim/removal`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn unsign(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let change = Change {
        dkim: Some(Signing::Off),
        ..Change::default()
    };
    set(&app, &reader, change).await?;
    let say = Flash::say("Mail is not signed any more");
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}

/// `POST /h/{helpdesk}/settings/email/dkim/check`: looks the key up in the DNS.
///
/// # Errors
/// When the reader is no administrator, or mail is not signed.
pub async fn check(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let found = match dkim_record::look_up(&app, reader.member.helpdesk_id).await {
        Ok(found) => found,
        Err(error) if error.kind == Kind::Conflict => {
            let say = Flash::say(error.sentence);
            return Ok(view.redirect(&app, &address(&reader), Some(&say)));
        }
        Err(error) => return Err(error.into()),
    };
    let mut page = page(&app, &reader, view).await?;
    if let Some(dkim) = &mut page.dkim {
        dkim.looked_up = Some(told(found));
    }
    Ok(page.shell.view.show(&page))
}

fn told(found: InDns) -> LookedUp {
    let wait = "Changes of a DNS can take some hours to be seen everywhere.";
    let (good, headline, remedy) = match found {
        InDns::Good => (
            true,
            "The record is in the DNS".to_owned(),
            "Receivers can check the signature.".to_owned(),
        ),
        InDns::Missing => (
            false,
            "There is no such record in the DNS".to_owned(),
            format!("Add it where your domain’s DNS is kept. {wait}"),
        ),
        InDns::Other { text } => (
            false,
            "The DNS has another key under this name".to_owned(),
            format!("It says: {text}. Replace it, or sign under another selector. {wait}"),
        ),
        InDns::Several => (
            false,
            "The DNS has several records of this name".to_owned(),
            "Receivers may take any of them: leave only the one above.".to_owned(),
        ),
        InDns::Unanswered { words } => (
            false,
            "It could not be looked up".to_owned(),
            format!("{words}. Try again in a while."),
        ),
    };
    LookedUp {
        good,
        headline,
        remedy,
    }
}
