//! Names of attachments, which strangers chose.

use crate::one_line;

const NAME_CHARACTERS: usize = 150;
/// More is never looked at; headers are shorter.
const LONGEST_CHARACTERS: usize = 10_000;
const EXTENSION_CHARACTERS: usize = 20;
/// Names that Windows keeps for devices, with any extension.
const DEVICES: [&str; 8] = ["con", "prn", "aux", "nul", "com", "lpt", "conin$", "conout$"];

/// A name without a path, control characters, or anything that a file system or a reader could take for
/// something else. Never empty; files are stored under keys of their own all the same.
pub fn safe_file_name(name: &str, content_type: &str) -> String {
    // The last piece of a path, of whatever system.
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .map(|c| {
            if "<>:\"|?*%".contains(c) || c == char::REPLACEMENT_CHARACTER {
                '_'
            } else {
                c
            }
        })
        .filter(|c| !is_invisible(*c))
        .collect();
    let plain = one_line(&plain, LONGEST_CHARACTERS);
    let plain = plain.trim_matches(['.', ' ', '~', '-']);
    if plain.is_empty() {
        return fallback(content_type);
    }
    let stem = plain
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_lowercase();
    let is_device = DEVICES.contains(&stem.trim_end_matches(|c: char| c.is_ascii_digit()));
    let named = if is_device {
        format!("_{plain}")
    } else {
        plain.to_owned()
    };
    shorten(&named)
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{34f}'
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Cuts the middle, so that the extension stays what it is.
fn shorten(name: &str) -> String {
    if name.chars().count() <= NAME_CHARACTERS {
        return name.to_owned();
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let extension: String = extension.chars().take(EXTENSION_CHARACTERS).collect();
    let stem: String = stem
        .chars()
        .take(NAME_CHARACTERS - EXTENSION_CHARACTERS - 1)
        .collect();
    if extension.is_empty() {
        stem
    } else {
        format!("{}.{extension}", stem.trim_end())
    }
}

/// A name for what came without one.
fn fallback(content_type: &str) -> String {
    let extension = match content_type {
        "text/plain" => "txt",
        "text/html" => "html",
        "text/calendar" => "ics",
        "text/csv" => "csv",
        "message/rfc822" | "message/global" => "eml",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "application/ms-tnef" | "application/vnd.ms-tnef" => return "winmail.dat".to_owned(),
        _ if content_type.starts_with("message/") || content_type.starts_with("text/") => "txt",
        _ => "bin",
    };
    format!("attachment.{extension}")
}

#[cfg(test)]
mod tests {
    use super::safe_file_name;

    #[test]
    fn names_lose_what_is_dangerous_and_keep_the_rest() {
        let long = format!("{}.pdf", "n".repeat(4_096));
        let short = format!("{}.pdf", "n".repeat(129));
        for (given, safe) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\evil.exe", "evil.exe"),
            ("\\\\host\\share\\a.doc", "a.doc"),
            ("/etc/cron.d/x", "x"),
            ("..%2f..%2fx.txt", "_2f.._2fx.txt"),
            ("a\0b\r\n.txt", "a b .txt"),
            (".htaccess", "htaccess"),
            ("\u{200b}.htaccess", "htaccess"),
            ("\u{feff}..\u{2060}/x", "x"),
            ("invoice\u{202e}fdp.exe", "invoice fdp.exe"),
            ("CON.txt", "_CON.txt"),
            ("com7.tar.gz", "_com7.tar.gz"),
            ("nul .txt", "_nul .txt"),
            ("a:b*c?.txt", "a_b_c_.txt"),
            ("Übersicht März.xlsx", "Übersicht März.xlsx"),
            ("資料.pdf", "資料.pdf"),
            ("..", "attachment.png"),
            ("", "attachment.png"),
            ("\u{3164}", "attachment.png"),
            (long.as_str(), short.as_str()),
        ] {
            assert_eq!(safe_file_name(given, "image/png"), safe, "{given:?}");
        }
    }
}
