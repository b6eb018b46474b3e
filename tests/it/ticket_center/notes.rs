//! Private notes: in nothing a contact gets, and nothing a contact sees moves when one is written.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::events::EventStream;
use crate::support::random::Random;
use crate::support::{TestApp, TestContact, TestHelpdesk, array, count, string};

/// In every note, and in nothing else.
const CANARY: &str = "canary-9f3b7c";

/// All a contact can ask for, but the token and its end, which differ on each call. Nothing in it
/// marks a conversation read.
async fn visible(contact: &TestContact<'_>, token: &str, conversations: &BTreeSet<String>) -> Vec<Value> {
    let mut verified = contact.verify().await;
    for field in ["token", "expiresAt"] {
        verified.as_object_mut().unwrap().remove(field);
    }
    let mut seen = vec![
        verified,
        contact.by_token(token, "conversations", json!({})).await.ok(),
    ];
    for conversation in conversations {
        seen.push(
            contact
                .by_token(token, &format!("conversations/{conversation}"), json!({}))
                .await
                .ok(),
        );
    }
    seen
}

/// One contact with their conversations, for the random run.
struct Party<'app> {
    contact: TestContact<'app>,
    conversations: BTreeSet<String>,
    token: String,
    stream: EventStream,
}

impl<'app> Party<'app> {
    async fn new(app: &'app TestApp, helpdesk: &TestHelpdesk, email: &str) -> Self {
        let contact = app.contact(helpdesk, email);
        let conversations = BTreeSet::from([contact.open("Hello").await]);
        let token = contact.token().await;
        let stream = EventStream::open(app, &token, None).await;
        Self {
            contact,
            conversations,
            token,
            stream,
        }
    }

    /// A fresh token and stream before the old ones end, the test's clock being fast.
    async fn renew(&mut self, app: &'app TestApp) {
        let received = String::from_utf8_lossy(&self.stream.received).into_owned();
        assert!(!received.contains(CANARY));
        self.token = self.contact.token().await;
        self.stream = EventStream::open(app, &self.token, None).await;
    }

    /// One random operation; everything the contact gets is looked through.
    async fn act(&mut self, app: &TestApp, random: &mut Random) {
        let known: Vec<String> = self.conversations.iter().cloned().collect();
        let conversation = random.pick(&known).clone();
        let helpdesk = self.contact.helpdesk.clone();
        let page = json!({});
        let got = match random.below(12) {
            0 if known.len() < 8 => {
                let opened = self.contact.open("Another question").await;
                self.conversations.insert(opened);
                Value::Null
            }
            0 | 1 => self.contact.reply(&conversation, "More").await,
            2 => json!(app.operator_reply(&helpdesk, &conversation, "An answer").await),
            3 => self.contact.close(&conversation).await,
            4 => {
                app.operator_close(&helpdesk, &conversation).await;
                app.operator_reopen(&helpdesk, &conversation).await;
                Value::Null
            }
            5 => self.contact.history(&conversation).await,
            6 => self
                .contact
                .by_token(&self.token, "conversations", page)
                .await
                .ok(),
            7 => self
                .contact
                .by_token(&self.token, &format!("conversations/{conversation}/read"), page)
                .await
                .ok(),
            8 => self.contact.verify().await,
            _ => {
                let before = visible(&self.contact, &self.token, &self.conversations).await;
                let note = format!("{CANARY} {}", random.next());
                app.operator_note(&helpdesk, &conversation, &note).await;
                let after = visible(&self.contact, &self.token, &self.conversations).await;
                assert_eq!(before, after, "a note moves nothing");
                json!(after)
            }
        };
        assert!(!got.to_string().contains(CANARY), "{got}");
    }
}

both_engines!(
    whatever_happens_no_note_reaches_a_contact,
    a_conversation_of_only_notes_after_the_first_message_looks_untouched,
    the_stream_tells_nothing_of_a_note,
);

async fn whatever_happens_no_note_reaches_a_contact(app: TestApp) {
    let (acme, globex) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    let mut random = Random::new(20_261_121);
    let mut parties = Vec::new();
    for (helpdesk, email) in [
        (&acme, "a@example.com"),
        (&acme, "b@example.com"),
        (&globex, "a@example.com"),
    ] {
        parties.push(Party::new(&app, helpdesk, email).await);
    }
    for round in 0..count(300, 10_000) {
        if round % 500 == 499 {
            for party in &mut parties {
                party.renew(&app).await;
            }
        }
        let at = random.below(parties.len());
        parties[at].act(&app, &mut random).await;
    }
    for party in &mut parties {
        // A last message each, so that everything before it has come through the stream.
        let conversation = party.conversations.first().unwrap().clone();
        app.operator_reply(&party.contact.helpdesk, &conversation, "The very last")
            .await;
        while party.stream.next_of("message").await.data["message"]["body"] != "The very last" {}
        let received = String::from_utf8_lossy(&party.stream.received).into_owned();
        assert!(!received.contains(CANARY));
        for conversation in &party.conversations {
            let history = party.contact.history(conversation).await;
            assert!(!history.to_string().contains(CANARY));
            let listed: Vec<String> = array(&history["messages"])
                .iter()
                .map(|message| string(&message["id"]))
                .collect();
            assert_eq!(listed.iter().collect::<BTreeSet<_>>().len(), listed.len());
        }
    }
}

async fn a_conversation_of_only_notes_after_the_first_message_looks_untouched(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let other = contact.open("Newer").await;
    let token = contact.token().await;
    let conversations = BTreeSet::from([conversation.clone(), other]);
    let before = visible(&contact, &token, &conversations).await;
    for number in 0..150 {
        app.advance(1_000);
        app.operator_note(&helpdesk, &conversation, &format!("{CANARY} {number}"))
            .await;
    }
    assert_eq!(
        visible(&contact, &token, &conversations).await,
        before,
        "no time, count, preview, order or cursor moved"
    );
    assert_eq!(contact.history(&conversation).await["nextCursor"], Value::Null);
}

async fn the_stream_tells_nothing_of_a_note(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let mut stream = EventStream::open(&app, &contact.token().await, None).await;
    let mut cursors = Vec::new();
    for note in [false, false, true, true] {
        if note {
            app.operator_note(&helpdesk, &conversation, CANARY).await;
        }
        app.operator_reply(&helpdesk, &conversation, "An answer").await;
        let event = stream.next().await.expect("an event");
        assert_eq!(event.kind, "message", "the reply and nothing before it");
        cursors.push(event.id.expect("a cursor"));
    }
    assert!(!String::from_utf8_lossy(&stream.received).contains(CANARY));
    // A cursor that can be read as a number has no gap where a note was written.
    let numbers: Vec<i64> = cursors.iter().filter_map(|cursor| number_in(cursor)).collect();
    let gaps: Vec<i64> = numbers
        .windows(2)
        .map(|pair| pair[1].wrapping_sub(pair[0]))
        .collect();
    let small = numbers.iter().all(|number| (0..1_000_000).contains(number));
    assert!(
        !small || gaps.windows(2).all(|gaps| gaps[0] == gaps[1]),
        "{cursors:?}"
    );
}

/// The number that a text is, in digits or as the last bytes behind base64 or hex.
fn number_in(text: &str) -> Option<i64> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok();
    let behind = bytes.and_then(|bytes| bytes.last_chunk().copied().map(i64::from_be_bytes));
    text.parse()
        .ok()
        .or_else(|| i64::from_str_radix(text, 16).ok())
        .or(behind)
}
