//! The mails that came in: the list, one mail, its HTML in a frame of its own, its bytes, and what is done
//! with those that wait for somebody.
//!
//! The reader is a member of the helpdesk; what a mail holds is a stranger's, and reaches the page as text
//! or through the sanitiser, in a frame that runs nothing and has no origin.

use super::access::{Administrator, Reader, parsed};
use super::pages::mails::{self as pages, MailPage, MailsPage, Row, Tone};
use super::{Answer, frame};
use crate::app::App;
use crate::attachments::blobs;
use crate::error::{Error, Kind};
use crate::ids::MailId;
use crate::mail_in::mails::{self, Listed};
use crate::mail_in::{Door, Reason, Sender, State as Settled, acceptance};
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::headers;
use crate::web::page::View;
use crate::web::query::Query;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream;
use html::mail::{Pictures, clean};
use mail::parsed::{Attachment, ParsedMail};
use serde::Deserialize;

/// The parts of the list, with what an empty one says.
const PARTS: [(Option<Settled>, &str, &str); 6] = [
    (None, "All", "No mail has come in yet"),
    (Some(Settled::Quarantined), "Quarantine", "No mail waits for you"),
    (Some(Settled::Filed), "Filed", "No mail became a message yet"),
    (Some(Settled::Noted), "Reports", "No report has come in"),
    (Some(Settled::Duplicate), "Duplicates", "No mail came twice"),
    (Some(Settled::Waiting), "Being read", "No mail waits to be read"),
];
/// Headers shown of a mail.
const MOST_HEADERS: usize = 200;
/// Pictures inside a mail are put into its page up to here, all together.
const PICTURE_BYTES: usize = 4 * 1024 * 1024;
const TEXT_CHARACTERS: usize = 200_000;

/// Which part, and where in it.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    state: Option<String>,
    before: Option<String>,
}

/// Whether pictures from elsewhere are loaded.
#[derive(Debug, Default, Deserialize)]
pub struct Shown {
    pictures: Option<String>,
}

/// A form with nothing but its token.
#[derive(Debug, Deserialize)]
pub struct Fields {}

/// `GET /h/{helpdesk}/mails`.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    State(app): State<App>,
    reader: Reader,
    Query(wanted): Query<Wanted>,
    view: View,
) -> Answer {
    let state = wanted.state.as_deref().and_then(Settled::from_name);
    let before = wanted.before.as_deref().and_then(|id| id.parse::<MailId>().ok());
    let shell = frame::build(&app, &reader, view, "mails").await?;
    let found = mails::list(&app, reader.member.helpdesk_id, state, before).await?;
    let here = address(&shell.base, state);
    let joint = if state.is_some() { '&' } else { '?' };
    let page = MailsPage {
        parts: PARTS
            .iter()
            .map(|(of, label, _)| pages::Part {
                label,
                href: address(&shell.base, *of),
                on: *of == state,
                count: if *of == Some(Settled::Quarantined) {
                    shell.counts.quarantined
                } else {
                    0
                },
            })
            .collect(),
        rows: found.items.iter().map(|mail| row(&shell.base, mail)).collect(),
        empty: PARTS
            .iter()
            .find(|part| part.0 == state)
            .map_or("No mail", |part| part.2),
        older: found.next.map(|id| format!("{here}{joint}before={id}")),
        newest: before.map(|_| here),
        shell,
    };
    Ok(page.shell.view.show(&page))
}

fn address(base: &str, state: Option<Settled>) -> String {
    match state {
        Some(state) => format!("{base}/mails?state={}", state.name()),
        None => format!("{base}/mails"),
    }
}

fn row(base: &str, mail: &Listed) -> Row {
    let (state, tone) = state(mail);
    Row {
        href: format!("{base}/mails/{}", mail.id),
        from: author(mail),
        subject: subject(mail),
        state,
        tone,
        reason: mail
            .reason
            .filter(|_| matches!(mail.state, Settled::Quarantined | Settled::Noted))
            .map_or("", Reason::sentence),
        at_ms: mail.received_at,
    }
}

fn author(mail: &Listed) -> String {
    if !mail.author_email.is_empty() {
        return mail.author_email.clone();
    }
    match &mail.sender {
        Sender::Address(address) => address.clone(),
        Sender::Null | Sender::Unknown => "Unknown".to_owned(),
    }
}

fn subject(mail: &Listed) -> String {
    if mail.subject.is_empty() {
        "(no subject)".to_owned()
    } else {
        mail.subject.clone()
    }
}

fn state(mail: &Listed) -> (&'static str, Tone) {
    match mail.state {
        Settled::Waiting => ("Being read", Tone::Quiet),
        Settled::Filed => ("In a conversation", Tone::Good),
        Settled::Noted => ("Report", Tone::Quiet),
        Settled::Duplicate => ("Duplicate", Tone::Quiet),
        Settled::Quarantined => ("In quarantine", Tone::Bad),
    }
}

