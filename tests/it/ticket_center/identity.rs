//! Who a signed e-mail address is: white space and case, and nothing else, may differ.

use serde_json::json;

use crate::support::{TestApp, merged, signing, string};

both_engines!(
    each_published_example_address_verifies_with_its_own_signature,
    a_signature_may_be_made_of_the_address_as_sent_or_trimmed_or_in_lower_case,
    a_signature_of_any_other_spelling_is_refused,
    a_signature_may_be_upper_case_and_have_white_space_around_it,
    case_and_outer_white_space_of_an_address_lead_to_one_contact,
    tags_and_dots_make_different_contacts,
    the_same_address_in_two_helpdesks_is_two_contacts,
    one_helpdesks_secret_opens_nothing_in_another,
    the_signed_address_decides_whatever_else_is_sent,
    knowing_a_valid_pair_gives_no_more_than_a_token_of_one_hour,
);

async fn each_published_example_address_verifies_with_its_own_signature(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    for email in [
        "user@example.com",
        "User@Example.com",
        "jane+tag@example.com",
        "ünï@example.com",
    ] {
        let answer = app.contact(&helpdesk, email).verify().await;
        assert_eq!(answer["contact"]["email"], email.to_ascii_lowercase(), "{email}");
    }
}

async fn a_signature_may_be_made_of_the_address_as_sent_or_trimmed_or_in_lower_case(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let known = string(&app.contact(&helpdesk, "user@example.com").verify().await["contact"]["id"]);
    let sent = "  User@Example.com\t";
    for signed in [sent, "User@Example.com", "user@example.com"] {
        let answer = app
            .call(
                "verify",
                &json!({
                    "helpdeskId": helpdesk.id,
                    "email": sent,
                    "signature": signing::sign(&helpdesk.secret, signed),
                }),
            )
            .await
            .ok();
        assert_eq!(answer["contact"]["id"], known.as_str(), "signed {signed:?}");
        assert_eq!(answer["contact"]["email"], "user@example.com");
    }
}

async fn a_signature_of_any_other_spelling_is_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let sent = "User@Example.com";
    let others = [
        " User@Example.com",
        "User@Example.com ",
        "User@Example.com\n",
        "USER@EXAMPLE.COM",
        "user@Example.com",
        "User@example.com",
        "user@example.com.",
        "user+x@example.com",
        "User",
        "",
    ];
    for signed in others {
        app.call(
            "verify",
            &json!({
                "helpdeskId": helpdesk.id,
                "email": sent,
                "signature": signing::sign(&helpdesk.secret, signed),
            }),
        )
        .await
        .refused(401, "verification_failed");
    }
}

async fn a_signature_may_be_upper_case_and_have_white_space_around_it(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let signature = signing::sign(&helpdesk.secret, &contact.email);
    let upper = signature.to_ascii_uppercase();
    let mixed: String = signature
        .chars()
        .enumerate()
        .map(|(at, digit)| {
            if at % 2 == 0 {
                digit.to_ascii_uppercase()
            } else {
                digit
            }
        })
        .collect();
    for written in [
        upper,
        mixed,
        format!(" {signature}"),
        format!("{signature}\n"),
        format!("\t{signature}\r\n"),
    ] {
        contact.call("verify", json!({"signature": written})).await.ok();
    }
}

async fn case_and_outer_white_space_of_an_address_lead_to_one_contact(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let conversation = app
        .contact(&helpdesk, "jane@example.com")
        .open("Where is my parcel?")
        .await;
    for spelling in [
        "JANE@EXAMPLE.COM",
        "Jane@Example.Com",
        " jane@example.com ",
        "\tjane@example.com\r\n",
    ] {
        let listed = app.contact(&helpdesk, spelling).listed(&conversation).await;
        assert_eq!(listed["preview"], "Where is my parcel?", "{spelling:?}");
    }
    assert_eq!(app.counts().await.contacts, 1);
}

async fn tags_and_dots_make_different_contacts(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    app.contact(&helpdesk, "janedoe@example.com").open("Mine").await;
    for other in [
        "jane.doe@example.com",
        "janedoe+tag@example.com",
        "j.a.n.e.d.o.e@example.com",
    ] {
        assert!(
            app.contact(&helpdesk, other).conversations().await.is_empty(),
            "{other}"
        );
    }
    assert_eq!(app.counts().await.contacts, 4);
}

async fn the_same_address_in_two_helpdesks_is_two_contacts(app: TestApp) {
    let (acme, globex) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    let at_acme = app.contact(&acme, "user@example.com");
    let at_globex = app.contact(&globex, "user@example.com");
    let conversation = at_acme.open("To Acme only").await;

    assert!(at_globex.conversations().await.is_empty());
    let path = format!("conversations/{conversation}/messages");
    at_globex
        .call(&path, json!({}))
        .await
        .refused(404, "conversation_not_found");
    assert_ne!(
        at_acme.verify().await["contact"]["id"],
        at_globex.verify().await["contact"]["id"]
    );
}

async fn one_helpdesks_secret_opens_nothing_in_another(app: TestApp) {
    let (acme, globex) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    let conversation = app.contact(&globex, "user@example.com").open("To Globex").await;
    let before = app.counts().await;
    let forged = json!({
        "helpdeskId": globex.id,
        "email": "user@example.com",
        "signature": signing::sign(&acme.secret, "user@example.com"),
        "message": "Hello",
    });
    for path in super::documented_calls(&conversation) {
        app.call(&path, &forged).await.refused(401, "verification_failed");
    }
    assert_eq!(app.counts().await, before);
}

async fn the_signed_address_decides_whatever_else_is_sent(app: TestApp) {
    let (acme, globex) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    let victim = app.contact(&acme, "victim@example.com");
    let theirs = string(&victim.verify().await["contact"]["id"]);
    victim.open("Private").await;
    let attacker = app.contact(&acme, "attacker@example.com");
    let fields = merged(
        attacker.credentials(),
        &json!({
            "Email": "victim@example.com", "emails": ["victim@example.com"], "contactId": theirs,
            "contact": {"id": theirs, "email": "victim@example.com"}, "userId": theirs, "user_id": theirs,
            "helpdesk_id": globex.id, "tenantId": globex.id, "verified": true, "role": "owner",
        }),
    );
    let answer = app.call("verify", &fields).await.ok();
    assert_eq!(answer["contact"]["email"], "attacker@example.com");
    assert_ne!(answer["contact"]["id"], theirs.as_str());
    assert_eq!(answer["conversations"], json!([]));
}

async fn knowing_a_valid_pair_gives_no_more_than_a_token_of_one_hour(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let (first, second) = (contact.token().await, contact.token().await);
    for token in [&first, &second] {
        contact.by_token(token, "conversations", json!({})).await.ok();
    }
    app.advance(3_600_001);
    for token in [&first, &second] {
        contact
            .by_token(token, "conversations", json!({}))
            .await
            .refused(401, "token_expired");
    }
    contact.verify().await;
}
