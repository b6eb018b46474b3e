//! What a mail says, without the marks of the way it took: the same mail by several doors has the same.

use mail::parsed::ParsedMail;
use sha2::{Digest, Sha256};

/// Headers that their author writes and servers on the way leave alone.
const WRITTEN: &[&str] = &[
    "from",
    "sender",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
];

/// The hash of what the author wrote: their headers without folds, and the body with its lines ending
/// alike. Servers add headers, and some change line ends; whoever changes more makes another mail.
pub(super) fn hash(raw: &[u8], mail: &ParsedMail) -> [u8; 32] {
    let mut hash = Sha256::new();
    for name in WRITTEN {
        for header in mail.all(name) {
            hash.update(name.as_bytes());
            hash.update([0]);
            let words = header
                .value
                .split(u8::is_ascii_whitespace)
                .filter(|word| !word.is_empty());
            for word in words {
                hash.update(word);
                hash.update(b" ");
            }
            hash.update([0]);
        }
    }
    hash.update([1]);
    let mut blank = 0_usize;
    for line in body(raw).split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            blank += 1;
            continue;
        }
        // Blank lines at the end come and go.
        for _ in 0..std::mem::take(&mut blank) {
            hash.update(b"\n");
        }
        hash.update(line);
        hash.update(b"\n");
    }
    hash.finalize().into()
}

/// What follows the first blank line.
fn body(raw: &[u8]) -> &[u8] {
    let mut rest = raw;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end + 1);
        rest = after;
        if line == b"\n" || line == b"\r\n" {
            return rest;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::hash;
    use mail::parsed::{Limits, parse};

    fn of(raw: &str) -> [u8; 32] {
        hash(
            raw.as_bytes(),
            &parse(raw.as_bytes(), &Limits::default()).unwrap(),
        )
    }

    const MAIL: &str =
        "From: a@x.example\nTo: b@y.example\nSubject: One two\nMessage-ID: <1@x>\n\nHello\n\nthere\n";

    #[test]
    fn the_way_it_took_does_not_count() {
        for same in [
            format!("Received: from z by y; today\nX-Spam: no\n{MAIL}"),
            MAIL.replace('\n', "\r\n"),
            MAIL.replace("One two", "One\n two"),
            format!("{MAIL}\n\n"),
        ] {
            assert_eq!(of(&same), of(MAIL), "{same}");
        }
    }

    #[test]
    fn what_the_author_wrote_counts() {
        for (from, to) in [
            ("a@x.example", "c@x.example"),
            ("<1@x>", "<2@x>"),
            ("One two", "One three"),
            ("Hello\n", "Hello!\n"),
            ("Hello\n\nthere", "Hello\nthere"),
            ("there", "-- \nthere"),
        ] {
            assert_ne!(of(&MAIL.replace(from, to)), of(MAIL), "{from}");
        }
    }
}
