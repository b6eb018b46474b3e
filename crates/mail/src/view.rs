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
        date_seconds: mail.date().map(|date| date.to_timestamp()).unwrap_or_default(),
        html: mail.body_html(0).unwrap_or_default().into_owned(),
        text: mail.body_text(0).unwrap_or_default().into_owned(),
    })
}
