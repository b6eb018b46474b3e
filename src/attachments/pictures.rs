//! Which pictures a page may show: four kinds, whose bytes say that they are small enough to be drawn.
//! Only the header is read; nothing is ever unpacked here.

/// More than any camera makes. A file of a few bytes can ask a browser for gigabytes.
const MOST_PIXELS: i64 = 64_000_000;
const LONGEST_SIDE: i64 = 20_000;

/// Width and height of a picture of this type that may be shown; none for everything else.
pub(super) fn size(kind: &str, head: &[u8]) -> Option<(i64, i64)> {
    let (width, height) = match kind {
        "image/png" => (big(head, 16, 4)?, big(head, 20, 4)?),
        "image/gif" => (little(head, 6, 2)?, little(head, 8, 2)?),
        "image/webp" => webp(head)?,
        "image/jpeg" => jpeg(head)?,
        _ => return None,
    };
    let side = 1..=LONGEST_SIDE;
    let fits = side.contains(&width) && side.contains(&height) && width * height <= MOST_PIXELS;
    fits.then_some((width, height))
}

/// The dimensions stand in the first frame header, after segments of any length.
fn jpeg(head: &[u8]) -> Option<(i64, i64)> {
    let mut at = 2;
    loop {
        if *head.get(at)? != 0xff {
            return None;
        }
        let marker = *head.get(at + 1)?;
        match marker {
            // Fill bytes, and marks without a segment.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some((big(head, at + 7, 2)?, big(head, at + 5, 2)?));
            }
            // The picture itself begins, or ends, without a header.
            0xd9 | 0xda => return None,
            _ => at += 2 + usize::try_from(big(head, at + 2, 2)?).ok()?,
        }
    }
}

fn webp(head: &[u8]) -> Option<(i64, i64)> {
    match head.get(12..16)? {
        b"VP8 " => Some((little(head, 26, 2)? & 0x3fff, little(head, 28, 2)? & 0x3fff)),
        b"VP8L" => {
            let bits = little(head, 21, 4)?;
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8X" => Some((little(head, 24, 3)? + 1, little(head, 27, 3)? + 1)),
        _ => None,
    }
}

fn big(bytes: &[u8], at: usize, length: usize) -> Option<i64> {
    let taken = bytes.get(at..at.checked_add(length)?)?;
    Some(taken.iter().fold(0, |sum, byte| (sum << 8) | i64::from(*byte)))
}

fn little(bytes: &[u8], at: usize, length: usize) -> Option<i64> {
    let taken = bytes.get(at..at.checked_add(length)?)?;
    Some(
        taken
            .iter()
            .rev()
            .fold(0, |sum, byte| (sum << 8) | i64::from(*byte)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let start = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        [start, width.to_be_bytes().to_vec(), height.to_be_bytes().to_vec()].concat()
    }

    #[test]
    fn sizes_are_read_from_headers() {
        assert_eq!(size("image/png", &png(640, 480)), Some((640, 480)));
        assert_eq!(size("image/gif", b"GIF89a\x0a\0\x14\0"), Some((10, 20)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\x01\xe0\x02\x80";
        assert_eq!(size("image/jpeg", jpeg), Some((640, 480)));
        let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0";
        assert_eq!(size("image/webp", webp), Some((640, 480)));
    }

    #[test]
    fn what_is_too_large_or_broken_is_not_shown() {
        assert_eq!(size("image/png", &png(50_000, 50_000)), None);
        assert_eq!(size("image/png", &png(20_000, 20_000)), None);
        assert_eq!(size("image/png", &png(0, 1)), None);
        assert_eq!(size("image/png", b"\x89PNG"), None);
        assert_eq!(size("image/svg+xml", b"<svg width='1' height='1'>"), None);
        // A segment that says it has no length does not loop.
        assert_eq!(size("image/jpeg", b"\xff\xd8\xff\xe0\0\0\xff\xe0\0\0"), None);
    }
}
