//! The mail as it goes over the line: a dot at the beginning of a line is doubled, and nothing but
//! CRLF ends a line. A lone CR or LF is where two servers may see two different mails.

/// The bytes to send before the final dot; `None` when a line does not end in CRLF.
pub(super) fn stuffed(mail: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(mail.len() + 64);
    let mut before = b'\n';
    for (at, byte) in mail.iter().copied().enumerate() {
        let is_lone = match byte {
            b'\n' => before != b'\r',
            b'\r' => mail.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        if is_lone {
            return None;
        }
        if byte == b'.' && before == b'\n' {
            out.push(b'.');
        }
        out.push(byte);
        before = byte;
    }
    out.ends_with(b"\r\n").then_some(out)
}

#[cfg(test)]
mod tests {
    use super::stuffed;

    #[test]
    fn dots_are_doubled_at_the_beginning_of_lines_only() {
        for (mail, sent) in [
            ("a\r\n", "a\r\n"),
            (".\r\n", "..\r\n"),
            ("a.\r\n..\r\n.b.c\r\n", "a.\r\n...\r\n..b.c\r\n"),
            ("\r\n.\r\n\r\n", "\r\n..\r\n\r\n"),
        ] {
            assert_eq!(
                stuffed(mail.as_bytes()).as_deref(),
                Some(sent.as_bytes()),
                "{mail:?}"
            );
        }
    }

    #[test]
    fn lines_that_end_otherwise_are_not_sent() {
        for bad in [
            "",
            "a",
            "a\n",
            "a\r",
            "\n.\r\n",
            "\r.\r\n",
            "a\n.\nb\r\n",
            "a\r\r\n",
            "a\r\n\n",
        ] {
            assert_eq!(stuffed(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
