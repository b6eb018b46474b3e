//! The texts that host apps sign in place of an address.

use super::Cause;
use crate::ids::HelpdeskId;

/// The texts that would have been accepted.
pub(super) fn plain(email: &str) -> [String; 3] {
    let trimmed = mail::trim(email);
    [email.to_owned(), trimmed.to_owned(), trimmed.to_ascii_lowercase()]
}

/// Other texts, each with the mistake that leads to it.
pub(super) fn odd(email: &str, helpdesk_id: HelpdeskId) -> Vec<(Vec<u8>, Cause)> {
    let trimmed = mail::trim(email);
    let lower = trimmed.to_ascii_lowercase();
    let mut texts: Vec<(Vec<u8>, Cause)> = Vec::new();
    let mut add = |text: &str, cause| texts.push((text.as_bytes().to_vec(), cause));
    let capital = lower.split('@').map(capitalise).collect::<Vec<_>>().join("@");
    for text in [
        trimmed.to_ascii_uppercase(),
        capital,
        capitalise(&lower),
        words_capitalised(&lower),
        trimmed.to_lowercase(),
        trimmed.to_uppercase(),
    ] {
        add(&text, Cause::OtherCase);
        add(&format!("{text}\n"), Cause::OtherSpace);
        add(&format!("{text} "), Cause::OtherSpace);
    }
    for text in [trimmed, &lower] {
        for (before, after) in [
            ("", "\n"),
            ("", "\r\n"),
            ("", " "),
            (" ", ""),
            (" ", " "),
            ("", "\t"),
        ] {
            add(&format!("{before}{text}{after}"), Cause::OtherSpace);
        }
        add(&format!("\"{text}\""), Cause::QuotedEmail);
        add(&format!("'{text}'"), Cause::QuotedEmail);
        add(&format!("{{\"email\":\"{text}\"}}"), Cause::QuotedEmail);
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        add(&encoded, Cause::EncodedEmail);
        add(&encoded.replace("%40", "@"), Cause::EncodedEmail);
        add(&format!("mailto:{text}"), Cause::EncodedEmail);
        let (name, _) = text.rsplit_once('@').unwrap_or((text, ""));
        add(name, Cause::OtherField);
    }
    for nothing in ["", "undefined", "null", "None", "nil", "[object Object]", "{}"] {
        add(nothing, Cause::NothingSigned);
    }
    for field in [
        helpdesk_id.to_string().as_str(),
        "email",
        "USER_EMAIL",
        "user.email",
        "user@example.com",
    ] {
        add(field, Cause::OtherField);
    }
    let utf16 = trimmed.encode_utf16();
    let little: Vec<u8> = utf16.clone().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = utf16.flat_map(u16::to_be_bytes).collect();
    let latin: Option<Vec<u8>> = trimmed.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    for bytes in [Some(little), Some(big), latin].into_iter().flatten() {
        texts.push((bytes, Cause::OtherEncoding));
    }
    texts
}

fn capitalise(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + characters.as_str()
    })
}

/// Each word of an address with a capital: Jane.Doe@Example.com.
fn words_capitalised(lower: &str) -> String {
    let mut is_start = true;
    let mut text = String::with_capacity(lower.len());
    let (name, domain) = lower.rsplit_once('@').unwrap_or((lower, ""));
    for c in name.chars() {
        text.push(if is_start { c.to_ascii_uppercase() } else { c });
        is_start = matches!(c, '.' | '-' | '_');
    }
    format!("{text}@{domain}")
}
