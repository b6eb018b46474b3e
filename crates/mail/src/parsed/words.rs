//! Encoded words (RFC 2047) and the transfer encodings of bodies (RFC 2045, 6), read as leniently as mail
//! programs write them.

use super::charset;

/// An encoded word has at most 75 bytes; some programs never end one.
const WORD_BYTES: usize = 2_000;
const LABEL_BYTES: usize = 60;

/// Decodes a header's value. Neighbouring words of one set are one text: programs cut characters apart.
pub(crate) fn decode_words(value: &[u8]) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    // Bytes of the words read last, and their set.
    let mut open: Option<(Vec<u8>, String)> = None;
    let mut plain = Vec::new();
    while let Some((byte, after)) = rest.split_first() {
        if *byte == b'='
            && let Some((label, bytes, length)) = word(rest)
        {
            let is_blank = plain.iter().all(u8::is_ascii_whitespace);
            match &mut open {
                Some((so_far, set)) if is_blank && *set == label => so_far.extend_from_slice(&bytes),
                _ => {
                    let follows_word = open.is_some();
                    flush(&mut open, &mut text);
                    if !(follows_word && is_blank) {
                        text.push_str(&charset::decode(&plain, ""));
                    }
                    open = Some((bytes, label));
                }
            }
            plain.clear();
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        plain.push(*byte);
        rest = after;
    }
    flush(&mut open, &mut text);
    text.push_str(&charset::decode(&plain, ""));
    text
}

fn flush(open: &mut Option<(Vec<u8>, String)>, text: &mut String) {
    if let Some((bytes, label)) = open.take() {
        text.push_str(&charset::decode(&bytes, &label));
    }
}

/// The word that begins here: its set, its bytes, and how long it is.
fn word(input: &[u8]) -> Option<(String, Vec<u8>, usize)> {
    let inside = input.strip_prefix(b"=?")?;
    let window = inside.get(..WORD_BYTES).unwrap_or(inside);
    let label_end = window.iter().take(LABEL_BYTES).position(|byte| *byte == b'?')?;
    let (label, rest) = window.split_at_checked(label_end)?;
    let label = std::str::from_utf8(label).ok()?;
    // A language may follow the set (RFC 2231, 5).
    let label = label.split('*').next()?.to_ascii_lowercase();
    let [b'?', encoding, b'?', ..] = rest else {
        return None;
    };
    let encoded = rest.get(3..)?;
    let end = encoded.windows(2).position(|pair| pair == b"?=")?;
    let text = encoded.get(..end)?;
    if label.is_empty() || text.contains(&b'\n') {
        return None;
    }
    let bytes = match encoding {
        b'Q' | b'q' => {
            let spaced: Vec<u8> = text
                .iter()
                .map(|byte| if *byte == b'_' { b' ' } else { *byte })
                .collect();
            quoted_printable(&spaced)
        }
        b'B' | b'b' => base_64(text),
        _ => return None,
    };
    Some((label, bytes, 2 + label_end + 3 + end + 2))
}

/// Decodes quoted-printable (RFC 2045, 6.7). What is no escape stands for itself.
pub(crate) fn quoted_printable(encoded: &[u8]) -> Vec<u8> {
    let hex = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'=' {
            decoded.push(*byte);
            continue;
        }
        if let (Some(high), Some(low)) = (hex(after.first()), hex(after.get(1))) {
            decoded.push(u8::try_from(high * 16 + low).unwrap_or_default());
            rest = after.get(2..).unwrap_or_default();
            continue;
        }
        // A soft break; blanks may have been added before its end on the way.
        let blanks = after
            .iter()
            .take(80)
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        let line_end = after.get(blanks..).unwrap_or_default();
        if let Some(next) = line_end
            .strip_prefix(b"\r\n")
            .or_else(|| line_end.strip_prefix(b"\n"))
        {
            rest = next;
        } else if !line_end.is_empty() || blanks > 0 {
            decoded.push(b'=');
        }
    }
    decoded
}

/// Decodes base 64 (RFC 2045, 6.8). Everything outside the alphabet is skipped, and padding in the
/// middle begins anew.
pub(crate) fn base_64(encoded: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len() / 4 * 3);
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in encoded {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                (buffer, bits) = (0, 0);
                continue;
            }
            _ => continue,
        };
        buffer = (buffer << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            decoded.push(u8::try_from((buffer >> bits) & 0xff).unwrap_or_default());
            buffer &= (1 << bits) - 1;
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_decoded_and_joined() {
        for (value, text) in [
            (&b"=?utf-8?q?Gr=C3=BC=C3=9Fe?="[..], "Grüße"),
            (b"=?UTF-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"),
            (
                b"=?utf-8?q?a?=  =?iso-8859-1*de?q?=E4_b?= c =?utf-8?q?d?=e",
                "aä b c de",
            ),
            (b"=?iso-2022-jp?B?GyRCJUYlOSVIGyhC?=", "テスト"),
            (b"=?utf-8?q?half", "=?utf-8?q?half"),
            (b"=?utf-8?x?a?= =??q?a?= =? =?=", "=?utf-8?x?a?= =??q?a?= =? =?="),
            (b"Gr\xfc\xdfe =?utf-8?q?=C3?=", "Grüße Ã"),
            (b"=?utf-8?q?with space_and?=", "with space and"),
        ] {
            assert_eq!(decode_words(value), text, "{}", String::from_utf8_lossy(value));
        }
    }

    #[test]
    fn bodies_are_decoded_leniently() {
        for (encoded, decoded) in [
            (&b"a=\r\nb=  \r\nc=3D=3d =zz=\n="[..], &b"abc== =zz"[..]),
            (b"=C3=A4", b"\xc3\xa4"),
            (b"a = b", b"a = b"),
        ] {
            assert_eq!(quoted_printable(encoded), decoded);
        }
        for (encoded, decoded) in [
            (&b"aGVs\r\nbG8="[..], &b"hello"[..]),
            (b"aGVsbG8", b"hello"),
            (b"aGVsbG8=aGVsbG8=", b"hellohello"),
            (b"!!aGVs<bG8", b"hello"),
        ] {
            assert_eq!(base_64(encoded), decoded);
        }
    }

    #[test]
    fn endless_words_are_read_in_one_go() {
        for piece in [
            "=?utf-8?q?",
            "=?",
            "=?a?b?",
            "=?utf-8?q?a?= ",
            "=?utf-8?b?////",
            "?=",
        ] {
            let value = piece.repeat(65_536 / piece.len());
            assert!(decode_words(value.as_bytes()).len() <= 3 * value.len());
        }
    }
}