fn door(mail: &Listed) -> String {
    match mail.door {
        Door::Smtp => format!("By SMTP from {}", mail.client),
        Door::Imap => format!("From the mailbox {}", mail.client),
        Door::Api => format!("By the API from {}", mail.client),
        Door::Command => "By the command helpdesky mail deliver".to_owned(),
    }
}

/// `GET /h/{helpdesk}/mails/{mail}`.
///
/// # Errors
/// When there is no such mail in this helpdesk.
pub async fn show(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    Query(shown): Query<Shown>,
    view: View,
) -> Answer {
    let (id, helpdesk_id) = (parsed::<MailId>(&id)?, reader.member.helpdesk_id);
    let shell = frame::build(&app, &reader, view, "mails").await?;
    let listed = mails::get(&app, helpdesk_id, id).await?;
    // What cannot be read can still be downloaded.
    let read = mails::read(&app, helpdesk_id, id)
        .await
        .ok()
        .map(|(_, mail)| mail);
    let base = format!("{}/mails/{id}", shell.base);
    let conversation = |id| format!("{}/conversations/{id}", shell.base);
    let loads_remote = shown.pictures.is_some();
    let remote_pictures = read.as_ref().map_or(0, |mail| cleaned(mail, false).1);
    let (state, tone) = state(&listed);
    let page = MailPage {
        base: base.clone(),
        subject: subject(&listed),
        from: author(&listed),
        from_name: listed.author_name.clone(),
        state,
        tone,
        reason: listed.reason.map_or("", Reason::sentence),
        words: match listed.reason {
            Some(Reason::ForwardingConfirmation) => String::new(),
            _ => listed.words.clone(),
        },
        verdict: verdict(&listed),
        door: door(&listed),
        recipients: listed.recipients.clone(),
        at_ms: listed.received_at,
        size: bytes_in_words(listed.size),
        conversation: listed.conversation_id.map(conversation),
        other_conversation: listed.other_conversation_id.map(conversation),
        related: listed.related_id.map(|id| format!("{}/mails/{id}", shell.base)),
        is_quarantined: listed.state == Settled::Quarantined,
        may_accept: listed.reason == Some(Reason::OtherSender),
        may_delete: shell.may_administer && !matches!(listed.state, Settled::Filed | Settled::Waiting),
        frame: read
            .as_ref()
            .and_then(|mail| mail.html.as_ref())
            .map(|_| format!("{base}/body{}", if loads_remote { "?pictures=1" } else { "" })),
        remote_pictures: if loads_remote { 0 } else { remote_pictures },
        text: read.as_ref().map_or(String::new(), |mail| {
            mail.text.chars().take(TEXT_CHARACTERS).collect()
        }),
        headers: read.as_ref().map_or(Vec::new(), |mail| {
            mail.headers
                .iter()
                .take(MOST_HEADERS)
                .map(|header| (header.name.clone(), mail::one_line(&header.text(), 2_000)))
                .collect()
        }),
        files: read.as_ref().map_or(Vec::new(), |mail| {
            mail.attachments
                .iter()
                .map(|file| {
                    let size = i64::try_from(file.content.len()).unwrap_or(i64::MAX);
                    (file.name.clone(), bytes_in_words(size))
                })
                .collect()
        }),
        is_read: read.is_some(),
        shell,
    };
    let mut response = page.shell.view.show(&page);
    headers::allow_own_frames(response.headers_mut());
    Ok(response)
}

fn verdict(mail: &Listed) -> (String, Tone) {
    let words = &mail.verdict_words;
    let (said, tone) = match mail.verdict.as_str() {
        "verified" => ("The author’s domain stands behind this mail", Tone::Good),
        "failed" => ("The author’s domain does not stand behind this mail", Tone::Bad),
        "unknown" => ("Nothing proves that this mail is its author’s", Tone::Unsure),
        _ => return (String::new(), Tone::Quiet),
    };
    let said = if words.is_empty() {
        said.to_owned()
    } else {
        format!("{said}: {words}")
    };
    (said, tone)
}

/// A length for people.
fn bytes_in_words(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// The mail's HTML made safe, and how many pictures from elsewhere it has.
fn cleaned(mail: &ParsedMail, loads_remote: bool) -> (String, usize) {
    let Some(written) = &mail.html else {
        return (String::new(), 0);
    };
    let left = std::cell::Cell::new(PICTURE_BYTES);
    let attached = |id: &str| {
        let file = mail
            .attachments
            .iter()
            .find(|file| file.content_id.as_deref() == Some(id))?;
        let kind = picture(file)?;
        // The frame has no origin, and so no session: its pictures have to be in it.
        left.set(left.get().checked_sub(file.content.len())?);
        Some(format!("data:{kind};base64,{}", STANDARD.encode(&file.content)))
    };
    let pictures = Pictures {
        attached: &attached,
        loads_remote,
    };
    let clean = clean(written, pictures);
    (clean.html.as_str().to_owned(), clean.remote_pictures)
}

/// What a picture is, by its first bytes; `None` for everything else, whatever it is called.
fn picture(file: &Attachment) -> Option<&'static str> {
    let content = file.content.as_slice();
    if content.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if content.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if content.starts_with(b"GIF87a") || content.starts_with(b"GIF89a") {
        Some("image/gif")
    } else if content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}

