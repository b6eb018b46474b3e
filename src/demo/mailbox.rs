//! The demo's mailbox: every mail that would have gone out, as its reader would see it. The host
//! site's port serves it, because nobody signs in to a mailbox of the demo.

use super::host_site::{HostSite, page};
use crate::clock::iso8601;
use crate::mail_out::mailer;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use mail::Viewed;

/// What a mail may load: nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-top-navigation-by-user-activation";

#[derive(Template)]
#[template(path = "demo/mailbox.html")]
struct MailboxPage {
    mails: Vec<Line>,
}

struct Line {
    number: usize,
    at: String,
    mail: Viewed,
}

/// `GET /mailbox`: the newest first.
pub(super) async fn show(State(site): State<HostSite>) -> Response {
    let mails = mailer::look_into_memory(site.app());
    let count = mails.len();
    let lines = mails.iter().enumerate().filter_map(|(place, mail)| {
        let mail = mail::view(&mail.bytes)?;
        Some(Line {
            number: count - place,
            at: iso8601(mail.date_seconds * 1000),
            mail,
        })
    });
    page(&MailboxPage {
        mails: lines.collect(),
    })
}

/// `GET /mailbox/{number}`: one mail, counted from the first.
pub(super) async fn body(State(site): State<HostSite>, Path(number): Path<usize>) -> Response {
    let mut mails = mailer::look_into_memory(site.app());
    mails.reverse();
    let found = number
        .checked_sub(1)
        .and_then(|place| mails.get(place))
        .and_then(|mail| mail::view(&mail.bytes));
    match found {
        Some(mail) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(mail.html)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
