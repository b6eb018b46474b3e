//! What comes of a message.

use helpdesky::conversations::{Channel, by_operator};
use helpdesky::forms::settings::Select;
use serde_json::json;

use super::received;
use crate::support::{TestApp, array, string};

both_engines!(
    a_message_opens_a_conversation_marked_unverified,
    the_name_and_the_subject_are_the_senders_and_the_contact_keeps_their_own,
    the_helpdesks_own_fields_are_chosen_from_and_shown,
    the_form_tells_what_it_asks,
    a_form_is_used_once,
);

async fn a_message_opens_a_conversation_marked_unverified(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let text = "I have about 340 clients in a sheet.\nIs there a way?\n";
    received(
        &app.write_by_form(&helpdesk, " Marta@Oliveira.example", text, json!({}))
            .await,
    );
    let open = app.open_list(&helpdesk).await;
    let row = &open[0];
    assert_eq!(open.len(), 1);
    assert_eq!(row.contact.email, "marta@oliveira.example");
    assert_eq!(row.contact.proved_at, None);
    assert!(row.conversation.unverified);
    assert_eq!(row.conversation.channel, Channel::ContactForm);
    assert_eq!(row.conversation.subject, "I have about 340 clients in a sheet.");
    let member = app.member(&helpdesk).await;
    let opened = by_operator::show(&app.app, &member, row.conversation.id, None)
        .await
        .unwrap();
    let by_operator::Entry::Message(message) = &opened.entries[0] else {
        panic!("a message: {:?}", opened.entries);
    };
    assert_eq!(
        (message.body.as_str(), message.author_name.as_str()),
        (text, "marta")
    );
}

async fn the_name_and_the_subject_are_the_senders_and_the_contact_keeps_their_own(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "marta@oliveira.example");
    contact.verify().await;
    let more = json!({"name": "  Your\nbank ", "subject": "Re: invoice\r\nBcc: x"});
    received(
        &app.write_by_form(&helpdesk, "marta@oliveira.example", "Hello", more)
            .await,
    );
    let row = &app.open_list(&helpdesk).await[0];
    assert_eq!(row.conversation.sender_name, "Your bank");
    assert_eq!(row.conversation.subject, "Re: invoice Bcc: x");
    assert_eq!(row.contact.name, None, "nobody is renamed by a form");
    assert!(contact.verify().await["contact"]["name"].is_null());

    received(
        &app.write_by_form(&helpdesk, "new@example.com", "Hello", json!({"name": "A name"}))
            .await,
    );
    let fresh = app.contact(&helpdesk, "new@example.com");
    assert!(
        fresh.verify().await["contact"]["name"].is_null(),
        "nor named beforehand"
    );
}

async fn the_helpdesks_own_fields_are_chosen_from_and_shown(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    app.set_form(&helpdesk, |form| {
        form.selects.push(Select {
            name: "topic".to_owned(),
            label: "Topic".to_owned(),
            options: vec!["Billing".to_owned(), "Something else".to_owned()],
            required: true,
        });
    })
    .await;
    let form = app.form(&helpdesk).await;
    assert_eq!(
        form["form"]["selects"][0]["options"],
        json!(["Billing", "Something else"])
    );
    for fields in [
        json!({}),
        json!({"topic": "billing"}),
        json!({"topic": ""}),
        json!({"other": "Billing"}),
    ] {
        let refused = app
            .write_by_form(&helpdesk, "a@example.com", "Hello", json!({"fields": fields}))
            .await;
        assert!(refused.refused(422, "invalid_choice").contains("topic"));
    }
    for fields in [json!("topic"), json!({"topic": 1}), json!([["topic", "Billing"]])] {
        app.write_by_form(&helpdesk, "a@example.com", "Hello", json!({"fields": fields}))
            .await
            .names_field("fields");
    }
    assert_eq!(app.counts().await.conversations, 0);
    let fields = json!({"topic": "Billing", "unknown": "is ignored"});
    received(
        &app.write_by_form(&helpdesk, "a@example.com", "Hello", json!({"fields": fields}))
            .await,
    );
    let member = app.member(&helpdesk).await;
    let id = app.open_list(&helpdesk).await[0].conversation.id;
    let opened = by_operator::show(&app.app, &member, id, None).await.unwrap();
    assert_eq!(opened.answers.len(), 1);
    assert_eq!(
        (opened.answers[0].label.as_str(), opened.answers[0].value.as_str()),
        ("Topic", "Billing")
    );
}

async fn the_form_tells_what_it_asks(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let form = app.form(&helpdesk).await;
    assert_eq!(form["helpdesk"]["name"], "Acme");
    assert_eq!(form["helpdesk"]["messaging"], true);
    assert_eq!(
        (&form["form"]["name"], &form["form"]["subject"]),
        (&json!(true), &json!(true))
    );
    assert!(array(&form["form"]["selects"]).is_empty());
    assert!(string(&form["token"]).starts_with("hdf_") && form["minimumSeconds"].is_u64());
    app.set_form(&helpdesk, |form| {
        (form.asks_subject, form.protection.asks_proof) = (false, false);
        "Write to us".clone_into(&mut form.title);
    })
    .await;
    let form = app.form(&helpdesk).await;
    assert_eq!(form["form"]["title"], "Write to us");
    assert_eq!(
        (&form["form"]["subject"], &form["proofBits"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(app.counts().await.contacts, 0, "asking writes nothing");
}

async fn a_form_is_used_once(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let filled = app.filled(&helpdesk).await;
    let first = filled.with("a@example.com", "Hello", &json!({}));
    received(&app.send_form(&first).await);
    // An answer that got lost: the same again is nothing new.
    received(&app.send_form(&first).await);
    let other = filled.with("a@example.com", "Something else", &json!({}));
    app.send_form(&other).await.refused(409, "form_used");
    assert_eq!(app.counts().await.messages, 1);
}
