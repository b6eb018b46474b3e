//! Which texts are e-mail addresses. A correctly signed text that is none is refused by name.

use serde_json::json;

use super::{complete, documented_calls};
use crate::support::{TestApp, merged};

/// An address of exactly this many bytes.
fn of_length(bytes: usize) -> String {
    format!("{}@example.com", "a".repeat(bytes - "@example.com".len()))
}

fn refused() -> Vec<String> {
    let fixed = [
        "",
        " ",
        "@",
        "user",
        "user@",
        "@example.com",
        "user@@example.com",
        "a@b@example.com",
        "user@example.com@evil.com",
        "user@example.com,evil@example.com",
        "user@example.com;evil@example.com",
        "us er@example.com",
        "user@exam ple.com",
        "user @example.com",
        "user@ example.com",
        "us\ter@example.com",
        "us\u{a0}er@example.com",
        "us\u{3000}er@example.com",
        "us\u{2028}er@example.com",
        "us\u{2003}er@example.com",
        "us\0er@example.com",
        "user@example.com\0",
        "\0user@example.com",
        "us\ner@example.com",
        "user@example.com\r\nBcc:evil@example.com",
        "us\u{7f}er@example.com",
        "us\u{85}er@example.com",
        "us\u{1b}er@example.com",
        "us\u{9b}er@example.com",
        "user@exa\0mple.com",
        "\"unclosed@example.com",
    ];
    let mut refused: Vec<String> = fixed.map(str::to_owned).to_vec();
    refused.push(of_length(255));
    refused.push(of_length(100_000));
    // Counted in bytes: 122 letters of two bytes each make 244 + 12.
    refused.push(format!("{}@example.com", "ü".repeat(122)));
    refused
}

fn accepted() -> Vec<String> {
    let fixed = [
        "a@b",
        "user@localhost",
        "user@[192.0.2.1]",
        "user+tag@example.com",
        "user.name@example.com",
        "o'brien@example.com",
        "user!#$%&'*+-/=?^_`{|}~@example.com",
        "\"a@b\"@example.com",
        "ünï@example.com",
        "用户@例子.广告",
        "अजय@डाटा.भारत",
        "θσερ@εχαμπλε.ψομ",
        "user@bücher.example",
        "😀@example.com",
        "user@xn--bcher-kva.example",
        "user@example.com.",
        ".user@example.com",
        "us..er@example.com",
        "undefined@example.com",
        "null@example.com",
        "%00@example.com",
        "<b>@example.com",
        "'--@example.com",
    ];
    let mut accepted: Vec<String> = fixed.map(str::to_owned).to_vec();
    accepted.push(of_length(254));
    accepted.push(format!("{}@example.com", "ü".repeat(121)));
    accepted
}

both_engines!(
    a_text_that_is_no_address_is_refused_by_name_on_every_call,
    unusual_addresses_are_accepted_and_each_is_its_own_contact,
    the_limit_counts_the_trimmed_address_or_refuses_it_by_name,
    an_email_that_is_absent_or_no_text_is_named,
);

async fn a_text_that_is_no_address_is_refused_by_name_on_every_call(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let conversation = app.contact(&helpdesk, "known@example.com").open("Hello").await;
    let before = app.counts().await;
    for email in refused() {
        let body = complete(&app.contact(&helpdesk, &email));
        for path in documented_calls(&conversation) {
            let answer = app.call(&path, &body).await;
            assert_eq!(answer.status, 400, "{email:?} {path}");
            answer.names_field("email");
        }
    }
    assert_eq!(app.counts().await, before);
}

async fn unusual_addresses_are_accepted_and_each_is_its_own_contact(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let accepted = accepted();
    for email in &accepted {
        let contact = app.contact(&helpdesk, email);
        assert_eq!(contact.call("verify", json!({})).await.status, 200, "{email:?}");
        let conversation = contact.open("Hello").await;
        let list = contact.conversations().await;
        assert_eq!(list.len(), 1, "{email:?}");
        assert_eq!(list[0]["id"], conversation.as_str());
    }
    assert_eq!(
        app.counts().await.contacts,
        i64::try_from(accepted.len()).unwrap()
    );
}

async fn the_limit_counts_the_trimmed_address_or_refuses_it_by_name(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let padded = format!("   {}   ", of_length(254));
    let answer = app.contact(&helpdesk, &padded).call("verify", json!({})).await;
    if answer.status == 400 {
        answer.names_field("email");
    } else {
        assert_eq!(answer.ok()["contact"]["email"], of_length(254));
    }
}

async fn an_email_that_is_absent_or_no_text_is_named(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for path in documented_calls(super::NO_SUCH_ID) {
        for email in [
            json!(null),
            json!(1),
            json!(["user@example.com"]),
            json!({"address": "user@example.com"}),
            json!(false),
        ] {
            app.call(&path, &merged(complete(&contact), &json!({"email": email})))
                .await
                .names_field("email");
        }
        let mut absent = complete(&contact);
        absent.as_object_mut().unwrap().remove("email");
        app.call(&path, &absent).await.names_field("email");
    }
    assert_eq!(app.counts().await.contacts, 0);
}
