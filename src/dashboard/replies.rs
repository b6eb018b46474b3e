//! Answers to the contact.

use super::access::{Reader, parsed};
use super::conversations::{self, Which};
use super::pages::inbox::Composer;
use super::{Answer, frame, notes};
use crate::app::App;
use crate::attachments;
use crate::conversations::by_operator::{self, Key, Mailing};
use crate::conversations::text::{Body, Content};
use crate::error::{Error, Kind};
use crate::ids::{AttachmentId, ConversationId};
use crate::web::csrf::Form;
use crate::web::page::View;
use axum::extract::{Path, State};
use serde::Deserialize;
use sha2::{Digest, Sha256};

const LONGEST_KEY: usize = 64;

/// What the box sends, for replies and for notes.
#[derive(Debug, Deserialize)]
pub struct Fields {
    body: String,
    view: Option<String>,
    key: Option<String>,
    then: Option<String>,
    /// Which of the two the box stood at.
    mode: Option<String>,
    /// The last entry that was on the page when the text was begun.
    seen: Option<i64>,
    /// Whether the reply is mailed without the hold.
    instantly: Option<String>,
    /// The ids of the files that go with it.
    attachments: Option<String>,
    /// Who gets a copy, with blanks between them.
    #[serde(rename = "copies[]")]
    copies: Option<String>,
    /// The name of a file that was chosen and not uploaded: browsers without scripts send it so.
    file: Option<String>,
}

impl Fields {
    /// A box that stood at "Private note" is a note, whatever the button: what was meant for
    /// colleagues must never reach the contact.
    fn is_note(&self) -> bool {
        self.mode.as_deref() == Some("note")
    }

    fn mailing(&self) -> Mailing {
        if self.instantly.is_some() {
            Mailing::Instantly
        } else {
            Mailing::Held
        }
    }
}

/// `POST /h/{helpdesk}/conversations/{conversation}/replies`.
///
/// # Errors
/// When there is no such conversation in this helpdesk.
pub async fn create(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    if fields.is_note() {
        return notes::write(&app, &reader, &id, view, fields).await;
    }
    let closes = fields.then.as_deref() == Some("close");
    let seen = fields.seen.unwrap_or(i64::MAX);
    let (view, ready) = match ready(&app, &reader, &id, view, fields, false).await {
        Ok(ready) => ready,
        Err(answer) => return answer,
    };
    let written = by_operator::reply_unless_answered(
        &app,
        &reader.member,
        ready.id,
        (ready.content.clone(), ready.mailing, ready.copies.clone()),
        ready.key.clone(),
        seen,
    )
    .await;
    match written {
        Ok(_) => {}
        Err(error) if error.code == by_operator::ANSWERED_MEANWHILE => {
            return answered(&app, &reader, view, ready, seen).await;
        }
        Err(error) if error.kind == Kind::Conflict => {
            return changed(&app, &reader, view, ready, false).await;
        }
        Err(error) if error.kind == Kind::Unprocessable => {
            return again(&app, &reader, view, ready, error, false).await;
        }
        Err(error) => return Err(error.into()),
    }
    let mut say = None;
    if closes {
        by_operator::close(&app, &reader.member, ready.id).await?;
        say = Some(super::closure::closed(&reader, ready.id, ready.which));
    }
    Ok(view.redirect(&app, &ready.back, say.as_ref()))
}

/// Something that may be written now: checked.
pub(super) struct Ready {
    pub(super) id: ConversationId,
    pub(super) content: Content,
    /// Makes the same form sent twice one message.
    pub(super) key: Option<Key>,
    /// The list from which the operator came.
    pub(super) which: Which,
    /// The page to go back to.
    pub(super) back: String,
    typed: String,
    mailing: Mailing,
    /// Who gets a copy.
    copies: Vec<String>,
}

impl Ready {
    /// The box again, as it was, with a fresh key.
    fn box_again(self, app: &App, is_note: bool) -> Composer {
        Composer {
            key: app.random().token(),
            text: self.typed,
            is_note,
            instantly: self.mailing == Mailing::Instantly,
            chosen: Some(self.copies),
            ..Composer::default()
        }
    }
}

