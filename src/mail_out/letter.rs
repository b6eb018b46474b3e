//! The words of a mail, as HTML and as text. What strangers wrote is escaped by the templates; an
//! accent enters a style only as hexadecimal digits.

mod accent;

use super::files;
use super::outgoing::{Acknowledgement, Carried, Outgoing, Recipient};
use accent::Accent;
use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mail::one_line;

const TITLE_CHARACTERS: usize = 150;
const NAME_CHARACTERS: usize = 60;
const PREVIEW_CHARACTERS: usize = 120;

/// What of a helpdesk and an installation shows in its mail.
#[derive(Clone, Debug)]
pub struct Look {
    /// The helpdesk's name.
    pub helpdesk: String,
    /// Its accent colour.
    pub accent: Option<String>,
    /// The page of the host app with the Ticket Center.
    pub support_url: Option<String>,
    /// Where the dashboard is.
    pub base_url: String,
    /// True when an answer by mail arrives.
    pub can_be_answered: bool,
}

/// Subject and bodies of a mail.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The subject.
    pub subject: String,
    /// The name before the sender's address.
    pub from: String,
    /// The HTML body.
    pub html: String,
    /// The text body.
    pub text: String,
}

/// A letter could not be written: a fault of ours.
#[derive(Debug, thiserror::Error)]
#[error("the letter cannot be written")]
pub struct CannotWrite(#[from] askama::Error);

struct Shown {
    author: String,
    time: String,
    paragraphs: Vec<Vec<String>>,
    files: Vec<String>,
}

struct Link {
    url: String,
    label: String,
}

#[derive(Template)]
#[template(path = "mail_out/letter.html")]
struct Html<'a> {
    title: &'a str,
    preview: &'a str,
    above: &'a str,
    heading: &'a str,
    messages: &'a [Shown],
    quoted: &'a [Shown],
    lines: &'a [String],
    paragraphs: &'a [Vec<String>],
    button: Option<&'a Link>,
    answer: Option<&'a str>,
    reason: &'a str,
    stop: Option<&'a Link>,
    accent: &'a Accent,
}

#[derive(Template)]
#[template(path = "mail_out/letter.txt")]
struct Text<'a> {
    above: &'a str,
    heading: &'a str,
    messages: &'a [Shown],
    quoted: &'a [Shown],
    lines: &'a [String],
    paragraphs: &'a [Vec<String>],
    button: Option<&'a Link>,
    answer: Option<&'a str>,
    reason: &'a str,
    stop: Option<&'a Link>,
}

/// What differs between the mails there are.
#[derive(Default)]
struct Words {
    subject: String,
    from: String,
    above: String,
    heading: String,
    lines: Vec<String>,
    /// More than lines: what a helpdesk wrote itself.
    paragraphs: Vec<Vec<String>>,
    button: Option<Link>,
    answer: Option<String>,
    reason: String,
    stop: Option<Link>,
}

/// Writes the letter that carries these messages.
///
/// # Errors
/// Never but for a fault of ours.
pub fn write(mail: &Outgoing, look: &Look, from_name: &str) -> Result<Letter, CannotWrite> {
    let mut words = match (mail.recipient, &mail.acknowledgement) {
        (Recipient::Contact { .. }, Some(said)) => acknowledging(said, look, from_name),
        (Recipient::Contact { .. }, None) if mail.confirm_url.is_some() => {
            confirming(mail.confirm_url.as_deref().unwrap_or_default(), look, from_name)
        }
        (Recipient::Contact { .. }, None) if mail.content_free => without_content(look, from_name),
        (Recipient::Contact { .. }, None) => to_contact(mail, look, from_name),
        (Recipient::Operator { .. }, _) => to_operator(mail, look, from_name),
    };
    words.stop = mail.unsubscribe_url.as_ref().map(|url| Link {
        url: url.clone(),
        label: match mail.recipient {
            Recipient::Contact { .. } => "Stop these emails".to_owned(),
            Recipient::Operator { .. } => "Choose what is emailed to you".to_owned(),
        },
    });
    let all = |messages: &[Carried]| match mail.content_free {
        true => Vec::new(),
        false => messages
            .iter()
            .map(|message| shown(mail, message))
            .collect::<Vec<Shown>>(),
    };
    let (messages, quoted) = (all(&mail.messages), all(&mail.quoted));
    let preview = match mail.messages.last() {
        Some(last) if !mail.content_free => one_line(&last.body, PREVIEW_CHARACTERS),
        _ => {
            let said = words.lines.first().or_else(|| words.paragraphs.first()?.first());
            one_line(said.map_or("", String::as_str), PREVIEW_CHARACTERS)
        }
    };
    finish(words, (&messages, &quoted), &preview, look)
}

