//! The page "Contact Form": what is saved is in the next form, mistakes are named, refusals are shown,
//! and spam goes in and out by forms.

use helpdesky::operators::Role;
use serde_json::json;

use super::browser::{Browser, PASSWORD, operator, owner};
use crate::support::TestApp;

both_engines!(
    saved_fields_and_texts_are_in_the_next_form,
    mistakes_are_named_beside_their_fields_and_nothing_is_kept,
    refusals_are_shown_as_text,
    a_plain_operator_gets_the_embed_code_alone,
    spam_goes_in_and_out_by_forms,
);

const FIELDS: [(&str, &str); 9] = [
    ("title", "Ask us"),
    ("intro", "We answer on weekdays."),
    ("privacy_text", "Privacy"),
    ("privacy_url", "https://acme.example/privacy"),
    ("asks_name", "on"),
    ("label1", "Topic"),
    ("options1", "Billing\r\nSomething else"),
    ("required1", "on"),
    ("label2", ""),
];

const LIMITS: [(&str, &str); 8] = [
    ("minimum_seconds", "5"),
    ("asks_proof", "on"),
    ("confirms_address", "on"),
    ("per_network_an_hour", "20"),
    ("per_address_a_day", "2"),
    ("per_helpdesk_an_hour", "600"),
    ("blocked_domains", "@Spam.example\nother.example"),
    ("blocked_words", "cheap  pills"),
];

async fn saved_fields_and_texts_are_in_the_next_form(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let address = format!("/h/{}/contact-form", helpdesk.id);
    let page = browser.get(&address).await;
    assert!(page.html.contains(&format!("/form/{}", helpdesk.id)));
    let saved = browser.submit(&page, &format!("{address}/fields"), &FIELDS).await;
    assert_eq!(
        (saved.status, saved.location()),
        (303, format!("{address}#fields"))
    );
    let saved = browser
        .submit(&page, &format!("{address}/protection"), &LIMITS)
        .await;
    assert_eq!(
        (saved.status, saved.location()),
        (303, format!("{address}#protection"))
    );
    let form = app.form(&helpdesk).await;
    assert_eq!(form["form"]["title"], "Ask us");
    assert_eq!(
        (&form["form"]["name"], &form["form"]["subject"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        form["form"]["selects"],
        json!([{"name": "topic", "label": "Topic", "options": ["Billing", "Something else"], "required": true}])
    );
    assert_eq!(form["minimumSeconds"], 5);
    assert!(crate::support::string(&form["form"]["success"]).contains("sent a link"));
    let html = browser.get(&address).await.html;
    for part in [
        "value=\"Ask us\"",
        "Something else</textarea>",
        "other.example\nspam.example",
        "cheap pills",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    let log = browser
        .get(&format!("/h/{}/settings/audit", helpdesk.id))
        .await
        .html;
    assert!(
        log.contains("contact form set") && log.contains("fields, texts"),
        "{log}"
    );
    let frame = browser.get(&format!("{address}/preview")).await;
    assert_eq!(frame.status, 200);
}

async fn mistakes_are_named_beside_their_fields_and_nothing_is_kept(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let address = format!("/h/{}/contact-form", helpdesk.id);
    let page = browser.get(&address).await;
    let wrong = [
        ("title", "Kept in the box"),
        ("privacy_url", "javascript:x"),
        ("label3", "Topic"),
    ];
    let refused = browser.submit(&page, &format!("{address}/fields"), &wrong).await;
    assert_eq!(refused.status, 422);
    for part in [
        "Kept in the box",
        "id=\"privacy_url-error\"",
        "id=\"select3-error\"",
    ] {
        assert!(refused.html.contains(part), "{part} in {}", refused.html);
    }
    let wrong = [("minimum_seconds", "-1"), ("blocked_domains", "no domain!")];
    let refused = browser
        .submit(&page, &format!("{address}/protection"), &wrong)
        .await;
    assert_eq!(refused.status, 422);
    for part in [
        "id=\"minimum_seconds-error\"",
        "id=\"blocked_domains-error\"",
        "no domain!",
    ] {
        assert!(refused.html.contains(part), "{part} in {}", refused.html);
    }
    let form = app.form(&helpdesk).await;
    assert_eq!(
        (&form["form"]["title"], &form["minimumSeconds"]),
        (&json!(""), &json!(3))
    );
}

async fn refusals_are_shown_as_text(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let strange = "<img src=x>,a@example.com";
    for _ in 0..3 {
        app.write_by_form(&helpdesk, strange, "Hello", json!({})).await;
    }
    let html = browser
        .get(&format!("/h/{}/contact-form", helpdesk.id))
        .await
        .html;
    assert!(
        html.contains("Not one address that can be answered") && html.contains("3 times"),
        "{html}"
    );
    assert!(
        !html.contains("<img src=x>") && html.contains("&#60;img src=x&#62;"),
        "{html}"
    );
}

async fn a_plain_operator_gets_the_embed_code_alone(app: TestApp) {
    let (helpdesk, _) = owner(&app).await;
    operator(&app, &helpdesk, "op@acme.example", Role::Operator).await;
    let mut browser = Browser::new(&app);
    browser.sign_in("op@acme.example", PASSWORD).await;
    let address = format!("/h/{}/contact-form", helpdesk.id);
    let page = browser.get(&address).await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("contact-form.js") && !page.html.contains("Spam protection"));
    for path in ["fields", "protection"] {
        let refused = browser.submit(&page, &format!("{address}/{path}"), &[]).await;
        assert_eq!(refused.status, 403, "{path}");
    }
    assert_eq!(browser.get(&format!("{address}/preview")).await.status, 403);
}

async fn spam_goes_in_and_out_by_forms(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let more = json!({"name": "Marta", "subject": "Clients"});
    app.write_by_form(&helpdesk, "marta@oliveira.example", "Hello", more)
        .await
        .ok();
    let id = app.open_list(&helpdesk).await[0].conversation.id;
    let address = format!("/h/{}/conversations/{id}", helpdesk.id);
    let page = browser.get(&address).await;
    for part in [
        "Unverified sender",
        "Contact Form, unverified",
        "Marta",
        "action=\"",
        "/spam\"",
    ] {
        assert!(page.html.contains(part), "{part} in {}", page.html);
    }
    let put = browser
        .submit(&page, &format!("{address}/spam"), &[("view", "open")])
        .await;
    assert_eq!(put.status, 303);
    assert!(app.open_list(&helpdesk).await.is_empty());
    let list = browser
        .get(&format!("/h/{}/conversations?view=spam", helpdesk.id))
        .await
        .html;
    assert!(list.contains("Marta") && list.contains("Clients"));
    let page = browser.get(&format!("{address}?view=spam")).await;
    assert!(
        page.html.contains("Not spam") && !page.html.contains("class=\"composer\""),
        "{}",
        page.html
    );
    let reply = browser
        .submit(
            &page,
            &format!("{address}/replies"),
            &[("body", "Hello"), ("view", "spam"), ("mode", "reply")],
        )
        .await;
    assert!((400..500).contains(&reply.status), "{}", reply.status);
    let out = browser
        .submit(&page, &format!("{address}/spam/removal"), &[("view", "spam")])
        .await;
    assert_eq!(
        (out.status, out.location()),
        (303, format!("{address}?view=open"))
    );
    assert_eq!(app.open_list(&helpdesk).await.len(), 1);
    let html = browser.get(&address).await.html;
    assert!(
        html.contains("put this into spam") && html.contains("took this out of spam"),
        "{html}"
    );
}
