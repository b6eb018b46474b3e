//! The client's side of IMAP (RFC 3501, RFC 9051) without a socket: bytes of a server go in, events come
//! out.
//!
//! ```text
//! feed(bytes) ─▶ next_event() ─▶ Some(event)   or None when more bytes are needed
//!                             ─▶ Violation     hang up: what follows cannot be trusted
//! ```
//!
//! A server may be hostile. What is kept of it is bounded here: the length of a line, of a literal, the
//! pieces of a response. Lists nest as deep as a line is long, and are counted instead of followed. How
//! much may come in all, and for how long, is for whoever reads from the socket.

mod fetch;
mod status;
mod words;

pub use fetch::Fetched;
pub use status::{Code, Condition, Status};
pub use words::{folder, quoted, uid_set, written_date};

use crate::one_line;

/// The text of a response, literals left out. Capabilities of real servers fill two thousand bytes.
const LINE_BYTES: usize = 16 * 1_024;
/// A literal that is no mail: the name of a folder, a part of an envelope.
const LITERAL_BYTES: u64 = 8 * 1_024;
/// Literals in one response.
const LITERALS: usize = 32;
/// What is shown of a line.
const SHOWN_CHARACTERS: usize = 300;

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It waits for more of a command (`+`), with its words or its challenge.
    Continue(String),
    /// The end of a command.
    Tagged {
        /// Which one.
        tag: String,
        /// How it ended.
        status: Status,
    },
    /// A status that belongs to no command: a greeting, a farewell, a fact about a folder.
    Untagged(Status),
    /// What the server can do, in capitals.
    Capability(Vec<String>),
    /// So many mails are in the folder.
    Exists(u32),
    /// One mail fewer is in the folder.
    Expunge,
    /// One result of a search; a response of many is many events.
    Found(u32),
    /// What is known of one mail.
    Fetch(Fetched),
    /// Something that nobody asked for.
    Other,
}

/// Why nothing more that this server says can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A line without end.
    #[error("a line does not end")]
    LongLine,
    /// A literal longer than what was asked for.
    #[error("it announced {0} bytes in one piece")]
    LongLiteral(u64),
    /// A response of too many pieces.
    #[error("a response does not end")]
    Endless,
    /// Not IMAP.
    #[error("it is not IMAP: {0}")]
    Malformed(&'static str),
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Line,
    /// Bytes of a literal, and how many are still to come.
    Literal { bytes: Vec<u8>, left: usize },
    /// Among the numbers of a search.
    Search { number: Option<u32> },
    /// What a search may say behind its numbers (`(MODSEQ 7)`).
    Skip,
}

#[derive(Debug)]
enum Part {
    Text(Vec<u8>),
    Literal(Vec<u8>),
}

/// Reads what a server says.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// How much of the buffer is read.
    start: usize,
    /// How much of the rest holds no end of a line.
    looked: usize,
    state: State,
    parts: Vec<Part>,
    text_bytes: usize,
    body_bytes: u64,
    shown: String,
}

impl Decoder {
    /// Takes bytes of the server.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// How long a mail (`BODY[]`) may be, in bytes: 0 where none was asked for.
    pub fn expect_body(&mut self, most_bytes: u64) {
        self.body_bytes = most_bytes;
    }

    /// True when nothing waits to be read: what was said is all that was heard.
    pub fn is_empty(&self) -> bool {
        self.rest().is_empty() && self.parts.is_empty() && matches!(self.state, State::Line)
    }

