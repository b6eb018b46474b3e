//! A reader of mail that accepts what RFC 5322 and 2045 to 2047 allow and nothing else. Tests hold
//! outgoing mail against it; real mail is read by a lenient parser.

use base64::Engine;

mod body;
mod words;

pub use words::decode as decode_words;

/// A header, unfolded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name as written.
    pub name: String,
    /// Its value without the fold.
    pub value: String,
}

/// A mail of two alternatives, taken apart.
#[derive(Clone, Debug)]
pub struct StrictMail {
    /// The headers in order.
    pub headers: Vec<Header>,
    /// The text part, decoded.
    pub text: String,
    /// The HTML part, decoded.
    pub html: String,
}

/// What is against the rules, with the line.
pub type Offence = String;

/// Headers that stand at most once (RFC 5322, 3.6), and those of ours.
const ONCE: &[&str] = &[
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "message-id",
    "in-reply-to",
    "references",
    "subject",
    "date",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "x-auto-response-suppress",
    "x-helpdesky-loop",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "dkim-signature",
];
const NEEDED: &[&str] = &[
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
];
const LONGEST_LINE: usize = 998;

impl StrictMail {
    /// The value of a header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value.as_str())
    }

    /// The names of all headers in lower case, in order.
    pub fn names(&self) -> Vec<String> {
        self.headers
            .iter()
            .map(|header| header.name.to_ascii_lowercase())
            .collect()
    }
}

/// Reads a mail strictly. `utf8` allows UTF-8 in headers (RFC 6532).
///
/// # Errors
/// The first offence.
pub fn read(bytes: &[u8], utf8: bool) -> Result<StrictMail, Offence> {
    let lines = lines(bytes)?;
    let (headers, body) = headers(&lines, utf8)?;
    for name in NEEDED {
        if !headers
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case(name))
        {
            return Err(format!("there is no {name}"));
        }
    }
    for header in &headers {
        check_value(header)?;
    }
    let value = |name: &str| {
        headers
            .iter()
            .find(|h| h.name.eq_ignore_ascii_case(name))
            .map(|h| h.value.clone())
    };
    let content_type = value("content-type").unwrap_or_default();
    let (text, html) = body::alternatives(&content_type, body)?;
    Ok(StrictMail { headers, text, html })
}

/// Lines end in CRLF, and CR and LF stand nowhere else.
fn lines(bytes: &[u8]) -> Result<Vec<&[u8]>, Offence> {
    let Some(inside) = bytes.strip_suffix(b"\r\n") else {
        return Err("it does not end in CRLF".to_owned());
    };
    let mut lines = Vec::new();
    let mut rest = inside;
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n");
        let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
        let number = lines.len() + 1;
        if line.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return Err(format!("line {number} holds CR, LF or NUL"));
        }
        if line.len() > LONGEST_LINE {
            return Err(format!("line {number} has {} bytes", line.len()));
        }
        lines.push(line);
        match after.get(2..) {
            Some(next) => rest = next,
            None => return Ok(lines),
        }
    }
}

/// Reads headers up to the empty line; what follows is the body.
fn headers<'a, 'b>(lines: &'a [&'b [u8]], utf8: bool) -> Result<(Vec<Header>, &'a [&'b [u8]]), Offence> {
    let mut headers: Vec<Header> = Vec::new();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        rest = after;
        if line.is_empty() {
            return Ok((headers, rest));
        }
        let text = std::str::from_utf8(line).map_err(|_| "a header is not UTF-8".to_owned())?;
        if !utf8 && !text.is_ascii() {
            return Err(format!("a header is not ASCII: {text}"));
        }
        if text
            .chars()
            .any(|c| (c.is_control() && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}'))
        {
            return Err(format!("a header holds a control character: {text:?}"));
        }
        if text.starts_with([' ', '\t']) {
            let Some(last) = headers.last_mut() else {
                return Err("the first line is folded".to_owned());
            };
            if text.trim().is_empty() {
                return Err(format!("{} has a line of white space", last.name));
            }
            last.value.push_str(text);
            continue;
        }
        let (name, value) = text.split_once(':').ok_or_else(|| format!("no header: {text}"))?;
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(format!("no name of a header: {name:?}"));
        }
        let is_again = headers
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case(name));
        if is_again && ONCE.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(format!("{name} stands twice"));
        }
        headers.push(Header {
            name: name.to_owned(),
            value: value.trim_start().to_owned(),
        });
    }
    Err("there is no empty line after the headers".to_owned())
}

fn check_value(header: &Header) -> Result<(), Offence> {
    let (name, value) = (header.name.to_ascii_lowercase(), header.value.as_str());
    let wrong = |what: &str| Err(format!("{name} {what}: {value}"));
    match name.as_str() {
        "from" | "to" | "reply-to" if !is_mailbox(value) => wrong("is no single mailbox"),
        "message-id" | "in-reply-to" if !is_message_id(value) => wrong("is no Message-ID"),
        "references" if !value.split_ascii_whitespace().all(is_message_id) => wrong("holds something else"),
        "date" if !is_date(value) => wrong("is no date"),
        "mime-version" if value != "1.0" => wrong("is not 1.0"),
        "subject" => words::decode(value).map(|_| ()),
        _ => Ok(()),
    }
}

/// `"Name" <local@domain>`, where the name is one quoted string, atoms or encoded words.
fn is_mailbox(value: &str) -> bool {
    let Some((name, address)) = value.rsplit_once('<') else {
        return false;
    };
    let Some(address) = address.strip_suffix('>') else {
        return false;
    };
    let name = name.trim_end();
    let is_quoted = name
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .is_some_and(|inside| {
            let mut escaped = false;
            let good = inside.chars().all(|c| {
                let good = escaped || c != '"';
                escaped = !escaped && c == '\\';
                good
            });
            good && !escaped
        });
    let is_words =
        !name.is_empty() && !name.contains(['"', '<', '>', '@', ',', ';', ':', '\\', '(', ')', '[', ']']);
    let good_name = name.is_empty() || is_quoted || (is_words && words::decode(name).is_ok());
    good_name
        && address.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !address.contains([' ', '\t', '<', '>'])
        })
}

fn is_message_id(value: &str) -> bool {
    let inside = value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    inside.is_some_and(|id| {
        id.matches('@').count() == 1
            && !id.starts_with('@')
            && !id.ends_with('@')
            && id
                .bytes()
                .all(|b| b.is_ascii_graphic() && !b"<>()[],;:\\\"".contains(&b))
    })
}

/// `Thu, 26 Nov 2026 10:00:00 +0000`.
fn is_date(value: &str) -> bool {
    const DAYS: &[&str] = &["Mon,", "Tue,", "Wed,", "Thu,", "Fri,", "Sat,", "Sun,"];
    const MONTHS: &[&str] = &[
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let parts: Vec<&str> = value.split(' ').collect();
    let [day, date, month, year, time, zone] = parts.as_slice() else {
        return false;
    };
    let digits = |text: &str, least, most| {
        (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let time_is_good = time.len() == 8 && time.split(':').all(|part| digits(part, 2, 2));
    let zone_is_good = zone
        .strip_prefix(['+', '-'])
        .is_some_and(|zone| digits(zone, 4, 4));
    DAYS.contains(day)
        && digits(date, 1, 2)
        && MONTHS.contains(month)
        && digits(year, 4, 4)
        && time_is_good
        && zone_is_good
}

/// Base 64 with padding, as MIME writes it.
fn base64(text: &str) -> Result<Vec<u8>, Offence> {
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_err(|error| format!("no base 64: {error}"))
}

#[cfg(test)]
mod tests;