/// `GET /h/{helpdesk}/mails/{mail}/body`: the HTML of a mail, for the frame of its page.
///
/// # Errors
/// When there is no such mail in this helpdesk, or it has no HTML.
pub async fn body(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    Query(shown): Query<Shown>,
) -> Answer {
    let (_, mail) = mails::read(&app, reader.member.helpdesk_id, parsed(&id)?).await?;
    if mail.html.is_none() {
        return Err(Error::not_found("no_html", "This mail has no HTML").into());
    }
    let loads_remote = shown.pictures.is_some();
    let page = pages::BodyPage {
        html: cleaned(&mail, loads_remote).0,
    };
    let mut response = page.response();
    let pictures = if loads_remote { " https: http:" } else { "" };
    // No script, no form, no origin; styles of the mail are attributes that the sanitiser let through.
    let policy = format!(
        "default-src 'none'; img-src data:{pictures}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
    );
    headers::allow_framing(response.headers_mut(), &policy, Some("SAMEORIGIN"));
    Ok(response)
}

/// `GET /h/{helpdesk}/mails/{mail}/raw`: the mail as it came, as a download.
///
/// # Errors
/// When there is no such mail in this helpdesk.
pub async fn raw(State(app): State<App>, reader: Reader, Path((_, id)): Path<(String, String)>) -> Answer {
    let helpdesk_id = reader.member.helpdesk_id;
    let listed = mails::get(&app, helpdesk_id, parsed(&id)?).await?;
    let pieces = stream::try_unfold((app, 0_i64), move |(app, number)| async move {
        let piece = blobs::piece(&app, helpdesk_id, listed.blob_id, number).await?;
        Ok::<_, Error>(piece.map(|bytes| (Bytes::from(bytes), (app, number + 1))))
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("message/rfc822"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(listed.size));
    let name = format!("attachment; filename=\"{}.eml\"", listed.id);
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    Ok(response)
}

/// `POST /h/{helpdesk}/mails/{mail}/retry`: reads a mail in quarantine again.
///
/// # Errors
/// When the database refuses.
pub async fn retry(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Fields {}): Form<Fields>,
) -> Answer {
    let id: MailId = parsed(&id)?;
    let done = mails::retry(&app, &reader.member, id, false).await;
    answer(&app, &reader, &view, id, done, "The mail is read again")
}

/// `POST /h/{helpdesk}/mails/{mail}/delivery`: opens a conversation with a mail in quarantine.
///
/// # Errors
/// When the database refuses.
pub async fn deliver(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Fields {}): Form<Fields>,
) -> Answer {
    let id: MailId = parsed(&id)?;
    let done = mails::retry(&app, &reader.member, id, true).await;
    answer(&app, &reader, &view, id, done, "The mail becomes a conversation")
}

/// `POST /h/{helpdesk}/mails/{mail}/removal`.
///
/// # Errors
/// When there is no such mail in this helpdesk, or the reader is no administrator.
pub async fn remove(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Fields {}): Form<Fields>,
) -> Answer {
    let id: MailId = parsed(&id)?;
    match mails::delete(&app, reader.member.helpdesk_id, &reader.member.by(), id).await {
        Ok(()) => {
            let list = address(
                &frame::base(reader.member.helpdesk_id),
                Some(Settled::Quarantined),
            );
            Ok(view.redirect(&app, &list, Some(&Flash::say("The mail was deleted"))))
        }
        Err(error) => answer(&app, &reader, &view, id, Err(error), ""),
    }
}

/// `POST /h/{helpdesk}/mails/{mail}/acceptance`: takes another sender into the conversation.
///
/// # Errors
/// When the database refuses.
pub async fn accept(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Fields {}): Form<Fields>,
) -> Answer {
    let id: MailId = parsed(&id)?;
    match acceptance::accept(&app, &reader.member, id).await {
        Ok(conversation) => {
            let to = format!(
                "{}/conversations/{conversation}",
                frame::base(reader.member.helpdesk_id)
            );
            let say = Flash::say("The sender takes part from now on");
            Ok(view.redirect(&app, &to, Some(&say)))
        }
        Err(error) => answer(&app, &reader, &view, id, Err(error), ""),
    }
}

/// Goes back to the mail. One that was dealt with meanwhile is told, not refused.
fn answer(
    app: &App,
    reader: &Reader,
    view: &View,
    id: MailId,
    done: Result<(), Error>,
    good: &str,
) -> Result<Response, crate::web::error_page::ErrorPage> {
    let say = match done {
        Ok(()) => good.to_owned(),
        Err(error) if error.kind == Kind::Conflict => error.sentence,
        Err(error) => return Err(error.into()),
    };
    let back = format!("{}/mails/{id}", frame::base(reader.member.helpdesk_id));
    Ok(view.redirect(app, &back, Some(&Flash::say(&say))))
}