/// Writes the letter that acknowledges a mail, for showing it: without the link by which its reader stops
/// such mail.
///
/// # Errors
/// Never but for a fault of ours.
pub fn write_acknowledgement(
    said: &Acknowledgement,
    look: &Look,
    from_name: &str,
) -> Result<Letter, CannotWrite> {
    let words = acknowledging(said, look, from_name);
    finish(words, (&[], &[]), "", look)
}

/// Writes the letter that shows that mail works.
///
/// # Errors
/// Never but for a fault of ours.
pub fn write_test(look: &Look, from_name: &str) -> Result<Letter, CannotWrite> {
    let words = Words {
        subject: format!("Test mail from {}", short(&look.helpdesk)),
        from: from_name.to_owned(),
        above: look.helpdesk.clone(),
        heading: "Mail works".to_owned(),
        lines: vec![
            "This is a test mail. It was asked for on the server; nobody needs to do anything.".to_owned(),
        ],
        reason: "You get this because somebody typed your address into the command for test mails."
            .to_owned(),
        ..Words::default()
    };
    let preview = words.lines.first().cloned().unwrap_or_default();
    finish(words, (&[], &[]), &preview, look)
}

fn finish(
    words: Words,
    (messages, quoted): (&[Shown], &[Shown]),
    preview: &str,
    look: &Look,
) -> Result<Letter, CannotWrite> {
    let html = Html {
        title: &words.subject,
        preview,
        above: &words.above,
        heading: &words.heading,
        messages,
        quoted,
        lines: &words.lines,
        paragraphs: &words.paragraphs,
        button: words.button.as_ref(),
        answer: words.answer.as_deref(),
        reason: &words.reason,
        stop: words.stop.as_ref(),
        accent: &accent::of(look.accent.as_deref()),
    };
    let text = Text {
        above: &words.above,
        heading: &words.heading,
        messages,
        quoted,
        lines: &words.lines,
        paragraphs: &words.paragraphs,
        button: words.button.as_ref(),
        answer: words.answer.as_deref(),
        reason: &words.reason,
        stop: words.stop.as_ref(),
    };
    let (html, text) = (html.render()?, text.render()?);
    Ok(Letter {
        html,
        text,
        subject: words.subject,
        from: words.from,
    })
}

/// Whoever reads it may never have heard of the helpdesk: nothing that somebody typed is in it.
fn confirming(url: &str, look: &Look, from_name: &str) -> Words {
    let helpdesk = short(&look.helpdesk);
    Words {
        subject: format!("Confirm your address for {helpdesk}"),
        from: from_name.to_owned(),
        above: look.helpdesk.clone(),
        heading: "Is this your address?".to_owned(),
        lines: vec![
            format!("A message was sent to {helpdesk} through the contact form, with this address as its sender. It waits until you confirm that the address is yours."),
            "If you sent nothing, do nothing. The message then stays out of their inbox, and you get at most one such email a day.".to_owned(),
        ],
        button: Some(Link {
            url: url.to_owned(),
            label: "Confirm my address".to_owned(),
        }),
        reason: format!("You get this because somebody, perhaps you, typed your address into the contact form of {helpdesk}. The link is good for a week."),
        ..Words::default()
    }
}

fn to_contact(mail: &Outgoing, look: &Look, from_name: &str) -> Words {
    let helpdesk = &look.helpdesk;
    let heading = if mail.unverified {
        format!("Your message to {}", short(helpdesk))
    } else {
        heading(mail)
    };
    let mut authors: Vec<&str> = mail
        .messages
        .iter()
        .map(|message| message.author.as_str())
        .collect();
    authors.dedup();
    let from = match authors.as_slice() {
        [one] if !one.is_empty() => format!("{} at {}", short(one), short(from_name)),
        _ => from_name.to_owned(),
    };
    let waits = match mail.messages.len() {
        1 => "there is an answer that you have not read yet".to_owned(),
        several => {
            format!("there are {several} answers that you have not read yet, all of them in this one email")
        }
    };
    Words {
        subject: format!("Re: {heading}"),
        from,
        above: helpdesk.clone(),
        heading,
        button: button(look).filter(|_| mail.copies.is_empty()),
        answer: answer(
            look,
            if mail.copies.is_empty() {
                "Just reply to this email to answer; it reaches the same conversation."
            } else {
                "Reply to all to answer; it reaches everybody who got this email."
            },
        ),
        reason: if !mail.copies.is_empty() {
            format!(
                "You get this because an email to {} was from you, or to you as well.",
                short(helpdesk)
            )
        } else if mail.unverified {
            given_by_form(&short(helpdesk))
        } else {
            format!(
                "You get this because you wrote to {} and {waits}.",
                short(helpdesk)
            )
        },
        ..Words::default()
    }
}