    /// The last event as one line for people.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The next event; `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`Violation`]; nothing that follows is to be read.
    pub fn next_event(&mut self) -> Result<Option<Event>, Violation> {
        loop {
            match std::mem::take(&mut self.state) {
                State::Line => match self.line()? {
                    Some(Line::Event(event)) => return Ok(Some(event)),
                    Some(Line::Goes) => {}
                    None => return Ok(None),
                },
                State::Literal { mut bytes, left } => {
                    let came = self.rest();
                    let taken = came.get(..left).unwrap_or(came);
                    bytes.extend_from_slice(taken);
                    let taken = taken.len();
                    self.consume(taken);
                    if taken < left {
                        self.state = State::Literal {
                            bytes,
                            left: left - taken,
                        };
                        return Ok(None);
                    }
                    self.parts.push(Part::Literal(bytes));
                }
                State::Search { number } => {
                    if let Some(found) = self.search(number)? {
                        return Ok(Some(Event::Found(found)));
                    }
                    if matches!(self.state, State::Search { .. }) {
                        return Ok(None);
                    }
                }
                State::Skip => {
                    let end = self.rest().iter().position(|byte| *byte == b'\n');
                    self.consume(end.map_or(self.rest().len(), |end| end + 1));
                    if end.is_none() {
                        self.state = State::Skip;
                        return Ok(None);
                    }
                }
            }
        }
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    fn consume(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.buffer.len());
        self.looked = 0;
    }

    fn line(&mut self) -> Result<Option<Line>, Violation> {
        const SEARCH: &[u8] = b"* SEARCH ";
        let rest = self.rest();
        let begins = self.parts.is_empty();
        if begins && rest.len() >= SEARCH.len() && starts_with(rest, SEARCH) {
            self.consume(SEARCH.len());
            self.state = State::Search { number: None };
            "* SEARCH …".clone_into(&mut self.shown);
            return Ok(Some(Line::Goes));
        }
        let looked = self.looked.min(rest.len());
        let found = rest
            .get(looked..)
            .and_then(|new| new.iter().position(|byte| *byte == b'\n'));
        let length = found.map_or(rest.len(), |found| looked + found);
        if self.text_bytes + length > LINE_BYTES {
            return Err(Violation::LongLine);
        }
        if found.is_none() {
            self.looked = length;
            return Ok(None);
        }
        let line = rest.get(..length).unwrap_or_default();
        let mut text = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
        self.consume(length + 1);
        self.text_bytes += text.len();
        let announced = if self.is_data(&text) {
            announced(&text)?
        } else {
            None
        };
        if let Some((before, bytes)) = announced {
            text.truncate(before);
            return self.literal(text, bytes).map(|()| Some(Line::Goes));
        }
        self.parts.push(Part::Text(text));
        let parts = std::mem::take(&mut self.parts);
        self.text_bytes = 0;
        self.shown = shown(&parts);
        event(parts).map(|event| Some(Line::Event(event)))
    }

    /// Whether the response is data, in which literals stand: the words of a status may end as they like.
    fn is_data(&self, text: &[u8]) -> bool {
        let first = match self.parts.first() {
            Some(Part::Text(first)) => first,
            _ => text,
        };
        first
            .strip_prefix(b"* ")
            .is_some_and(|rest| status::condition(rest).is_none())
    }

    fn literal(&mut self, text: Vec<u8>, bytes: u64) -> Result<(), Violation> {
        let is_body = ends_with(&text, b"BODY[] ") || ends_with(&text, b"RFC822 ");
        let allowed = if is_body {
            self.body_bytes.max(LITERAL_BYTES)
        } else {
            LITERAL_BYTES
        };
        let length = usize::try_from(bytes).ok().filter(|_| bytes <= allowed);
        let left = length.ok_or(Violation::LongLiteral(bytes))?;
        if self.parts.len() >= 2 * LITERALS {
            return Err(Violation::Endless);
        }
        self.parts.push(Part::Text(text));
        // What was announced may never come: room is made as it does.
        self.state = State::Literal {
            bytes: Vec::new(),
            left,
        };
        Ok(())
    }

    /// Reads up to the end of a number, or of what there is.
    fn search(&mut self, mut number: Option<u32>) -> Result<Option<u32>, Violation> {
        let mut read = 0;
        let mut ended = None;
        for byte in self.rest() {
            read += 1;
            match byte {
                b'0'..=b'9' => {
                    let digit = u32::from(byte - b'0');
                    let longer = number.unwrap_or(0).checked_mul(10);
                    let longer = longer.and_then(|number| number.checked_add(digit));
                    number = Some(longer.ok_or(Violation::Malformed("a number is too long"))?);
                }
                b' ' if number.is_none() => {}
                b' ' => {
                    ended = Some(State::Search { number: None });
                    break;
                }
                b'\r' => {}
                b'\n' => {
                    ended = Some(State::Line);
                    break;
                }
                b'(' => {
                    ended = Some(State::Skip);
                    break;
                }
                _ => return Err(Violation::Malformed("a search found no number")),
            }
        }
        self.consume(read);
        match ended {
            Some(state) => {
                self.state = state;
                Ok(number)
            }
            None => {
                self.state = State::Search { number };
                Ok(None)
            }
        }
    }
}

