//! From what is due to what became of it.

use super::letter::{self, Letter, Look};
use super::outgoing::{Acknowledgement, Outgoing, Recipient};
use super::settings::{self, Settings};
use super::{Outcome, files, mailer, smtp};
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::ids::HelpdeskId;
use crate::{helpdesks, inboxes};
use mail::token::{self, Thread};
use mail::{ComposedMail, Mailbox, MessageId, OutgoingMail, Unsubscribe, Writer, compose};
use uuid::Uuid;

/// Makes a mail and gives it away, once. The same notification makes the same Message-ID.
pub async fn deliver(app: &App, mail: &Outgoing) -> Outcome {
    let made = match make(app, mail).await {
        Ok(made) => made,
        Err(outcome) => return outcome,
    };
    let relay = made
        .settings
        .relay
        .as_ref()
        .map(|relay| (relay, made.settings.limits));
    mailer::carry(app, relay, made.id.as_str(), &made.mail).await
}

/// Makes a mail without giving it away: what would be sent.
///
/// # Errors
/// What becomes of a mail that cannot be made.
pub async fn preview(app: &App, mail: &Outgoing) -> std::result::Result<ComposedMail, Outcome> {
    Ok(make(app, mail).await?.mail)
}

/// The email by which a helpdesk acknowledges mail, in these words: what would be sent.
///
/// # Errors
/// When there is no such helpdesk, or the database cannot be read.
pub async fn acknowledgement(app: &App, id: HelpdeskId, said: &Acknowledgement) -> Result<Letter> {
    let settings = settings::of(app, id).await?;
    let look = look(app, id, &settings).await?;
    letter::write_acknowledgement(said, &look, &settings.from_name).map_err(Error::internal)
}

/// Sends a test mail and tells the whole dialogue, without passwords.
///
/// # Errors
/// When there is no relay, no sender, or the address cannot be written to.
pub async fn send_test(app: &App, id: HelpdeskId, to: &str) -> Result<(Outcome, Vec<smtp::Spoken>)> {
    let settings = settings::of(app, id).await?;
    let relay = settings.relay.clone().ok_or_else(|| {
        Error::new(
            Kind::Conflict,
            "no_mail_server",
            "There is no mail server: set one for all helpdesks with the setting smtp_url, or for this one with: helpdesky mail settings set --relay",
        )
    })?;
    let to = Mailbox::new("", to)
        .map_err(|why| Error::unprocessable("invalid_address", format!("The address {why}")))?;
    let look = look(app, id, &settings).await?;
    let letter = letter::write_test(&look, &settings.from_name).map_err(Error::internal)?;
    let from =
        sender(&settings, &letter.from).ok_or_else(|| Error::new(Kind::Conflict, "no_sender", NO_SENDER))?;
    let unique: uuid::Uuid = app.new_id();
    let message_id = MessageId::parse(&format!("test.{}@{}", unique.simple(), from.domain()))
        .ok_or_else(|| Error::unprocessable("invalid_address", "The sender's domain makes no Message-ID"))?;
    let composed = sealed(app, &settings, &parts(app, id, from, to, letter, message_id));
    Ok(mailer::try_out(app, &relay, &composed).await)
}

const NO_SENDER: &str = "there is no address that mail is from: set one for all helpdesks with the setting mail_from, or for this one with: helpdesky mail settings set --from-address";

struct Made {
    settings: Settings,
    id: MessageId,
    mail: ComposedMail,
}

async fn make(app: &App, mail: &Outgoing) -> std::result::Result<Made, Outcome> {
    let fault = |error: Error| Outcome::Later {
        words: error.sentence,
    };
    let settings = settings::of(app, mail.helpdesk_id).await.map_err(fault)?;
    let look = look(app, mail.helpdesk_id, &settings).await.map_err(fault)?;
    // Whoever typed an address that is not theirs may have typed a name for it as well.
    let name = if mail.content_free { "" } else { mail.name.as_str() };
    let to = Mailbox::new(name, &mail.address).map_err(|why| Outcome::Refused {
        words: format!("the address {why}"),
        address_is_bad: true,
    })?;
    let letter =
        letter::write(mail, &look, &settings.from_name).map_err(|error| fault(Error::internal(error)))?;
    let from = sender(&settings, &letter.from).ok_or_else(|| Outcome::NotSetUp {
        words: "No address is set that mail is from".to_owned(),
    })?;
    let is_automatic = mail.acknowledgement.is_some() || mail.confirm_url.is_some();
    if is_automatic && from.address().eq_ignore_ascii_case(&to.address()) {
        return Err(Outcome::Refused {
            words: "This is the address that mail is from".to_owned(),
            address_is_bad: false,
        });
    }
    let (key, thread) = (inboxes::token_key(app), thread(mail));
    let of = |id| key.message_id(&thread, id, from.domain());
    let id = of(mail.id).ok_or_else(|| Outcome::Later {
        words: "the sender's domain makes no Message-ID".to_owned(),
    })?;
    let came_in = mail
        .answers
        .iter()
        .filter_map(|(at, id)| Some((*at, MessageId::parse(id)?)));
    let sent = mail
        .earlier
        .iter()
        .filter_map(|earlier| Some((made_at(*earlier), of(*earlier)?)));
    // In the order of time: the last one is the one that this mail answers.
    let mut references: Vec<(i64, MessageId)> = came_in.chain(sent).collect();
    references.sort_by_key(|(at, _)| *at);
    let mut outgoing = parts(app, mail.helpdesk_id, from, to, letter, id.clone());
    outgoing.references = references.into_iter().map(|(_, id)| id).collect();
    outgoing.reply_to =
        inboxes::reply_address(app, &thread).and_then(|address| Mailbox::new("", &address).ok());
    outgoing.writer = writer(mail);
    outgoing.copies = copies(app, mail, &outgoing);
    // Operators choose on a page of the dashboard, which nothing can be posted to from outside.
    let contacts = mail
        .unsubscribe_url
        .as_deref()
        .filter(|_| matches!(mail.recipient, Recipient::Contact { .. }));
    outgoing.unsubscribe = contacts.and_then(Unsubscribe::parse);
    outgoing.files = files::parts(app, mail).await.map_err(fault)?;
    let mail = sealed(app, &settings, &outgoing);
    Ok(Made { settings, id, mail })
}

