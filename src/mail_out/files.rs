//! Files of the messages in a mail: all are named, and those that fit go along.

use super::outgoing::{Outgoing, Recipient};
use crate::app::App;
use crate::attachments::{Attachment, blobs};
use crate::error::Result;

/// Bytes of the files of one mail. Encoded they are a third more, and many servers take 10 MB.
const MOST_BYTES: i64 = 5 * 1024 * 1024;

/// The files that go along, in their order: to contacts who proved their address, as many as fit. Operators
/// have them in the dashboard.
pub(super) fn carried(mail: &Outgoing) -> Vec<&Attachment> {
    let is_proved =
        matches!(mail.recipient, Recipient::Contact { .. }) && !mail.content_free && !mail.unverified;
    if !is_proved {
        return Vec::new();
    }
    let mut left = MOST_BYTES;
    let files = mail.messages.iter().flat_map(|message| &message.files);
    files
        .filter(|file| {
            let fits = file.size <= left;
            left -= if fits { file.size } else { 0 };
            fits
        })
        .collect()
}

/// The parts of a mail that hold them. One that was taken back meanwhile is left out.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn parts(app: &App, mail: &Outgoing) -> Result<Vec<mail::File>> {
    let mut parts = Vec::new();
    for file in carried(mail) {
        if let Some(bytes) = blobs::read(app, file.helpdesk_id, file.blob_id).await? {
            parts.push(mail::File {
                name: file.name.clone(),
                content_type: file.content_type.clone(),
                bytes,
            });
        }
    }
    Ok(parts)
}

/// What stands below a message about its files: each with its length, and whether it is missing here.
pub(super) fn told(mail: &Outgoing, files: &[Attachment]) -> Vec<String> {
    let carried = carried(mail);
    let is_contact = matches!(mail.recipient, Recipient::Contact { .. });
    let told = files.iter().map(|file| {
        let goes_along = carried.iter().any(|other| other.id == file.id);
        let missing = if is_contact && !goes_along {
            ", not in this email"
        } else {
            ""
        };
        format!("{} ({}{missing})", file.name, file.size_in_words())
    });
    told.collect()
}
