//! What a client says: names of folders, texts in quotes, dates, sets of numbers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAY_MS: i64 = 86_400_000;

/// A text in quotes; `None` when it cannot stand in quotes: it holds a line break, NUL, or what is not
/// ASCII.
pub fn quoted(text: &str) -> Option<String> {
    let fits = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    fits.then(|| format!("\"{escaped}\""))
}

/// The name of a folder as servers want it: modified UTF-7 (RFC 3501, 5.1.3), in quotes. `None` when it
/// holds control characters.
pub fn folder(name: &str) -> Option<String> {
    if name.chars().any(char::is_control) {
        return None;
    }
    let (mut made, mut beyond) = (String::new(), Vec::new());
    let flush = |made: &mut String, beyond: &mut Vec<u8>| {
        if !beyond.is_empty() {
            let coded = STANDARD_NO_PAD.encode(&*beyond).replace('/', ",");
            made.push_str(&format!("&{coded}-"));
            beyond.clear();
        }
    };
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            flush(&mut made, &mut beyond);
            made.push(c);
            if c == '&' {
                made.push('-');
            }
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                beyond.extend_from_slice(&unit.to_be_bytes());
            }
        }
    }
    flush(&mut made, &mut beyond);
    quoted(&made)
}

/// The day of a time, in UTC, as a search takes it: `27-Nov-2026`.
pub fn written_date(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(DAY_MS));
    let month = usize::try_from(month - 1)
        .ok()
        .and_then(|month| MONTHS.get(month));
    format!("{day}-{}-{year:04}", month.unwrap_or(&"Jan"))
}

/// Ascending numbers as a set: `1:3,7`.
pub fn uid_set(uids: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*uid) => *last = *uid,
            _ => runs.push((*uid, *uid)),
        }
    }
    let runs = runs.iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}:{last}")
        }
    });
    runs.collect::<Vec<_>>().join(",")
}

/// The number of a month from its English name, from 1.
pub(super) fn month(name: &str) -> Option<i64> {
    let found = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
    i64::try_from(found + 1).ok()
}

/// Days since the epoch of a date of the Gregorian calendar.
pub(super) fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March end with the odd day.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + year * 365 + year / 4 - year / 100 + of_year - 719_468)
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + carry, month, day)
}
