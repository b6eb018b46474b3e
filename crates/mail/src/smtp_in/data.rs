//! What stands between DATA and the final dot (RFC 5321, 4.1.1.4 and 4.5.2).
//!
//! Only CR LF ends a line. Servers that let a lone LF or CR do so can be made to see two mails where
//! another server saw one, so a mail that holds one is taken to its real end and then refused.

/// Where in a line the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// At the beginning of a line.
    #[default]
    Start,
    /// After a dot at the beginning of a line.
    Dot,
    /// After a dot and a CR, which stand alone in their line if an LF follows.
    DotCr,
    /// Inside a line.
    Inside,
    /// After a CR.
    Cr,
}

/// Takes the dots of transparency away and finds the end, over any number of pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Decoder {
    at: At,
    /// True once a CR or LF stood alone.
    pub(super) has_lone_line_end: bool,
}

impl Decoder {
    /// Decodes a piece into `decoded`. Gives how many bytes were used, and true when the last of them
    /// ended the data.
    pub(super) fn decode(&mut self, piece: &[u8], decoded: &mut Vec<u8>) -> (usize, bool) {
        for (position, byte) in piece.iter().enumerate() {
            self.at = match (self.at, byte) {
                (At::DotCr, b'\n') => {
                    self.at = At::Start;
                    return (position + 1, true);
                }
                (At::Cr, b'\n') => {
                    decoded.extend_from_slice(b"\r\n");
                    At::Start
                }
                (At::Start, b'.') => At::Dot,
                (At::Dot, b'\r') => At::DotCr,
                (at, byte) => {
                    if matches!(at, At::Cr | At::DotCr) {
                        self.has_lone_line_end = true;
                        decoded.push(b'\r');
                    }
                    match byte {
                        b'\r' => At::Cr,
                        b'\n' => {
                            self.has_lone_line_end = true;
                            decoded.push(b'\n');
                            At::Inside
                        }
                        other => {
                            decoded.push(*other);
                            At::Inside
                        }
                    }
                }
            };
        }
        (piece.len(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::Decoder;

    fn decoded(given: &[u8]) -> (Vec<u8>, usize, bool, bool) {
        let (mut decoder, mut bytes) = (Decoder::default(), Vec::new());
        let (used, ended) = decoder.decode(given, &mut bytes);
        (bytes, used, ended, decoder.has_lone_line_end)
    }

    #[test]
    fn dots_are_taken_away_and_only_a_dot_in_a_line_of_its_own_ends() {
        for (given, expected) in [
            (&b".\r\n"[..], &b""[..]),
            (b"a\r\n.\r\n", b"a\r\n"),
            (b"..\r\n.\r\n", b".\r\n"),
            (b"..a\r\n.b\r\n.\r\n", b".a\r\nb\r\n"),
            (b"a.\r\n.\r\n", b"a.\r\n"),
            (b"\r\n\r\n.\r\n", b"\r\n\r\n"),
        ] {
            assert_eq!(decoded(given), (expected.to_vec(), given.len(), true, false));
        }
    }

    #[test]
    fn nothing_else_ends_the_data() {
        for given in [
            &b"a\n.\n"[..],
            b"a\n.\r\n",
            b"a\r.\r",
            b"a\r.\r\n",
            b"a\r\n.\n",
            b"a\r\n.\r",
            b"a\r\n.\r\r\n",
            b"a\r\n.\0\r\n",
            b"a\r\n. \r\n",
            b"a\r\r\n.\r\r\n",
            b"a\n\n.\r\n",
            b"a\r\n.\n\r\n",
        ] {
            assert!(!decoded(given).2, "{given:?}");
        }
    }

    #[test]
    fn lone_line_ends_are_seen() {
        for given in [
            &b"a\nb\r\n.\r\n"[..],
            b"a\rb\r\n.\r\n",
            b"a\r\r\n.\r\n",
            b".\ra\r\n.\r\n",
            b"\n.\r\n.\r\n",
        ] {
            let (_, used, ended, lone) = decoded(given);
            assert!(ended && lone && used == given.len(), "{given:?}");
        }
    }
}
