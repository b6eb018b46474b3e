//! What a part says about itself: type, parameters, disposition, transfer encoding (RFC 2045, 2183,
//! 2231).

use super::{Header, words};
use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;
use std::borrow::Cow;

/// Longer values carry nothing that is used.
const VALUE_BYTES: usize = 8 * 1_024;

/// The declared nature of a part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kind {
    /// Like `text`; in lower case.
    main: String,
    /// Like `plain`; in lower case.
    sub: String,
    parameters: Vec<(String, String)>,
    disposition: String,
    disposition_parameters: Vec<(String, String)>,
    encoding: Encoding,
    /// Content-ID without angle brackets.
    pub(crate) content_id: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Encoding {
    #[default]
    None,
    QuotedPrintable,
    Base64,
}

impl Kind {
    /// Reads it from a part's headers. In a digest, parts are mails unless they say otherwise.
    pub(crate) fn of(headers: &[Header], in_digest: bool) -> Self {
        let value = |name: &str| {
            headers
                .iter()
                .find(|header| header.is(name))
                .map(|header| header.value.as_slice())
        };
        let (kind, parameters) = value("content-type").map(structured).unwrap_or_default();
        let (main, sub) = kind.split_once('/').unwrap_or((&kind, ""));
        let (main, sub) = match (main.trim(), sub.trim()) {
            ("", _) if in_digest => ("message", "rfc822"),
            ("", _) | ("text", "") => ("text", "plain"),
            found => found,
        };
        let (disposition, disposition_parameters) =
            value("content-disposition").map(structured).unwrap_or_default();
        let encoding = value("content-transfer-encoding").unwrap_or_default();
        let content_id = value("content-id").map(|id| String::from_utf8_lossy(id).into_owned());
        let content_id = content_id.map(|id| id.trim().trim_matches(['<', '>']).to_owned());
        Self {
            main: main.to_owned(),
            sub: sub.to_owned(),
            parameters,
            disposition,
            disposition_parameters,
            encoding: match encoding.trim_ascii().to_ascii_lowercase().as_slice() {
                b"base64" => Encoding::Base64,
                b"quoted-printable" => Encoding::QuotedPrintable,
                _ => Encoding::None,
            },
            content_id: content_id.filter(|id| !id.is_empty() && id.len() <= 250),
        }
    }

    pub(crate) fn is(&self, main: &str, sub: &str) -> bool {
        self.main == main && self.sub == sub
    }

    /// Like `text/plain`.
    pub(crate) fn name(&self) -> String {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
        let is_good = |part: &str| !part.is_empty() && part.len() <= 100 && part.chars().all(is_token);
        match is_good(&self.main) && is_good(&self.sub) {
            true => format!("{}/{}", self.main, self.sub),
            false => "application/octet-stream".to_owned(),
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        self.main == "text"
    }

    pub(crate) fn is_multipart(&self) -> bool {
        self.main == "multipart"
    }

    /// The delimiter of a multipart.
    pub(crate) fn boundary(&self) -> Option<&str> {
        let boundary = self.parameter("boundary").filter(|_| self.is_multipart())?;
        (!boundary.trim_end().is_empty()).then_some(boundary)
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        find(&self.parameters, name)
    }

    pub(crate) fn is_attachment(&self) -> bool {
        self.disposition == "attachment"
    }

    /// The name of the file as the sender wrote it: that of the disposition, or else that of the type.
    pub(crate) fn file_name(&self) -> Option<String> {
        let name = find(&self.disposition_parameters, "filename").or_else(|| self.parameter("name"))?;
        // Many programs write encoded words where RFC 2231 wants something else.
        Some(words::decode_words(name.as_bytes())).filter(|name| !name.trim().is_empty())
    }

    /// A body without its transfer encoding.
    pub(crate) fn decode<'a>(&self, body: &'a [u8]) -> Cow<'a, [u8]> {
        match self.encoding {
            Encoding::None => Cow::Borrowed(body),
            Encoding::QuotedPrintable => Cow::Owned(words::quoted_printable(body)),
            Encoding::Base64 => Cow::Owned(words::base_64(body)),
        }
    }
}

fn find<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = parameters
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// `value; name=value; …`, with what RFC 2231 adds. The value comes in lower case.
fn structured(value: &[u8]) -> (String, Vec<(String, String)>) {
    let line = [value.get(..VALUE_BYTES).unwrap_or(value), b"\n"].concat();
    let HeaderValue::ContentType(parsed) = MessageStream::new(&line).parse_content_type() else {
        return Default::default();
    };
    let mut kind = parsed.ctype().to_ascii_lowercase();
    if let Some(sub) = parsed.subtype() {
        kind.push('/');
        kind.push_str(&sub.to_ascii_lowercase());
    }
    let attributes = parsed.attributes().unwrap_or_default();
    let parameters = attributes
        .iter()
        .map(|each| (each.name.to_string(), each.value.to_string()));
    (kind, parameters.collect())
}
