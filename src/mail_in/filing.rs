//! Where a mail goes: everything in one transaction, which settles the mail and writes what it became.

mod bounce;
mod opening;

use super::reading::Read;
use super::rules::{self, Treatment};
use super::store::{self, Claimed, Facts};
use super::threading::{self, Found};
use super::{Reason, State, addressees};
use crate::app::App;
use crate::attachments::blobs::{self, Written};
use crate::attachments::{self, Arrived};
use crate::audit::{By, Entry};
use crate::contacts::Contact;
use crate::conversations::Conversation;
use crate::conversations::by_mail::{self, Answering, Placed};
use crate::conversations::copies;
use crate::conversations::text::Body;
use crate::error::{Error, Kind, Result};
use crate::ids::{AttachmentId, ContactId, ConversationId, HelpdeskId, MailId, MessageId, NoteId};
use crate::notifications;
use crate::operators::Member;
use crate::{helpdesks, inboxes};
use db::Tx;
use mail::Address;
use mail::machine::Author;
use mail::parsed::Correspondent;
use mail::reply;
use mail::token::TokenKey;
use mail::verdict::{Authentication, Verdict};
use std::sync::Arc;

/// Mails of one author within an hour; more wait in quarantine. A machine's may be fewer.
const MOST_OF_HUMANS: i64 = 200;
const MOST_OF_MACHINES: i64 = 60;
const STORM_MS: i64 = 60 * 60 * 1000;
/// How long an operator's answer waits for a DNS that does not answer, before it becomes a note.
const UNDECIDED_MS: i64 = 10 * 60 * 1000;
const WORDS_CHARACTERS: usize = 500;

/// What became of a mail.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub(super) state: State,
    pub(super) reason: Reason,
    /// For people; may be empty.
    pub(super) words: String,
    pub(super) placed: Option<Placed>,
    /// The conversation that it answers without being put there.
    pub(super) other_conversation_id: Option<ConversationId>,
    /// The mail that it repeats or resembles.
    pub(super) related_id: Option<MailId>,
}

impl Settled {
    pub(super) fn new(state: State, reason: Reason) -> Self {
        Self {
            state,
            reason,
            words: String::new(),
            placed: None,
            other_conversation_id: None,
            related_id: None,
        }
    }

    fn filed(reason: Reason, placed: Placed) -> Self {
        Self {
            placed: Some(placed),
            ..Self::new(State::Filed, reason)
        }
    }
}

/// Everything that the transaction needs and does not make, so that it can be done again.
struct Filing {
    claimed: Claimed,
    read: Arc<Read>,
    is_verified: bool,
    /// Whether the DNS may know more later.
    is_undecided: bool,
    key: TokenKey,
    facts: Facts,
    conversation_id: ConversationId,
    message_id: MessageId,
    note_id: NoteId,
    contact_id: ContactId,
    files: Vec<(AttachmentId, Written)>,
    storm: Entry,
    acknowledgement: notifications::Asked,
    /// Who else is named by the mail.
    addressees: Vec<Address>,
    now: i64,
}

/// Files a mail that was read. False when somebody else has claimed it meanwhile.
pub(super) async fn file(
    app: &App,
    claimed: &Claimed,
    read: Arc<Read>,
    authentication: &Authentication,
) -> Result<bool> {
    let helpdesk_id = claimed.helpdesk_id;
    // Looks first, so that a mail that is there already costs no bytes.
    let hash = read.content_hash;
    let is_known = app
        .db()
        .read(async move |tx: &mut Tx| store::with_content(tx, helpdesk_id, hash).await)
        .await?
        .is_some();
    let mut files = Vec::new();
    if !is_known || claimed.as_new {
        for file in &read.mail.attachments {
            let written = blobs::write(app, helpdesk_id, &file.content).await?;
            files.push((app.new_id(), written));
        }
    }
    let facts = facts(claimed, &read, authentication);
    let addressees = addressees::of(app, claimed, &read.mail);
    let filing = Filing {
        claimed: claimed.clone(),
        read,
        is_verified: authentication.verdict == Verdict::Verified,
        is_undecided: authentication.is_temporary,
        key: inboxes::token_key(app),
        facts,
        conversation_id: app.new_id(),
        message_id: app.new_id(),
        note_id: app.new_id(),
        contact_id: app.new_id(),
        files,
        storm: Entry::new(app, helpdesk_id, &By::console(), "mail storm stopped"),
        acknowledgement: notifications::Asked::new(app, helpdesk_id),
        addressees,
        now: app.now_ms(),
    };
    app.db()
        .write(async move |tx: &mut Tx| {
            if !store::hold(tx, &filing.claimed).await? {
                return Ok(false);
            }
            let settled = filing.decide(tx).await?;
            filing.acknowledge(tx, &settled).await?;
            let mut facts = filing.facts.clone();
            if settled.state == State::Quarantined || settled.state == State::Duplicate {
                // Only what is settled stands for its content.
                facts.content_hash = facts.content_hash.filter(|_| settled.state == State::Duplicate);
            }
            let written = store::settle(tx, &filing.claimed, &settled, &facts, filing.now).await;
            match written {
                Err(db::Error::Unique { .. }) => Err(Error::new(
                    Kind::Conflict,
                    "same_content",
                    "The same mail was filed in this moment",
                )),
                written => Ok(written.map(|()| true)?),
            }
        })
        .await
}

