//! Providers that ask whether mail may be forwarded to an address: the answer is a code or a link in the
//! mail that they send there, which nobody could read otherwise.

use mail::parsed::ParsedMail;

/// Who asks, and on which hosts their links lead.
const PROVIDERS: &[(&str, &[&str])] = &[
    ("forwarding-noreply@google.com", &["google.com"]),
    ("noreply-forwarding@zoho.com", &["zoho.com"]),
    ("noreply@zoho.com", &["zoho.com"]),
    ("noreply@zohoaccounts.com", &["zoho.com"]),
    ("account@yahoo-inc.com", &["yahoo.com"]),
    ("no-reply@cc.yahoo-inc.com", &["yahoo.com"]),
    ("noreply@email.apple.com", &["apple.com", "icloud.com"]),
    ("no-reply@fastmail.com", &["fastmail.com"]),
    ("support@fastmail.com", &["fastmail.com"]),
];
const CODE_DIGITS: std::ops::RangeInclusive<usize> = 6..=12;

/// What is to be typed or opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Confirmation {
    /// Digits.
    pub(super) code: Option<String>,
    /// A link to the provider itself.
    pub(super) link: Option<String>,
}

impl Confirmation {
    /// As it is stored: code and link with a blank between them, `-` for what is missing.
    pub(super) fn stored(&self) -> String {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        format!("{} {}", or_dash(&self.code), or_dash(&self.link))
    }
}

/// The code and the link of a mail that asks; `None` for all other mail. Anybody can write in a provider's
/// name: only digits, and links to the provider's own hosts, are taken out of it.
pub(super) fn confirmation(mail: &ParsedMail) -> Option<Confirmation> {
    let author = mail.from.one()?.address.as_str();
    let (_, hosts) = PROVIDERS.iter().find(|(address, _)| *address == author)?;
    let subject = mail.subject.to_lowercase();
    if !subject.contains("forward") && !mail.text.to_lowercase().contains("forward") {
        return None;
    }
    let code = digits(&mail.subject).or_else(|| digits(&mail.text));
    let link = mail
        .text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| "<>()[]\"'.,".contains(c)))
        .find(|word| leads_to(word, hosts))
        .map(str::to_owned);
    (code.is_some() || link.is_some()).then_some(Confirmation { code, link })
}

fn digits(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit())
        .find(|run| CODE_DIGITS.contains(&run.len()))
        .map(str::to_owned)
}

fn leads_to(word: &str, hosts: &[&str]) -> bool {
    let Ok(url) = url::Url::parse(word) else {
        return false;
    };
    let is_of = |host: &str, of: &str| host == of || host.ends_with(&format!(".{of}"));
    url.scheme() == "https"
        && word.len() <= 1_000
        && url
            .host_str()
            .is_some_and(|host| hosts.iter().any(|of| is_of(host, of)))
}

#[cfg(test)]
mod tests {
    use super::{Confirmation, confirmation};
    use mail::parsed::{Limits, parse};

    fn of(from: &str, subject: &str, text: &str) -> Option<Confirmation> {
        let raw = format!("From: {from}\nTo: a@in.example\nSubject: {subject}\n\n{text}\n");
        confirmation(&parse(raw.as_bytes(), &Limits::default()).unwrap())
    }

    #[test]
    fn code_and_link_are_taken_out_of_a_providers_mail() {
        let found = of(
            "Gmail Team <forwarding-noreply@google.com>",
            "(#123456789) Gmail Forwarding Confirmation - Receive Mail from me@gmail.com",
            "Confirmation code: 123456789\n\nhttps://mail-settings.google.com/mail/vf-%5BANG%5D-abc\n\nhttps://evil.example/x",
        );
        let found = found.unwrap();
        assert_eq!(found.code.as_deref(), Some("123456789"));
        assert_eq!(
            found.link.as_deref(),
            Some("https://mail-settings.google.com/mail/vf-%5BANG%5D-abc")
        );
    }

    #[test]
    fn links_of_others_and_mail_of_others_are_none() {
        let google = "forwarding-noreply@google.com";
        for link in [
            "https://google.com.evil.example/x",
            "http://mail.google.com/x",
            "https://evilgoogle.com/x",
            "javascript:alert(1)",
        ] {
            assert_eq!(of(google, "Forwarding", link), None, "{link}");
        }
        assert_eq!(of("a@evil.example", "Gmail Forwarding (#123456789)", "x"), None);
    }
}
