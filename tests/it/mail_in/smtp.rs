//! The SMTP listener as servers of the world, and those who attack them, meet it.

use helpdesky::mail_in::{Reason, State};

use super::letter;
use crate::support::TestApp;
use crate::support::letters::SmtpClient;

both_engines!(
    mail_is_taken_for_our_own_addresses_only,
    a_former_address_works_for_a_while,
    one_mail_to_two_helpdesks_becomes_one_in_each,
    the_same_mail_by_several_doors_is_one_message,
    a_mail_that_is_too_long_leaves_nothing,
    an_end_of_data_that_is_none_ends_nothing,
    sessions_that_go_wrong_leave_others_alone,
);

async fn mail_is_taken_for_our_own_addresses_only(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let address = app.forwarding_address(&helpdesk).await;
    let mut client = SmtpClient::connect(&app).await;
    let offers = client.say("EHLO mx.sender.example").await;
    for offer in [
        "SIZE 26214400",
        "8BITMIME",
        "SMTPUTF8",
        "PIPELINING",
        "ENHANCEDSTATUSCODES",
    ] {
        assert!(offers.contains(offer), "{offer}: {offers}");
    }
    assert!(
        !offers.contains("STARTTLS") && !offers.contains("AUTH"),
        "{offers}"
    );
    assert!(client.say("MAIL FROM:<a@x.example>").await.starts_with("250"));
    for foreign in [
        "victim@elsewhere.example".to_owned(),
        "nobody@in.desk.example".to_owned(),
        address.replace('@', "%elsewhere.example@"),
        format!("{}@elsewhere.example", address.split('@').next().expect("a name")),
        "reply+ooooo@in.desk.example".to_owned(),
    ] {
        let answer = client.say(&format!("RCPT TO:<{foreign}>")).await;
        assert!(answer.starts_with("550 "), "{foreign}: {answer}");
    }
    assert!(client.say("DATA").await.starts_with('5'), "nobody to write to");
    let upper = address.to_uppercase();
    assert!(client.say(&format!("RCPT TO:<{upper}>")).await.starts_with("250"));
    assert!(client.say("RCPT TO:<postmaster>").await.starts_with("250"));
    assert!(client.say("RSET").await.starts_with("250"));
    assert!(client.say("QUIT").await.starts_with("221"));
    assert!(app.mails(&helpdesk).await.is_empty());
}

async fn a_former_address_works_for_a_while(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let former = app.forwarding_address(&helpdesk).await;
    let (id, by) = (
        helpdesk.id.parse().expect("an id"),
        helpdesky::audit::By::console(),
    );
    helpdesky::inboxes::renew(&app.app, id, &by, false)
        .await
        .expect("a new address");
    let current = app.forwarding_address(&helpdesk).await;
    assert_ne!(current, former);
    for (number, address) in [&former, &current].into_iter().enumerate() {
        app.smtp_mail(
            "a@x.example",
            address,
            &letter("a@x.example", "Hi", &format!("{number}@x"), "Hi"),
        )
        .await;
    }
    assert_eq!(app.mails(&helpdesk).await.len(), 2);
    app.advance(helpdesky::inboxes::KEPT_MS + 1);
    let mut client = SmtpClient::connect(&app).await;
    client.say("EHLO x").await;
    client.say("MAIL FROM:<a@x.example>").await;
    assert!(
        client
            .say(&format!("RCPT TO:<{former}>"))
            .await
            .starts_with("550")
    );
    assert!(
        client
            .say(&format!("RCPT TO:<{current}>"))
            .await
            .starts_with("250")
    );
}

async fn one_mail_to_two_helpdesks_becomes_one_in_each(app: TestApp) {
    let app = app.receiving().await;
    let (one, two) = (app.helpdesk("One").await, app.helpdesk("Two").await);
    let addresses = [
        app.forwarding_address(&one).await,
        app.forwarding_address(&two).await,
    ];
    let mut client = SmtpClient::connect(&app).await;
    client.say("EHLO x.example").await;
    let raw = letter("a@x.example", "To both", "both@x.example", "Hello both");
    let answer = client
        .mail("a@x.example", &[&addresses[0], &addresses[1]], &raw)
        .await;
    assert!(answer.starts_with("250 "), "{answer}");
    app.settled().await;
    for helpdesk in [&one, &two] {
        let mails = app.mails(helpdesk).await;
        assert_eq!(mails.len(), 1);
        assert_eq!((mails[0].state, mails[0].recipients.len()), (State::Filed, 1));
    }
    let contact = app.contact(&two, "a@x.example");
    assert_eq!(contact.conversations().await.len(), 1);
}