/// Puts a mail that cannot be read into quarantine.
pub(super) async fn quarantine(app: &App, claimed: &Claimed, reason: Reason, words: &str) -> Result<()> {
    let settled = Settled {
        words: mail::one_line(words, WORDS_CHARACTERS),
        ..Settled::new(State::Quarantined, reason)
    };
    let (now, claimed) = (app.now_ms(), claimed.clone());
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| {
            if store::hold(tx, &claimed).await? {
                store::settle(tx, &claimed, &settled, &Facts::default(), now).await?;
            }
            Ok::<_, db::Error>(())
        })
        .await?)
}

fn facts(claimed: &Claimed, read: &Read, authentication: &Authentication) -> Facts {
    let author = read.mail.from.one();
    let line = |text: &str| mail::one_line(text, WORDS_CHARACTERS);
    Facts {
        author_email: author
            .map(|author| author.address.as_str().to_owned())
            .unwrap_or_default(),
        author_name: author.map(|author| line(&author.name)).unwrap_or_default(),
        subject: line(&read.mail.subject),
        message_id: read.mail.message_id.as_deref().map(line).unwrap_or_default(),
        verdict: match authentication.verdict {
            Verdict::Verified => "verified",
            Verdict::Failed => "failed",
            Verdict::Unknown => "unknown",
        },
        verdict_words: line(&authentication.words()),
        is_automatic: read.origin.author != Author::Human,
        has_folded: read.has_folded,
        // An operator who delivers a mail as new wants it twice, if it is there already.
        content_hash: (!claimed.as_new).then_some(read.content_hash),
    }
}

