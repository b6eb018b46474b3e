//! A mail as a mail program shows it: for people who look at what was sent.

use mail_parser::MessageParser;

/// What is seen of a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewed {
    /// The subject.
    pub subject: String,
    /// The name it is from, or the address where there is none.
    pub from: String,
    /// The address it goes to.
    pub to: String,
    /// When it was written, seconds since the epoch.
    pub date_seconds: i64,
    /// The HTML part, or what the text makes as HTML.
    pub html: String,
    /// The text part.
    pub text: String,
}

/// Reads a mail. `None` when these bytes are none.
pub fn view(bytes: &[u8]) -> Option<Viewed> {
    let mail = MessageParser::default().parse(bytes)?;
    let from = mail.from().and_then(|from| from.first());
    let to = mail.to().and_then(|to| to.first());
    Some(Viewed {
        subject: mail.subject().unwrap_or_default().to_owned(),
        from: from
            .and_then(|from| from.name().or(from.address()))
            .unwrap_or_default()
            .to_owned(),
        to: to.and_then(|to| to.address()).unwrap_or_default().to_owned(),
        date_seconds: mail.date().map_or(0, mail_parser::DateTime::to_timestamp),
        html: mail.body_html(0).unwrap_or_default().into_owned(),
        text: mail.body_text(0).unwrap_or_default().into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::view;

    #[test]
    fn a_mail_is_seen_with_its_words_decoded() {
        let mail = "From: =?utf-8?q?Chlo=C3=A9?= <chloe@example.com>\r\nTo: <priya@example.com>\r\n\
                    Subject: =?utf-8?b?w4dhIHZhPw==?=\r\nDate: Thu, 20 Nov 2025 11:00:00 +0000\r\n\
                    Content-Type: text/html; charset=utf-8\r\n\r\n<p>Oui</p>\r\n";
        let seen = view(mail.as_bytes()).unwrap();
        assert_eq!((seen.subject.as_str(), seen.from.as_str()), ("Ça va?", "Chloé"));
        assert_eq!(
            (seen.to.as_str(), seen.date_seconds),
            ("priya@example.com", 1_763_636_400)
        );
        assert!(seen.html.contains("<p>Oui</p>") && seen.text.contains("Oui"));
        assert_eq!(view(b""), None);
    }
}
