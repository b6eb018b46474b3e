//! Forms that carry files (`multipart/form-data`): short texts first, the files last, read as they come.
//!
//! A client that is refused may still be sending. What it sends is then read and dropped for a while, beside
//! the answer, because a connection that is closed at once may take the answer with it.

use crate::error::{Error, Kind, Result};
use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::{Stream, StreamExt};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// What a form may have besides its file.
const LONGEST_TEXTS: u64 = 64 * 1024;
const MOST_TEXTS: usize = 16;
/// A client that is silent for so long is gone.
const SILENT_FOR: Duration = Duration::from_secs(30);
/// As much as this of what a refused client is still sending is read and dropped.
const DROPPED: usize = 32 * 1024 * 1024;
const DROPPED_FOR: Duration = Duration::from_secs(10);

/// A form, up to its first file.
pub struct Multipart {
    /// The fields before the files, by name.
    pub fields: Vec<(String, String)>,
    /// The first file, if there is one.
    pub file: Option<File>,
    form: multer::Multipart<'static>,
    /// Parts besides files so far.
    others: usize,
    _rest: Rest,
}

/// A file of a form.
pub struct File {
    /// The name that its sender gave it.
    pub name: String,
    /// The name of its part.
    pub part: String,
    field: multer::Field<'static>,
}

/// How many bytes a form may have.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// In all its texts.
    pub texts: u64,
    /// In all its files.
    pub files: u64,
}

impl Multipart {
    /// Reads a form up to the first byte of its file. The file may have so many bytes.
    ///
    /// # Errors
    /// `unsupported_media_type`, `body_too_large`, or `invalid_form` when it breaks off or is none.
    pub async fn read(headers: &HeaderMap, body: Body, longest_file: u32) -> Result<Self> {
        let most = Most {
            texts: LONGEST_TEXTS,
            files: longest_file.into(),
        };
        Self::read_within(headers, body, most).await
    }

    /// Reads a form up to the first byte of its files. Others may follow the first: [`Self::next_file`].
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_within(headers: &HeaderMap, body: Body, most: Most) -> Result<Self> {
        let incoming = Incoming(Arc::new(Mutex::new(body.into_data_stream())));
        let rest = Rest(incoming.clone());
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let boundary = multer::parse_boundary(content_type).map_err(|_| {
            Error::new(
                Kind::UnsupportedMediaType,
                "unsupported_media_type",
                "Send the file as multipart/form-data, in a part with a file name",
            )
        })?;
        let size = multer::SizeLimit::new().whole_stream(most.files.saturating_add(most.texts));
        let constraints = multer::Constraints::new().size_limit(size);
        let mut read = Self {
            fields: Vec::new(),
            file: None,
            form: multer::Multipart::with_constraints(patient(incoming), boundary, constraints),
            others: 0,
            _rest: rest,
        };
        let mut length = 0;
        while let Some(part) = read.next_part(most.texts).await? {
            match part {
                Part::File(file) => {
                    read.file = Some(*file);
                    break;
                }
                Part::Text(name, text) => {
                    length += u64::try_from(text.len()).unwrap_or(u64::MAX);
                    if length > most.texts {
                        return Err(too_large());
                    }
                    let text = String::from_utf8(text).map_err(|_| invalid("The form is not UTF-8"))?;
                    read.fields.push((name, text));
                }
            }
        }
        Ok(read)
    }

    /// The next file, from the first one on. The one before must have been read or dropped.
    ///
    /// # Errors
    /// `body_too_large`, or `invalid_form` when a text follows a file, or the form breaks off.
    pub async fn next_file(&mut self) -> Result<Option<File>> {
        if let Some(first) = self.file.take() {
            return Ok(Some(first));
        }
        while let Some(part) = self.next_part(0).await? {
            match part {
                Part::File(file) => return Ok(Some(*file)),
                // An empty part is where no file was chosen; a text would be refused as too long.
                Part::Text(..) => {}
            }
        }
        Ok(None)
    }

    async fn next_part(&mut self, longest: u64) -> Result<Option<Part>> {
        let Some(mut field) = self.form.next_field().await.map_err(|error| broken(&error))? else {
            return Ok(None);
        };
        let part = field.name().unwrap_or_default().to_owned();
        // A browser sends an empty file where none was chosen.
        if let Some(name) = field.file_name().filter(|name| !name.is_empty()) {
            let name = name.to_owned();
            return Ok(Some(Part::File(Box::new(File { name, part, field }))));
        }
        if self.others == MOST_TEXTS {
            return Err(too_large());
        }
        self.others += 1;
        let mut text = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
            text.extend_from_slice(&chunk);
            if u64::try_from(text.len()).unwrap_or(u64::MAX) > longest {
                return Err(if longest == 0 { misplaced() } else { too_large() });
            }
        }
        Ok(Some(Part::Text(part, text)))
    }

    /// The first field of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, text)| text.as_str())
    }
}

enum Part {
    File(Box<File>),
    Text(String, Vec<u8>),
}

impl File {
    /// The bytes as they come.
    pub fn bytes(self) -> impl Stream<Item = Result<Bytes>> + Send {
        self.field.map(|chunk| chunk.map_err(|error| broken(&error)))
    }
}

fn broken(error: &multer::Error) -> Error {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => too_large(),
        multer::Error::StreamReadFailed(_) => invalid("The file did not arrive whole"),
        _ => invalid("The form is broken"),
    }
}

fn too_large() -> Error {
    Error::new(Kind::TooLarge, "body_too_large", "The form is too large")
}

fn misplaced() -> Error {
    invalid("The texts of the form must stand before its files")
}

fn invalid(sentence: &'static str) -> Error {
    Error::invalid("invalid_form", sentence)
}

/// Ends when the client says nothing for too long.
fn patient(
    incoming: Incoming,
) -> impl Stream<Item = std::result::Result<Bytes, axum::Error>> + Send + 'static {
    futures_util::stream::unfold(Some(incoming), |incoming| async move {
        let mut incoming = incoming?;
        match tokio::time::timeout(SILENT_FOR, incoming.next()).await {
            Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some(incoming))),
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(None) => None,
            Err(elapsed) => Some((Err(axum::Error::new(elapsed)), None)),
        }
    })
}

/// What a client sends. Whoever reads it may stop; the rest can still be read.
#[derive(Clone)]
struct Incoming(Arc<Mutex<BodyDataStream>>);

impl Stream for Incoming {
    type Item = std::result::Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_next(context)
    }
}

/// What was not read of a form when its handler is done with it.
struct Rest(Incoming);

impl Drop for Rest {
    fn drop(&mut self) {
        let mut incoming = self.0.clone();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(tokio::time::timeout(DROPPED_FOR, async move {
            let mut dropped = 0;
            while let Some(Ok(bytes)) = incoming.next().await {
                dropped += bytes.len();
                if dropped > DROPPED {
                    return;
                }
            }
        }));
    }
}
