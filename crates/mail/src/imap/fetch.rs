//! What a server tells of one mail (`FETCH`, RFC 3501, 7.4.2).

use super::{Part, Violation};

/// What is known of a mail; what was not told is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Its number, which stays as long as the folder's UIDVALIDITY does.
    pub uid: Option<u32>,
    /// Its length in bytes, as the server counts.
    pub size: Option<u64>,
    /// When the server got it, epoch milliseconds; absent also when it is no date.
    pub internal_ms: Option<i64>,
    /// The whole mail.
    pub body: Option<Vec<u8>>,
}

enum Token {
    Open,
    Close,
    Word(Vec<u8>),
    Text(Vec<u8>),
}

struct Tokens {
    parts: std::iter::Peekable<std::vec::IntoIter<Part>>,
    at: usize,
}

/// Reads the list behind `FETCH`, which begins at this byte of the first part.
pub(super) fn fetched(parts: Vec<Part>, at: usize) -> Result<Fetched, Violation> {
    let mut tokens = Tokens {
        parts: parts.into_iter().peekable(),
        at,
    };
    let broken = Violation::Malformed("what it tells of a mail is no list");
    let Some(Token::Open) = tokens.next()? else {
        return Err(broken);
    };
    let mut mail = Fetched::default();
    loop {
        let name = match tokens.next()?.ok_or(broken)? {
            Token::Close => break,
            Token::Word(name) => name.to_ascii_uppercase(),
            Token::Open | Token::Text(_) => return Err(broken),
        };
        let value = match tokens.next()?.ok_or(broken)? {
            Token::Close => return Err(broken),
            Token::Open => {
                tokens.leave_list()?;
                continue;
            }
            Token::Word(value) | Token::Text(value) => value,
        };
        match name.as_slice() {
            b"UID" => mail.uid = number(&value).and_then(|uid| u32::try_from(uid).ok()),
            b"RFC822.SIZE" => mail.size = number(&value),
            b"INTERNALDATE" => mail.internal_ms = date(&value),
            b"BODY[]" | b"RFC822" => mail.body = Some(value).filter(|value| value != b"NIL"),
            _ => {}
        }
    }
    Ok(mail)
}

impl Tokens {
    /// Leaves the list that was just entered, however many are within it.
    fn leave_list(&mut self) -> Result<(), Violation> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next()? {
                Some(Token::Open) => depth += 1,
                Some(Token::Close) => depth -= 1,
                Some(Token::Word(_) | Token::Text(_)) => {}
                None => return Err(Violation::Malformed("a list does not end")),
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Token>, Violation> {
        loop {
            let Some(part) = self.parts.peek_mut() else {
                return Ok(None);
            };
            let text = match part {
                Part::Text(text) => text,
                Part::Literal(bytes) => {
                    let bytes = std::mem::take(bytes);
                    self.parts.next();
                    self.at = 0;
                    return Ok(Some(Token::Text(bytes)));
                }
            };
            let Some(byte) = text.get(self.at) else {
                self.parts.next();
                self.at = 0;
                continue;
            };
            let byte = *byte;
            if byte == b' ' {
                self.at += 1;
                continue;
            }
            let rest = text.get(self.at + 1..).unwrap_or_default();
            let (token, length) = match byte {
                b'(' => (Token::Open, 0),
                b')' => (Token::Close, 0),
                b'"' => quoted(rest).ok_or(Violation::Malformed("a quoted text does not end"))?,
                _ => {
                    let length = word_length(rest);
                    let end = self.at + 1 + length;
                    (
                        Token::Word(text.get(self.at..end).unwrap_or_default().to_vec()),
                        length,
                    )
                }
            };
            self.at += 1 + length;
            return Ok(Some(token));
        }
    }
}

/// A quoted text without its first mark, and how long it was.
fn quoted(rest: &[u8]) -> Option<(Token, usize)> {
    let (mut text, mut escaped) = (Vec::new(), false);
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b'\\' if !escaped => escaped = true,
            b'"' if !escaped => return Some((Token::Text(text), at + 1)),
            _ => {
                escaped = false;
                text.push(*byte);
            }
        }
    }
    None
}

/// How far a word goes. Spaces and lists within brackets belong to it: `BODY[HEADER.FIELDS (DATE)]`.
fn word_length(rest: &[u8]) -> usize {
    let mut in_brackets = false;
    let end = rest.iter().position(|byte| {
        match byte {
            b'[' => in_brackets = true,
            b']' => in_brackets = false,
            b' ' | b'(' | b')' | b'"' => return !in_brackets,
            _ => {}
        }
        false
    });
    end.unwrap_or(rest.len())
}

fn number(text: &[u8]) -> Option<u64> {
    str::from_utf8(text).ok()?.parse().ok()
}

/// `27-Nov-2026 05:20:34 +0100` in epoch milliseconds.
fn date(text: &[u8]) -> Option<i64> {
    let text = str::from_utf8(text).ok()?.trim();
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let (day, time, zone) = (words.next()?, words.next()?, words.next()?);
    let mut day = day.split('-');
    let (number, month, year) = (day.next()?, day.next()?, day.next()?);
    let month = super::words::month(month)?;
    let days = super::words::days(year.parse().ok()?, month, number.parse().ok()?)?;
    let mut time = time.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes, seconds) = (time.next()??, time.next()??, time.next()??);
    let in_range = (0..24).contains(&hours) && (0..60).contains(&minutes) && (0..=60).contains(&seconds);
    let east: i64 = zone.parse().ok()?;
    let east = (-2_400..=2_400).contains(&east).then_some(east)?;
    let east = (east / 100) * 60 + east % 100;
    in_range.then_some((days * 86_400 + hours * 3_600 + (minutes - east) * 60 + seconds) * 1_000)
}