/// When an id was made, which ids of ours tell, epoch milliseconds.
fn made_at(id: Uuid) -> i64 {
    let Some((seconds, nanoseconds)) = id.get_timestamp().map(|at| at.to_unix()) else {
        return 0;
    };
    i64::try_from(seconds).unwrap_or_default() * 1_000 + i64::from(nanoseconds / 1_000_000)
}

/// Who else gets the mail: never the contact twice, and never ourselves, to whom it would come back.
///
/// They get it with the contact's Reply-To, so that "reply to all" reaches us, and could see it in any answer of
/// the contact's anyway. Its token tells us the conversation and opens nothing: a mail that shows it stands there
/// only when the contact, or somebody whom an operator let in, wrote it; of all others it is kept apart
/// (`mail_in::threading`).
fn copies(app: &App, mail: &Outgoing, outgoing: &OutgoingMail) -> Vec<Mailbox> {
    let is_ours = |copy: &Mailbox| {
        let domain = app.config().mail_in.domain.as_deref();
        domain.is_some_and(|own| copy.domain().eq_ignore_ascii_case(own))
            || [&outgoing.from, &outgoing.to]
                .iter()
                .any(|one| one.address().eq_ignore_ascii_case(&copy.address()))
    };
    let found = mail
        .copies
        .iter()
        .filter_map(|address| Mailbox::new("", address).ok());
    // A server without SMTPUTF8 would refuse the mail for all of them.
    found
        .filter(|copy| !copy.needs_smtputf8() && !is_ours(copy))
        .collect()
}

/// What an operator wrote to a contact is a person's answer; all else is a machine's mail.
fn writer(mail: &Outgoing) -> Writer {
    if mail.acknowledgement.is_some() {
        Writer::MachineInAnswer
    } else if mail.content_free || matches!(mail.recipient, Recipient::Operator { .. }) {
        Writer::Machine
    } else {
        Writer::Person
    }
}

/// What the token of a mail is bound to.
pub fn thread(mail: &Outgoing) -> Thread {
    Thread {
        helpdesk: mail.helpdesk_id.0,
        conversation: mail.conversation_id.0,
        recipient: match mail.recipient {
            Recipient::Contact { contact_id } => token::Recipient::Contact(contact_id.0),
            Recipient::Operator { operator_id } => token::Recipient::Operator(operator_id.0),
        },
    }
}

fn parts(
    app: &App,
    id: HelpdeskId,
    from: Mailbox,
    to: Mailbox,
    letter: Letter,
    message_id: MessageId,
) -> OutgoingMail {
    OutgoingMail {
        from,
        to,
        copies: Vec::new(),
        reply_to: None,
        subject: letter.subject,
        date_seconds: app.now_ms().div_euclid(1000),
        message_id,
        references: Vec::new(),
        text: letter.text,
        html: letter.html,
        unsubscribe: None,
        writer: Writer::Machine,
        loop_mark: id.to_string(),
        files: Vec::new(),
    }
}

/// The bytes, signed when the helpdesk signs.
fn sealed(app: &App, settings: &Settings, mail: &OutgoingMail) -> ComposedMail {
    let mut composed = compose(mail);
    if let Some(key) = &settings.dkim {
        composed.bytes = key.sign(&composed.bytes, app.now_ms().div_euclid(1000));
    }
    composed
}

fn sender(settings: &Settings, name: &str) -> Option<Mailbox> {
    Mailbox::new(name, settings.from_address.as_deref()?).ok()
}

async fn look(app: &App, id: HelpdeskId, settings: &Settings) -> Result<Look> {
    let helpdesk = helpdesks::get(app, id).await?;
    let can_be_answered = match &settings.from_address {
        Some(from) => inboxes::can_be_answered(app, id, from).await?,
        None => false,
    };
    Ok(Look {
        helpdesk: helpdesk.name.clone(),
        accent: helpdesk.appearance.accent.clone(),
        support_url: settings.support_url.clone(),
        base_url: app.config().base_url.clone(),
        can_be_answered,
    })
}