enum Line {
    Event(Event),
    /// The response goes on.
    Goes,
}

fn starts_with(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn ends_with(text: &[u8], suffix: &[u8]) -> bool {
    let start = text.len().checked_sub(suffix.len());
    start
        .and_then(|start| text.get(start..))
        .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

/// The literal that a line announces at its end (`{12}`, `{12+}`, `~{12}`): where the announcement begins,
/// and the bytes.
fn announced(text: &[u8]) -> Result<Option<(usize, u64)>, Violation> {
    let Some(inside) = text.strip_suffix(b"}") else {
        return Ok(None);
    };
    let Some(open) = inside.iter().rposition(|byte| *byte == b'{') else {
        return Ok(None);
    };
    let digits = inside.get(open + 1..).unwrap_or_default();
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Ok(None);
    }
    let bytes = str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    let bytes = bytes.ok_or(Violation::LongLiteral(u64::MAX))?;
    let before = text.get(..open).unwrap_or_default();
    let before = before.strip_suffix(b"~").unwrap_or(before).len();
    Ok(Some((before, bytes)))
}

fn event(parts: Vec<Part>) -> Result<Event, Violation> {
    let Some(Part::Text(first)) = parts.first() else {
        return Err(Violation::Malformed("a response begins with a literal"));
    };
    if let Some(words) = first.strip_prefix(b"+") {
        return Ok(Event::Continue(words_of(words)));
    }
    let Some(rest) = first.strip_prefix(b"* ") else {
        let (tag, rest) = word(first);
        let is_tag = !tag.is_empty() && tag.iter().all(u8::is_ascii_alphanumeric);
        let status = status::status(rest).filter(|_| is_tag);
        let status = status.ok_or(Violation::Malformed("a line is no response"))?;
        let tag = String::from_utf8_lossy(tag).into_owned();
        return Ok(Event::Tagged { tag, status });
    };
    if let Some(status) = status::status(rest) {
        return Ok(Event::Untagged(status));
    }
    let (name, rest) = word(rest);
    if name.eq_ignore_ascii_case(b"CAPABILITY") {
        return Ok(Event::Capability(status::capabilities(rest)));
    }
    let number = str::from_utf8(name)
        .ok()
        .and_then(|name| name.parse::<u32>().ok());
    let Some(number) = number else {
        return Ok(Event::Other);
    };
    let (kind, rest) = word(rest);
    if kind.eq_ignore_ascii_case(b"EXISTS") {
        return Ok(Event::Exists(number));
    }
    if kind.eq_ignore_ascii_case(b"EXPUNGE") {
        return Ok(Event::Expunge);
    }
    if kind.eq_ignore_ascii_case(b"FETCH") {
        let read = first.len() - rest.len();
        return fetch::fetched(parts, read).map(Event::Fetch);
    }
    Ok(Event::Other)
}

/// The first word, and what follows it.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| *byte == b' ').unwrap_or(text.len());
    let rest = text.get(end..).unwrap_or_default();
    (
        text.get(..end).unwrap_or_default(),
        rest.strip_prefix(b" ").unwrap_or(rest),
    )
}

fn words_of(text: &[u8]) -> String {
    one_line(String::from_utf8_lossy(text).trim(), SHOWN_CHARACTERS)
}

fn shown(parts: &[Part]) -> String {
    let mut line = String::new();
    for part in parts {
        match part {
            Part::Text(text) => line.push_str(&words_of(text)),
            Part::Literal(bytes) => line.push_str(&format!(" ({} bytes)", bytes.len())),
        }
    }
    one_line(&line, SHOWN_CHARACTERS)
}

#[cfg(test)]
mod tests;
