//! What a file is: one of a list, where its name and its first bytes agree, and just bytes otherwise.
//!
//! What whoever uploads it says about its type is never asked. Nothing on the list can run in a page.

/// What every other file is.
pub(super) const UNKNOWN: &str = "application/octet-stream";
/// Bytes at the beginning that must look like text.
const LOOKED_AT: usize = 4 * 1024;

/// How the bytes of a kind begin.
enum Begins {
    /// With one of these.
    With(&'static [&'static [u8]]),
    /// With a length and a mark: the boxes of MP4 and its relatives.
    Box(&'static [&'static [u8]]),
    /// With RIFF, a length, and this mark.
    Riff(&'static [u8]),
    /// As text: no control characters but white space.
    Text,
}

use Begins::{Box, Riff, Text, With};

const ZIP: Begins = With(&[b"PK\x03\x04", b"PK\x05\x06"]);
const OLE: Begins = With(&[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]);

/// The list: endings, the type, and how it begins.
const KINDS: &[(&[&str], &str, Begins)] = &[
    (&["png"], "image/png", With(&[b"\x89PNG\r\n\x1a\n"])),
    (&["jpg", "jpeg", "jfif"], "image/jpeg", With(&[b"\xff\xd8\xff"])),
    (&["gif"], "image/gif", With(&[b"GIF87a", b"GIF89a"])),
    (&["webp"], "image/webp", Riff(b"WEBP")),
    (
        &["heic", "heif"],
        "image/heic",
        Box(&[b"heic", b"heix", b"mif1", b"msf1"]),
    ),
    (&["avif"], "image/avif", Box(&[b"avif", b"avis"])),
    (&["bmp"], "image/bmp", With(&[b"BM"])),
    (&["tif", "tiff"], "image/tiff", With(&[b"II*\0", b"MM\0*"])),
    (&["pdf"], "application/pdf", With(&[b"%PDF-"])),
    (&["txt", "log", "md"], "text/plain", Text),
    (&["csv"], "text/csv", Text),
    (&["json", "har"], "application/json", Text),
    (&["zip"], "application/zip", ZIP),
    (&["gz", "tgz"], "application/gzip", With(&[b"\x1f\x8b"])),
    (
        &["7z"],
        "application/x-7z-compressed",
        With(&[b"7z\xbc\xaf\x27\x1c"]),
    ),
    (
        &["docx"],
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ZIP,
    ),
    (
        &["xlsx"],
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ZIP,
    ),
    (
        &["pptx"],
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ZIP,
    ),
    (&["odt"], "application/vnd.oasis.opendocument.text", ZIP),
    (&["ods"], "application/vnd.oasis.opendocument.spreadsheet", ZIP),
    (&["odp"], "application/vnd.oasis.opendocument.presentation", ZIP),
    (&["doc"], "application/msword", OLE),
    (&["xls"], "application/vnd.ms-excel", OLE),
    (&["ppt"], "application/vnd.ms-powerpoint", OLE),
    (
        &["mp4", "m4v"],
        "video/mp4",
        Box(&[b"isom", b"iso2", b"mp41", b"mp42", b"avc1", b"M4V "]),
    ),
    (&["mov"], "video/quicktime", Box(&[b"qt  "])),
    (&["webm"], "video/webm", With(&[b"\x1a\x45\xdf\xa3"])),
    (
        &["mp3"],
        "audio/mpeg",
        With(&[b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"]),
    ),
    (&["m4a"], "audio/mp4", Box(&[b"M4A ", b"mp42", b"isom"])),
    (&["wav"], "audio/wav", Riff(b"WAVE")),
    (&["ogg"], "audio/ogg", With(&[b"OggS"])),
];

/// The type of a file of this name that begins with these bytes.
pub(super) fn of(name: &str, head: &[u8]) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    KINDS
        .iter()
        .find(|(endings, _, _)| endings.iter().any(|known| known.eq_ignore_ascii_case(ending)))
        .filter(|(_, _, begins)| begins.fit(head))
        .map_or(UNKNOWN, |(_, kind, _)| kind)
}

impl Begins {
    fn fit(&self, head: &[u8]) -> bool {
        match self {
            With(starts) => starts.iter().any(|start| head.starts_with(start)),
            Box(brands) => {
                head.get(4..8) == Some(b"ftyp".as_slice())
                    && brands.iter().any(|brand| head.get(8..12) == Some(*brand))
            }
            Riff(mark) => head.starts_with(b"RIFF") && head.get(8..12) == Some(*mark),
            Text => head
                .iter()
                .take(LOOKED_AT)
                .all(|byte| *byte >= b' ' || b"\t\r\n\x0c\x1b".contains(byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_bytes_must_agree() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (name, head, kind) in [
            ("a.png", png.as_slice(), "image/png"),
            ("a.PNG", png, "image/png"),
            ("a.gif", png, UNKNOWN),
            ("a", png, UNKNOWN),
            ("a.svg", b"<svg onload=alert(1)>", UNKNOWN),
            ("a.html", b"<script>", UNKNOWN),
            ("a.png.html", png, UNKNOWN),
            ("a.png", b"<script>", UNKNOWN),
            ("a.pdf", b"%PDF-1.7", "application/pdf"),
            ("a.pdf", b"MZ", UNKNOWN),
            ("a.txt", b"plain\r\n", "text/plain"),
            ("a.txt", b"MZ\0\x01", UNKNOWN),
            ("a.txt", b"", "text/plain"),
            ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            ("a.mp4", b"\0\0\0\x18ftypisom", "video/mp4"),
            ("a.exe", b"MZ", UNKNOWN),
            ("a.xml", b"<?xml", UNKNOWN),
            ("a.js", b"alert(1)", UNKNOWN),
        ] {
            assert_eq!(of(name, head), kind, "{name}");
        }
    }
}
