//! Mail of a helpdesk that has nothing but a mailbox: answers to it arrive there.

use helpdesky::audit::By;
use helpdesky::ids::HelpdeskId;
use helpdesky::mail_in::imap;

use super::{add, filed, settings, until, until_looked};
use crate::mail_in::{header, hold_ends, left, letter};
use crate::support::TestApp;
use crate::support::imap::{ImapServer, Script};

both_engines!(a_letter_from_the_address_of_a_mailbox_is_answered_into_it);

const REPLY: &str = "Just reply to this email";

async fn a_letter_from_the_address_of_a_mailbox_is_answered_into_it(app: TestApp) {
    let (app, helpdesk) = super::fetching(&app).await;
    let id: HelpdeskId = helpdesk.id.parse().expect("an id");
    // The address that this helpdesk's mail is from, as its provider has it.
    let user = "Support@desk.example";
    let script = Script {
        user,
        ..Script::default()
    };
    let server = ImapServer::start(script).await;
    let mut mailbox = settings(&server);
    user.clone_into(&mut mailbox.user);
    let mailbox = add(&app, &helpdesk, &mailbox, None).await;
    until_looked(&app, &helpdesk, mailbox).await;

    let ann = app.contact(&helpdesk, "ann@x.example");
    let asked = ann.open("Where is my order?").await;
    app.operator_reply(&helpdesk, &asked, "It left today.").await;
    hold_ends(&app).await;
    let [to_ann] = &left(&app, 1).await[..] else {
        panic!("one mail")
    };
    assert!(to_ann.contains(REPLY), "{to_ann}");
    assert_eq!(header(to_ann, "reply-to"), "", "the address itself is read");

    // By the thread alone: nothing else is in her program's answer.
    let id_of_mail = header(to_ann, "message-id");
    let raw = letter(
        "ann@x.example",
        "Re: Where is my order?",
        "2@x.example",
        "Thanks!",
    )
    .replace(
        "\nMessage-ID:",
        &format!("\nIn-Reply-To: {id_of_mail}\nMessage-ID:"),
    );
    let now = app.app.now_ms();
    server.inbox(|inbox| inbox.add(raw.as_bytes(), now));
    until("it is fetched", async || !app.mails(&helpdesk).await.is_empty()).await;
    assert_eq!(filed::filed(&app, &helpdesk).await.len(), 1);
    let [mail] = &app.mails(&helpdesk).await[..] else {
        panic!("one mail")
    };
    assert_eq!(mail.conversation_id.expect("a conversation").to_string(), asked);

    // A mailbox that nobody looks into promises nothing.
    imap::pause(&app.app, id, mailbox, &By::console(), "Olga")
        .await
        .expect("it pauses");
    app.operator_reply(&helpdesk, &asked, "You are welcome.").await;
    hold_ends(&app).await;
    let later = left(&app, 1).await;
    assert!(!later[0].contains(REPLY), "{}", later[0]);
}
