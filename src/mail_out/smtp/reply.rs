//! What a server answers: codes for us, words for people. A server may be hostile: what it says is
//! bounded, made one line, and never believed to be anything but words.

use mail::one_line;

const WORDS: usize = 300;

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The code, from 200 to 599.
    pub(crate) code: u16,
    /// Its lines without the code.
    pub(crate) lines: Vec<String>,
}

impl Reply {
    /// The enhanced code (RFC 3463) at the beginning of its words, when its class fits.
    pub(crate) fn enhanced(&self) -> Option<(u16, u16, u16)> {
        let first = self.lines.first()?.split(' ').next()?;
        let mut numbers = first.split('.').map(|number| number.parse::<u16>().ok());
        let code = (numbers.next()??, numbers.next()??, numbers.next()??);
        (numbers.next().is_none() && code.0 == self.code / 100).then_some(code)
    }

    /// True when it says, about a recipient, that there is no such mailbox: what the relay may
    /// otherwise have against us (policy, a missing sign-in, our sender) says nothing about it.
    pub(crate) fn is_about_the_address(&self) -> bool {
        match self.enhanced() {
            Some((5, 1, 7..=9)) => false,
            Some((5, 1, _) | (5, 2, 1)) => true,
            Some(_) => false,
            None => matches!(self.code, 550 | 551 | 553),
        }
    }

    /// Code and words in one line.
    pub(crate) fn words(&self) -> String {
        one_line(&format!("{} {}", self.code, self.lines.join(" ")), WORDS)
    }
}

/// One line of an answer: its code, whether more follow, its words.
pub(super) fn line(bytes: &[u8]) -> Option<(u16, bool, String)> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let (digits, rest) = bytes.split_first_chunk::<3>()?;
    let good = matches!(digits, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9']);
    let code: u16 = std::str::from_utf8(digits).ok().filter(|_| good)?.parse().ok()?;
    let (more, words) = match rest.split_first() {
        None => (false, rest),
        Some((b' ', words)) => (false, words),
        Some((b'-', words)) => (true, words),
        Some(_) => return None,
    };
    Some((code, more, one_line(&String::from_utf8_lossy(words), WORDS)))
}

/// What a server offers in its answer to EHLO.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offers {
    pub(super) starttls: bool,
    pub(super) smtputf8: bool,
    pub(super) eight_bit: bool,
    /// The largest mail in bytes; 0 when it does not say.
    pub(super) size: Option<u64>,
    pub(super) auth: Vec<String>,
}

impl Offers {
    pub(super) fn of(reply: &Reply) -> Self {
        let mut offers = Self::default();
        for line in reply.lines.iter().skip(1) {
            // Some old servers write `AUTH=LOGIN`.
            let line = line.to_ascii_uppercase().replacen("AUTH=", "AUTH ", 1);
            let mut words = line.split(' ').filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => offers.starttls = true,
                Some("SMTPUTF8") => offers.smtputf8 = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SIZE") => offers.size = Some(words.next().and_then(|n| n.parse().ok()).unwrap_or(0)),
                Some("AUTH") => offers.auth.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u16, words: &str) -> Reply {
        Reply {
            code,
            lines: vec![words.to_owned()],
        }
    }

    #[test]
    fn lines_are_read_strictly() {
        assert_eq!(line(b"250 ok\r\n"), Some((250, false, "ok".to_owned())));
        assert_eq!(line(b"250-SIZE 10\n"), Some((250, true, "SIZE 10".to_owned())));
        assert_eq!(line(b"354\r\n"), Some((354, false, String::new())));
        assert_eq!(
            line(b"550 a\xffb\x1b[31m\r\n"),
            Some((550, false, "a\u{fffd}b [31m".to_owned()))
        );
        for bad in [
            "",
            "\r\n",
            "25",
            "250:ok",
            "150 ok",
            "650 ok",
            "2x0 ok",
            "HTTP/1.1 400 Bad Request",
        ] {
            assert_eq!(line(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn only_some_refusals_of_a_recipient_are_about_the_address() {
        for (code, words, is_about) in [
            (550, "5.1.1 no such user", true),
            (550, "5.1.10 recipient not found", true),
            (553, "5.1.3 bad address", true),
            (550, "5.2.1 mailbox disabled", true),
            (550, "no such user", true),
            (550, "5.7.1 relaying denied", false),
            (552, "5.2.2 mailbox full", false),
            (550, "5.1.8 sender rejected", false),
            (530, "5.7.0 authentication required", false),
            (530, "authentication required", false),
            (554, "transaction failed", false),
            // A class that contradicts the code says nothing.
            (550, "4.7.1 odd", true),
        ] {
            assert_eq!(
                reply(code, words).is_about_the_address(),
                is_about,
                "{code} {words}"
            );
        }
    }

    #[test]
    fn offers_are_taken_from_the_lines_after_the_first() {
        let lines = [
            "AUTH PLAIN",
            "SIZE 1000",
            "auth=LOGIN",
            "AUTH plain  XOAUTH2",
            "smtputf8",
            "STARTTLS",
        ];
        let offers = Offers::of(&Reply {
            code: 250,
            lines: lines.map(str::to_owned).to_vec(),
        });
        assert_eq!(offers.auth, ["LOGIN", "PLAIN", "XOAUTH2"]);
        assert_eq!(offers.size, Some(1000));
        assert!(offers.smtputf8 && offers.starttls && !offers.eight_bit);
    }
}
