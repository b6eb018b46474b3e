//! Files that come with a form, in the same request as its text: nothing is stored for anybody before all
//! that can be checked without them was checked.

use crate::app::App;
use crate::attachments;
use crate::attachments::receiving::{Place, Sender, Unkept, receive};
use crate::conversations::by_visitor::SentFile;
use crate::error::{Error, Kind, Result};
use crate::forms::settings::FormSettings;
use crate::ids::HelpdeskId;
use crate::web::client::ClientAddress;
use crate::web::multipart::{Most, Multipart};
use axum::body::Body;
use axum::http::{HeaderMap, header};
use std::time::Duration;

/// Files of one form.
pub(super) const MOST: usize = 5;
/// Bytes of all files of one form. One file has no more than others have in this installation.
pub(super) const MOST_BYTES: u32 = 25 * 1024 * 1024;
/// The texts of a form: as many bytes as a form without files can have.
const LONGEST_TEXTS: u64 = 256 * 1024;
/// A client that has not come to its first file by then holds a connection and nothing else.
const TEXTS_WITHIN: Duration = Duration::from_secs(30);
/// Nor does one whose files take longer than they do on a slow line.
const FILES_WITHIN: Duration = Duration::from_secs(15 * 60);
/// The part of each file.
const PART: &str = "file";

/// How many bytes one file may have.
pub(super) fn most_of_one(app: &App) -> u32 {
    app.config().attachment_bytes.min(MOST_BYTES)
}

/// Whether a request says that it can carry files.
pub(super) fn may_come(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// Reads a form up to the first byte of its files.
///
/// # Errors
/// `unsupported_media_type`, `body_too_large` or `invalid_form`.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Multipart> {
    let most = Most {
        texts: LONGEST_TEXTS,
        files: MOST_BYTES.into(),
    };
    let form = tokio::time::timeout(TEXTS_WITHIN, Multipart::read_within(headers, body, most)).await;
    let form = form.map_err(|_| Error::invalid("invalid_form", "The form did not arrive in time"))??;
    match &form.file {
        Some(file) if file.part != PART => Err(wrong_part()),
        _ => Ok(form),
    }
}

/// Refuses files where none are asked for.
///
/// # Errors
/// `files_not_wanted`.
pub(super) fn check_wanted(settings: &FormSettings, has_files: bool) -> Result<()> {
    if settings.asks_files || !has_files {
        return Ok(());
    }
    Err(Error::unprocessable(
        "files_not_wanted",
        "This form takes no files; send the message without them",
    ))
}

/// The files of a form, and what forgets them when they are not kept.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) files: Vec<SentFile>,
    unkept: Vec<Unkept>,
}

impl Taken {
    /// The message that they belong to has been committed.
    pub(super) fn kept(self) {
        self.unkept.into_iter().for_each(Unkept::kept);
    }
}

/// Takes the files of a form.
///
/// # Errors
/// When there are too many, or too many bytes, or they break off, or others are being taken already.
pub(super) async fn take(
    app: &App,
    helpdesk_id: HelpdeskId,
    client: ClientAddress,
    form: &mut Multipart,
) -> Result<Taken> {
    let _theirs = Place::take(app, Sender::Network(helpdesk_id, client.network()))?;
    let _one_of_all = Place::take(app, Sender::Strangers(helpdesk_id))?;
    tokio::time::timeout(FILES_WITHIN, receive_all(app, helpdesk_id, form))
        .await
        .map_err(|_| Error::invalid("invalid_form", "The files did not arrive in time"))?
}

async fn receive_all(app: &App, helpdesk_id: HelpdeskId, form: &mut Multipart) -> Result<Taken> {
    let (one, mut left) = (i64::from(most_of_one(app)), i64::from(MOST_BYTES));
    let mut taken = Taken::default();
    while let Some(file) = form.next_file().await? {
        attachments::refuse_more_than(MOST, taken.files.len() + 1)?;
        if file.part != PART {
            return Err(wrong_part());
        }
        let name = file.name.clone();
        let received = receive(app, helpdesk_id, one.min(left), file.bytes())
            .await
            .map_err(|error| match error.code {
                "attachment_too_large" if left < one => too_large_together(),
                _ => error,
            })?;
        left -= received.blob.size;
        taken.files.push(SentFile {
            id: app.new_id(),
            name,
            blob: received.blob,
        });
        taken.unkept.push(received.unkept);
    }
    Ok(taken)
}

fn wrong_part() -> Error {
    Error::invalid("invalid_form", "Send each file in a part with the name file")
}

fn too_large_together() -> Error {
    Error::new(
        Kind::TooLarge,
        "body_too_large",
        "Together these files are too large; they can have 25 MB",
    )
}