async fn the_same_mail_by_several_doors_is_one_message(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let address = app.forwarding_address(&helpdesk).await;
    let raw = letter("a@x.example", "Once", "once@x.example", "Only once");
    app.smtp_mail("a@x.example", &address, &raw).await;
    app.smtp_mail("a@x.example", &address, &raw).await;
    let by_program = app.deliver(&helpdesk, raw.replace('\n', "\r\n")).await;
    assert_eq!(
        (by_program.state, by_program.reason),
        (State::Duplicate, Some(Reason::SameContent))
    );
    let contact = app.contact(&helpdesk, "a@x.example");
    assert_eq!(contact.conversations().await.len(), 1);
    // An attacker was first with this Message-ID; the other mail is kept all the same.
    let other = app
        .deliver(&helpdesk, letter("b@y.example", "Real", "once@x.example", "Mine"))
        .await;
    assert_eq!(
        (other.state, other.reason),
        (State::Filed, Some(Reason::PossibleDuplicate))
    );
    assert!(other.related_id.is_some());
}

async fn a_mail_that_is_too_long_leaves_nothing(app: TestApp) {
    let app = app
        .receiving_with(|config| config.mail_in.most_bytes = 1024 * 1024)
        .await;
    let helpdesk = app.helpdesk("Fernway").await;
    let address = app.forwarding_address(&helpdesk).await;
    let mut client = SmtpClient::connect(&app).await;
    client.say("EHLO x.example").await;
    assert!(
        client
            .say("MAIL FROM:<a@x.example> SIZE=1048577")
            .await
            .starts_with("552")
    );
    client.say("MAIL FROM:<a@x.example> SIZE=100").await;
    client.say(&format!("RCPT TO:<{address}>")).await;
    client.say("DATA").await;
    let line = [b'x'; 998];
    for _ in 0..1_100 {
        client.send(&line).await;
        client.send(b"\r\n").await;
    }
    assert!(client.say(".").await.starts_with("552"));
    // The session goes on, and a long mail within the limit arrives whole.
    let long = "0123456789abcdef\n".repeat(40_000);
    let raw = letter("a@x.example", "Long", "long@x.example", &long);
    let answer = client.mail("a@x.example", &[&address], &raw).await;
    assert!(answer.starts_with("250 "), "{answer}");
    app.settled().await;
    let [mail] = &app.mails(&helpdesk).await[..] else {
        panic!("one mail")
    };
    let (_, read) = helpdesky::mail_in::mails::read(&app.app, helpdesk.id.parse().expect("an id"), mail.id)
        .await
        .expect("the mail");
    assert_eq!(read.text.trim_end(), long.trim_end());
}

async fn an_end_of_data_that_is_none_ends_nothing(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let address = app.forwarding_address(&helpdesk).await;
    for end in [
        "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\n.\r",
    ] {
        let mut client = SmtpClient::connect(&app).await;
        client.say("EHLO x.example").await;
        client.say("MAIL FROM:<a@x.example>").await;
        client.say(&format!("RCPT TO:<{address}>")).await;
        client.say("DATA").await;
        let smuggled = format!(
            "Subject: one\r\n\r\nfirst{end}MAIL FROM:<evil@x.example>\r\nRCPT TO:<{address}>\r\nDATA\r\nSubject: two\r\n\r\nsecond"
        );
        client.send(smuggled.as_bytes()).await;
        let answer = client.say("\r\n.").await;
        assert!(answer.starts_with("550 5.5.2"), "{end:?}: {answer}");
    }
    app.settled().await;
    assert!(app.mails(&helpdesk).await.is_empty());
}

async fn sessions_that_go_wrong_leave_others_alone(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let address = app.forwarding_address(&helpdesk).await;
    let mut silent = Vec::new();
    for _ in 0..40 {
        let mut client = SmtpClient::connect(&app).await;
        client.send(b"EHL").await;
        silent.push(client);
    }
    let mut noisy = SmtpClient::connect(&app).await;
    let mut last = String::new();
    for _ in 0..12 {
        last = noisy.say("XYZZY").await;
        if last.starts_with("421") || last.is_empty() {
            break;
        }
    }
    assert!(last.contains("421"), "{last}");
    assert_eq!(noisy.answer().await, "", "and the server hangs up");
    app.smtp_mail(
        "a@x.example",
        &address,
        &letter("a@x.example", "Hi", "ok@x", "Hi"),
    )
    .await;
    assert_eq!(app.mails(&helpdesk).await.len(), 1);
    // Whoever is greeted has been counted.
    for _ in 0..10 {
        silent.push(SmtpClient::connect(&app).await);
    }
    let mut one_too_many = SmtpClient::silent(&app).await;
    let greeting = one_too_many.answer().await;
    assert!(greeting.starts_with("421 "), "{greeting}");
}