impl Filing {
    fn helpdesk_id(&self) -> HelpdeskId {
        self.claimed.helpdesk_id
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Settled> {
        let (read, helpdesk_id) = (&self.read, self.helpdesk_id());
        if self.claimed.as_new {
            return self.open_for_author(tx, Reason::AsNew).await;
        }
        if let Some(twin) = store::with_content(tx, helpdesk_id, read.content_hash).await? {
            return Ok(Settled {
                related_id: Some(twin),
                ..Settled::new(State::Duplicate, Reason::SameContent)
            });
        }
        if let Some(confirmation) = &read.confirmation {
            return Ok(Settled {
                words: confirmation.stored(),
                ..Settled::new(State::Noted, Reason::ForwardingConfirmation)
            });
        }
        if read.origin.author == Author::Bounce {
            return self.bounce(tx).await;
        }
        if read.origin.is_loop {
            return Ok(Settled::new(State::Quarantined, Reason::Loop));
        }
        let Some(author) = read.mail.from.one() else {
            return Ok(Settled::new(State::Quarantined, Reason::NoAuthor));
        };
        let treatment = rules::treatment(tx, helpdesk_id, &author.address).await?;
        if treatment != Some(Treatment::Allow) && self.is_storm(tx, author).await? {
            return Ok(Settled::new(State::Quarantined, Reason::Storm));
        }
        let email = author.address.as_str();
        match threading::find(tx, &self.key, helpdesk_id, &read.candidates, Some(email)).await? {
            Found::Contact(conversation, contact) => {
                self.reply(tx, conversation, &contact, Reason::Answer).await
            }
            Found::Participant(conversation, contact) => {
                self.reply(tx, conversation, &contact, Reason::AnswerOfParticipant)
                    .await
            }
            Found::Operator(conversation, member) => self.of_operator(tx, conversation, &member).await,
            Found::OtherSender(conversation) => {
                let settled = self.open_for_author(tx, Reason::OtherSender).await?;
                Ok(Settled {
                    other_conversation_id: Some(conversation.id),
                    ..settled
                })
            }
            Found::InSpam => self.open_for_author(tx, Reason::ThreadInSpam).await,
            Found::Forged => self.open_unthreaded(tx, author, Reason::ForgedToken).await,
            Found::Nothing => self.open_unthreaded(tx, author, Reason::NoToken).await,
        }
    }

    /// Only a person who asks something new is told that it has come in, and only where nothing in the mail
    /// forbids it (RFC 3834). Whoever answers a mail of ours, or is spoken for by an operator, knows it.
    async fn acknowledge(&self, tx: &mut Tx, settled: &Settled) -> Result<()> {
        let is_new = settled.state == State::Filed && settled.reason == Reason::NoToken;
        if let (true, None, Some(placed)) = (is_new, self.read.origin.silence, settled.placed) {
            let id = placed.conversation_id;
            notifications::acknowledge(tx, self.helpdesk_id(), id, &self.acknowledgement).await?;
        }
        Ok(())
    }

    /// More from one author than any person writes.
    async fn is_storm(&self, tx: &mut Tx, author: &Correspondent) -> Result<bool> {
        let most = match self.read.origin.author {
            Author::Human => MOST_OF_HUMANS,
            _ => MOST_OF_MACHINES,
        };
        let email = author.address.as_str();
        let since = self.now - STORM_MS;
        let count = store::count_by_author(tx, self.helpdesk_id(), email, since, most + 1).await?;
        // Told once, when it begins.
        if count == most {
            self.storm.write(tx, email).await?;
        }
        Ok(count >= most)
    }

    async fn reply(
        &self,
        tx: &mut Tx,
        conversation: Conversation,
        contact: &Contact,
        reason: Reason,
    ) -> Result<Settled> {
        let body = self.body(&self.read.new_text);
        let name = if conversation.contact_id == contact.id {
            conversation.correspondent(contact).to_owned()
        } else {
            contact.display_name().to_owned()
        };
        let author = match self.read.origin.author {
            Author::AutoReply => Answering::Machine(&name),
            _ => Answering::Person(&name),
        };
        let placed = by_mail::reply(tx, conversation, author, self.message_id, &body, self.now).await?;
        self.attach(tx, placed, true).await?;
        self.remember_addressees(tx, placed).await?;
        Ok(Settled::filed(reason, placed))
    }

    /// An answer in an operator's name: theirs when the mail is known to be theirs, else a note, because what
    /// an operator says reaches the contact.
    async fn of_operator(&self, tx: &mut Tx, conversation: Conversation, member: &Member) -> Result<Settled> {
        if self.read.origin.author != Author::Human {
            return Ok(Settled {
                other_conversation_id: Some(conversation.id),
                ..Settled::new(State::Noted, Reason::OperatorAway)
            });
        }
        let is_theirs = self.is_verified && self.read.mail.doubts.is_empty();
        if !is_theirs && self.is_undecided && self.now - self.claimed.received_at < UNDECIDED_MS {
            return Err(Error::new(
                Kind::Unavailable,
                "undecided",
                "The DNS did not say whether the mail is the operator’s",
            ));
        }
        let noted = reply::note(&self.read.new_text);
        if is_theirs && noted.is_none() && !conversation.status.is_hidden() {
            let body = self.body(&self.read.new_text);
            let placed = by_mail::answer(tx, conversation, member, self.message_id, &body, self.now).await?;
            self.attach(tx, placed, true).await?;
            return Ok(Settled::filed(Reason::OperatorAnswer, placed));
        }
        let body = self.body(noted.unwrap_or(&self.read.new_text));
        let placed = by_mail::note(tx, conversation, member, self.note_id, &body, self.now).await?;
        self.attach(tx, placed, false).await?;
        let reason = if is_theirs {
            Reason::OperatorNote
        } else {
            Reason::OperatorUnproved
        };
        Ok(Settled::filed(reason, placed))
    }

    fn body(&self, text: &str) -> Body {
        // A mail of pictures or files alone says nothing in words.
        Body::of_mail(text)
            .or_else(|| Body::of_mail(&self.read.mail.subject))
            .unwrap_or_else(Body::placeholder)
    }

    /// To whom else the mail was written, and who wrote it: for copies of answers, if an operator wants any.
    async fn remember_addressees(&self, tx: &mut Tx, placed: Placed) -> Result<()> {
        let place = (placed.conversation_id, placed.entry);
        Ok(copies::remember(tx, self.helpdesk_id(), place, &self.addressees).await?)
    }

    async fn attach(&self, tx: &mut Tx, placed: Placed, is_public: bool) -> Result<()> {
        for ((id, blob), file) in self.files.iter().zip(&self.read.mail.attachments) {
            let file = Arrived {
                id: *id,
                conversation_id: placed.conversation_id,
                entry: placed.entry,
                is_public,
                blob,
                name: &file.name,
                content_type: &file.content_type,
                content_id: file.content_id.as_deref().unwrap_or_default(),
                now: self.now,
            };
            attachments::add(tx, self.helpdesk_id(), &file).await?;
        }
        Ok(())
    }
}

/// The loop marks of this installation: every helpdesk's id, which its mails carry.
pub(super) async fn own_marks(app: &App) -> Result<Vec<String>> {
    let helpdesks = helpdesks::list(app).await?;
    Ok(helpdesks.iter().map(|helpdesk| helpdesk.id.to_string()).collect())
}
