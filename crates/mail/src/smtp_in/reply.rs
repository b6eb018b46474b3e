//! Replies of the server (RFC 5321, 4.2) with their enhanced codes (RFC 2034, RFC 3463).

const TEXT_CHARACTERS: usize = 400;

/// One reply: three digits, an enhanced code and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    enhanced: &'static str,
    text: String,
}

impl Reply {
    /// A refusal for now: 451 when `code` is none of 400 to 499. `enhanced` is like `4.3.0`.
    pub fn later(code: u16, enhanced: &'static str, text: &str) -> Self {
        Self::new(
            if (400..500).contains(&code) { code } else { 451 },
            enhanced,
            text,
        )
    }

    /// A refusal for good: 550 when `code` is none of 500 to 599. `enhanced` is like `5.1.1`.
    pub fn never(code: u16, enhanced: &'static str, text: &str) -> Self {
        Self::new(
            if (500..600).contains(&code) { code } else { 550 },
            enhanced,
            text,
        )
    }

    pub(super) fn new(code: u16, enhanced: &'static str, text: &str) -> Self {
        // One line of printable ASCII: whatever a caller put in, it is one reply.
        let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
        let plain = text.chars().map(|c| if is_plain(c) { c } else { '?' });
        Self {
            code,
            enhanced,
            text: plain.take(TEXT_CHARACTERS).collect(),
        }
    }

    /// True for 421: the server says it and hangs up.
    pub(super) fn closes(&self) -> bool {
        self.code == 421
    }

    pub(super) fn write(&self, output: &mut Vec<u8>) {
        let space = if self.enhanced.is_empty() { "" } else { " " };
        let line = format!("{} {}{space}{}\r\n", self.code, self.enhanced, self.text);
        output.extend_from_slice(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::Reply;

    #[test]
    fn a_reply_is_one_line_whatever_it_says() {
        let mut output = Vec::new();
        Reply::never(250, "5.1.1", "no\r\n250 yes ünï").write(&mut output);
        assert_eq!(output, b"550 5.1.1 no??250 yes ?n?\r\n");
        output.clear();
        Reply::later(552, "4.3.0", "busy").write(&mut output);
        assert_eq!(output, b"451 4.3.0 busy\r\n");
    }
}
