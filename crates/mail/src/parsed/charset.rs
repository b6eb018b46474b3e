//! Bytes in some character set become text. Labels lie: what is UTF-8 is read as UTF-8 whatever a
//! careless label says, and what cannot be is read as what most mail was before.

use encoding_rs::{EUC_KR, Encoding, GBK, ISO_2022_JP, REPLACEMENT, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Labels that programs write without looking.
const CARELESS: [&str; 9] = [
    "",
    "us-ascii",
    "ascii",
    "ansi_x3.4-1968",
    "iso-8859-1",
    "latin1",
    "unknown",
    "unknown-8bit",
    "x-unknown",
];

/// Decodes. Never fails: bytes that mean nothing become U+FFFD.
pub(crate) fn decode(bytes: &[u8], label: &str) -> String {
    let label = label.trim_matches([' ', '\t', '"', '\'']).to_ascii_lowercase();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match label.as_str() {
        "utf-16" | "utf16" | "ucs-2" | "utf-16le" | "utf-16be" => return utf_16(bytes, &label),
        "utf-7" | "unicode-1-1-utf-7" => return by_parser(bytes, "utf-7").unwrap_or_else(|| lossy(bytes)),
        "hz-gb-2312" | "hz" => return decode_with(GBK, &hz(bytes)),
        "iso-2022-kr" => return decode_with(EUC_KR, &iso_2022_kr(bytes)),
        "utf-8" | "utf8" => return utf_8(bytes),
        _ => {}
    }
    if CARELESS.contains(&label.as_str()) {
        return match std::str::from_utf8(bytes) {
            Ok(text) if has_escape(bytes, b'$') => iso_2022_jp(bytes).unwrap_or_else(|| text.to_owned()),
            Ok(text) => text.to_owned(),
            Err(_) => decode_with(WINDOWS_1252, bytes),
        };
    }
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding != REPLACEMENT => decode_with(encoding, bytes),
        _ => by_parser(bytes, &label).unwrap_or_else(|| utf_8(bytes)),
    }
}

fn decode_with(encoding: &'static Encoding, bytes: &[u8]) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// UTF-8, or what was called so: text without a single good sequence is of the old kind.
fn utf_8(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let text = lossy(bytes);
            let is_mixed = text
                .chars()
                .any(|c| !c.is_ascii() && c != char::REPLACEMENT_CHARACTER);
            if is_mixed {
                text
            } else {
                decode_with(WINDOWS_1252, bytes)
            }
        }
    }
}

/// With a mark of the order of bytes, or the order that the zero bytes of Latin text show, or the
/// one of RFC 2781.
fn utf_16(bytes: &[u8], label: &str) -> String {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return decode_with(UTF_16LE, rest);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return decode_with(UTF_16BE, rest);
    }
    let zeros = |from: usize| {
        bytes
            .iter()
            .skip(from)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let is_little = label == "utf-16le" || (label != "utf-16be" && zeros(1) > zeros(0));
    decode_with(if is_little { UTF_16LE } else { UTF_16BE }, bytes)
}

/// What browsers no longer read (UTF-7, code pages of DOS) and mail still carries.
fn by_parser(bytes: &[u8], label: &str) -> Option<String> {
    mail_parser::decoders::charsets::map::charset_decoder(label.as_bytes()).map(|decoder| decoder(bytes))
}

fn has_escape(bytes: &[u8], after: u8) -> bool {
    bytes.windows(2).any(|pair| pair == [0x1b, after])
}

fn iso_2022_jp(bytes: &[u8]) -> Option<String> {
    ISO_2022_JP
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
}

/// RFC 1843: between `~{` and `~}` stand pairs of seven bits, which are GB 2312 without the eighth.
fn hz(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let (mut is_wide, mut rest) = (false, bytes);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first()) {
            (b'~', Some(b'{')) if !is_wide => is_wide = true,
            (b'~', Some(b'}')) if is_wide => is_wide = false,
            (b'~', Some(b'~')) if !is_wide => plain.push(b'~'),
            (b'~', Some(b'\n')) if !is_wide => {}
            (byte, _) => {
                is_wide &= *byte != b'\n';
                plain.push(if is_wide && byte.is_ascii_graphic() {
                    byte | 0x80
                } else {
                    *byte
                });
                continue;
            }
        }
        rest = after.get(1..).unwrap_or_default();
    }
    plain
}

/// RFC 1557: after a designation, SO and SI switch to KS C 5601 and back.
fn iso_2022_kr(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let (mut is_wide, mut rest) = (false, bytes);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            0x0e => is_wide = true,
            0x0f => is_wide = false,
            0x1b if after.starts_with(b"$)C") => rest = after.get(3..).unwrap_or_default(),
            byte => plain.push(if is_wide && byte.is_ascii_graphic() {
                byte | 0x80
            } else {
                *byte
            }),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn text_is_read_whatever_set_it_is_in() {
        for (bytes, label, text) in [
            (&b"Gr\xfc\xdfe"[..], "iso-8859-1", "Grüße"),
            (b"Gr\xfc\xdfe", "", "Grüße"),
            (b"Gr\xc3\xbc\xc3\x9fe", "us-ascii", "Grüße"),
            (b"Gr\xc3\xbc\xc3\x9fe", "ISO-8859-1", "Grüße"),
            (b"Gr\xfc\xdfe", "utf-8", "Grüße"),
            (b"\xef\xbb\xbfGr\xc3\xbc\xfe", "utf-8", "Grü\u{fffd}"),
            (b"\x93ok\x94 \x80", "iso-8859-1", "“ok” €"),
            (b"\x1b$B%F%9%H\x1b(B!", "iso-2022-jp", "テスト!"),
            (b"\x1b$B%F%9%H\x1b(B!", "", "テスト!"),
            (b"\x83e\x83X\x83g", "Shift_JIS", "テスト"),
            (b"\xc4\xe3\xba\xc3", "gb2312", "你好"),
            (b"\xc4\xe3\xba\xc3", "GB18030", "你好"),
            (b"a~{D:~}~~b", "hz-gb-2312", "a暮~b"),
            (b"\xa7A\xa6n", "big5", "你好"),
            (b"\xbe\xc8\xb3\xe7", "euc-kr", "안녕"),
            (b"\x1b$)C\x0e>H3g\x0f!", "iso-2022-kr", "안녕!"),
            (b"\xf0\xd2\xc9", "koi8-r", "При"),
            (b"\xcf\xf0\xe8", "windows-1251", "При"),
            (b"\x81", "cp850", "ü"),
            (b"+AOQ-", "utf-7", "ä"),
            (b"\xff\xfeh\0i\0", "utf-16", "hi"),
            (b"h\0i\0", "utf-16", "hi"),
            (b"\0h\0i", "utf-16", "hi"),
            (b"plain", "no-such-set", "plain"),
        ] {
            assert_eq!(decode(bytes, label), text, "{bytes:?} as {label}");
        }
    }

    #[test]
    fn an_overlong_slash_or_bracket_never_appears() {
        for label in [
            "utf-8",
            "",
            "iso-8859-1",
            "shift_jis",
            "gb18030",
            "big5",
            "euc-jp",
            "iso-2022-jp",
        ] {
            let text = decode(b"\xc0\xaf\xc0\xbc\xe0\x80\xbcscript", label);
            assert!(!text.contains(['/', '<']), "{label}: {text}");
        }
    }
}