fn given_by_form(helpdesk: &str) -> String {
    format!(
        "You get this because somebody gave this address when they wrote to {helpdesk}. If that was not you, there is nothing to do."
    )
}

/// Whoever typed the address may not be whose it is: nothing they wrote, and no name they gave,
/// travels to it.
fn without_content(look: &Look, from_name: &str) -> Words {
    let helpdesk = short(&look.helpdesk);
    Words {
        subject: format!("New message from {helpdesk}"),
        from: from_name.to_owned(),
        above: look.helpdesk.clone(),
        heading: "There is a new message for you".to_owned(),
        lines: vec![format!("Sign in where you use {helpdesk} to read it.")],
        button: button(look),
        reason: given_by_form(&helpdesk),
        ..Words::default()
    }
}

/// Nothing of the mail that came in stands here: anybody may have written it in the reader's name.
fn acknowledging(said: &Acknowledgement, look: &Look, from_name: &str) -> Words {
    let helpdesk = short(&look.helpdesk);
    Words {
        subject: one_line(&said.subject, TITLE_CHARACTERS),
        from: from_name.to_owned(),
        above: look.helpdesk.clone(),
        heading: one_line(&said.subject, TITLE_CHARACTERS),
        paragraphs: paragraphs(&said.text),
        answer: answer(
            look,
            "Reply to this email to add something; it reaches the same conversation.",
        ),
        reason: format!(
            "You get this automatic email because a mail with your address as its sender has just come in at {helpdesk}. If you did not write it, there is nothing to do."
        ),
        ..Words::default()
    }
}

fn to_operator(mail: &Outgoing, look: &Look, from_name: &str) -> Words {
    let author = mail
        .messages
        .last()
        .map(|message| short(&message.author))
        .unwrap_or_default();
    let heading = heading(mail);
    let named = !author.is_empty();
    Words {
        subject: if named {
            format!("{author}: {heading}")
        } else {
            heading.clone()
        },
        from: if named {
            format!("{author} via {}", short(from_name))
        } else {
            from_name.to_owned()
        },
        above: look.helpdesk.clone(),
        heading,
        button: Some(Link {
            url: format!(
                "{}/h/{}/conversations/{}",
                look.base_url, mail.helpdesk_id, mail.conversation_id
            ),
            label: "Open conversation".to_owned(),
        }),
        answer: answer(look, "Reply to this email and the contact receives your answer."),
        lines: if mail.unverified {
            vec!["This came through the Contact Form: nobody proved that the address is theirs.".to_owned()]
        } else {
            Vec::new()
        },
        reason: "You get this because you did not have the conversation open.".to_owned(),
        ..Words::default()
    }
}

fn heading(mail: &Outgoing) -> String {
    let subject = one_line(&mail.subject, TITLE_CHARACTERS);
    if subject.is_empty() {
        "Your conversation".to_owned()
    } else {
        subject
    }
}

fn button(look: &Look) -> Option<Link> {
    look.support_url.as_ref().map(|url| Link {
        url: url.clone(),
        label: format!("Open in {}", short(&look.helpdesk)),
    })
}

fn answer(look: &Look, line: &str) -> Option<String> {
    look.can_be_answered.then(|| line.to_owned())
}

fn short(name: &str) -> String {
    one_line(name, NAME_CHARACTERS)
}

fn shown(mail: &Outgoing, message: &Carried) -> Shown {
    Shown {
        author: short(&message.author),
        time: time(message.created_at),
        paragraphs: paragraphs(&message.body),
        files: files::told(mail, &message.files),
    }
}

fn paragraphs(text: &str) -> Vec<Vec<String>> {
    let mut paragraphs: Vec<Vec<String>> = vec![Vec::new()];
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            paragraphs.push(Vec::new());
        } else if let Some(last) = paragraphs.last_mut() {
            last.push(line.to_owned());
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// The reader's zone is not known, so that the zone is said.
fn time(ms: i64) -> String {
    let at = Timestamp::from_millisecond(ms)
        .unwrap_or_default()
        .to_zoned(TimeZone::UTC);
    at.strftime("%-d %b, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests;