/// Checks what the box sent. An `Err` is the answer: the box again with what is wrong.
pub(super) async fn ready(
    app: &App,
    reader: &Reader,
    id: &str,
    view: View,
    fields: Fields,
    is_note: bool,
) -> Result<(View, Ready), Answer> {
    let id: ConversationId = parsed(id).map_err(Err)?;
    let which = Which::named(fields.view.as_deref());
    let back = which.conversation(&frame::base(reader.member.helpdesk_id), id);
    let mailing = fields.mailing();
    let attachments = fields.attachments.unwrap_or_default();
    let copies = fields.copies.unwrap_or_default();
    let key = form_key(fields.key, id, &[&fields.body, &attachments, &copies], is_note);
    let copies: Vec<String> = copies.split_ascii_whitespace().map(str::to_owned).collect();
    match content(&fields.body, &attachments, fields.file.as_deref()) {
        Ok(content) => Ok((
            view,
            Ready {
                id,
                content,
                key,
                which,
                back,
                typed: fields.body,
                mailing,
                copies,
            },
        )),
        Err(error) => {
            let composer = Composer {
                key: app.random().token(),
                text: fields.body,
                is_note,
                error: Some(error.sentence),
                instantly: mailing == Mailing::Instantly,
                chosen: Some(copies),
                ..Composer::default()
            };
            Err(conversations::refuse(app, reader, view, id, which, composer).await)
        }
    }
}

/// Somebody else answered since this text was begun. It stays in the box, below what they wrote, and
/// can be sent all the same.
async fn answered(app: &App, reader: &Reader, view: View, ready: Ready, seen: i64) -> Answer {
    let (id, which) = (ready.id, ready.which);
    let composer = Composer {
        answered_after: Some(seen),
        ..ready.box_again(app, false)
    };
    conversations::refuse(app, reader, view, id, which, composer).await
}

/// Somebody went back in their browser and wrote something else into a box that was sent already.
/// Their words stay in the box, which has a fresh key.
pub(super) async fn changed(app: &App, reader: &Reader, view: View, ready: Ready, is_note: bool) -> Answer {
    let (id, which) = (ready.id, ready.which);
    let composer = Composer {
        error: Some("Other words were sent from this box already. Send again to send these too".to_owned()),
        ..ready.box_again(app, is_note)
    };
    conversations::refuse(app, reader, view, id, which, composer).await
}

/// What is to be written, checked.
fn content(body: &str, attachments: &str, not_uploaded: Option<&str>) -> Result<Content, Error> {
    if not_uploaded.is_some_and(|name| !name.is_empty()) {
        return Err(Error::unprocessable(
            "file_not_uploaded",
            "The file you chose is not uploaded yet. Choose it again, press “Attach”, then send",
        ));
    }
    let ids = attachments
        .split(' ')
        .filter(|id| !id.is_empty())
        .map(|id| id.parse().map_err(|_| attachments::unknown()));
    Ok(Content {
        body: Body::parse(&typed(body))?,
        files: ids.collect::<Result<Vec<AttachmentId>, Error>>()?,
    })
}

/// The box again, with what is wrong: a file that is gone, or too many of them.
pub(super) async fn again(
    app: &App,
    reader: &Reader,
    view: View,
    ready: Ready,
    error: Error,
    is_note: bool,
) -> Answer {
    let (id, which) = (ready.id, ready.which);
    let composer = Composer {
        error: Some(error.sentence),
        ..ready.box_again(app, is_note)
    };
    conversations::refuse(app, reader, view, id, which, composer).await
}

fn form_key(text: Option<String>, id: ConversationId, parts: &[&str], is_note: bool) -> Option<Key> {
    let text = text.filter(|text| {
        (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    })?;
    let mut hash = Sha256::new();
    hash.update([u8::from(is_note)]);
    hash.update(id.0.as_bytes());
    for part in parts.iter().filter(|part| !part.is_empty()) {
        hash.update(part.as_bytes());
    }
    Some(Key {
        text,
        body_hash: hash.finalize().into(),
    })
}

/// Browsers send line ends as CRLF, whatever was typed.
fn typed(body: &str) -> String {
    body.replace("\r\n", "\n")
}
