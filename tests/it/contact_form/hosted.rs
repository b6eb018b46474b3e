//! The hosted page, as a browser without scripts uses it.

use super::A_WHILE_MS;
use crate::support::{Answer, TestApp, TestHelpdesk};

both_engines!(
    a_browser_without_scripts_sends_the_form,
    what_is_wrong_is_said_and_what_was_typed_stays,
    who_may_frame_and_send_follows_the_list,
    whatever_is_no_helpdesk_gets_one_refusal,
);

async fn open(app: &TestApp, helpdesk: &TestHelpdesk) -> Answer {
    app.send(app.http.get(format!("{}/form/{}", app.base, helpdesk.id)))
        .await
}

/// The value of a hidden field.
fn hidden(page: &Answer, name: &str) -> String {
    let text = page.text();
    let after = text
        .split(&format!("name=\"{name}\" value=\""))
        .nth(1)
        .expect("the field");
    after.split('"').next().expect("its end").to_owned()
}

async fn post(
    app: &TestApp,
    helpdesk: &TestHelpdesk,
    fields: &[(&str, &str)],
    origin: Option<&str>,
) -> Answer {
    let mut request = app.http.post(format!("{}/form/{}", app.base, helpdesk.id));
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish());
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    app.send(request).await
}

async fn a_browser_without_scripts_sends_the_form(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let page = open(&app, &helpdesk).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<form") && page.text().contains("Write to us"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let token = hidden(&page, "token");
    let fields = [
        ("token", token.as_str()),
        ("proof", ""),
        ("email", "marta@oliveira.example"),
        ("name", "Marta"),
        ("subject", ""),
        ("message", "Line one\r\nLine two"),
        ("website", ""),
    ];
    let fast = post(&app, &helpdesk, &fields, None).await;
    assert_eq!(fast.status, 429);
    assert!(fast.text().contains("That was quick") && fast.text().contains("Line two"));
    assert!(fast.header("retry-after").is_some());
    app.advance(A_WHILE_MS);
    let sent = post(&app, &helpdesk, &fields, None).await;
    assert_eq!(sent.status, 200);
    assert!(sent.text().contains("Message sent") && sent.text().contains("marta@oliveira.example"));
    let row = &app.open_list(&helpdesk).await[0];
    assert!(row.conversation.unverified);
    assert_eq!(row.conversation.preview, "Line one Line two");
    // The same page again, as a reload sends it.
    assert_eq!(post(&app, &helpdesk, &fields, None).await.status, 200);
    assert_eq!(app.counts().await.messages, 1);
}

async fn what_is_wrong_is_said_and_what_was_typed_stays(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let page = open(&app, &helpdesk).await;
    app.advance(A_WHILE_MS);
    let token = hidden(&page, "token");
    let strange = "<script>alert(1)</script>\" & more";
    let refused = post(
        &app,
        &helpdesk,
        &[
            ("token", &token),
            ("email", "a@localhost"),
            ("name", strange),
            ("message", strange),
        ],
        None,
    )
    .await;
    assert_eq!(refused.status, 422);
    let text = refused.text();
    assert!(
        text.contains("role=\"alert\"") && text.contains("id=\"email-e\""),
        "{text}"
    );
    assert!(
        !text.contains("<script>alert") && text.contains("&#60;script&#62;alert"),
        "{text}"
    );
    assert_eq!(
        hidden(&refused, "token"),
        token,
        "the form that lay open stays good"
    );
    let other = post(
        &app,
        &helpdesk,
        &[
            ("token", "hdf_x"),
            ("email", "a@example.com"),
            ("message", "Hello"),
        ],
        None,
    )
    .await;
    assert_eq!(other.status, 422);
    assert_ne!(hidden(&other, "token"), "hdf_x", "a fresh one");
    app.set_messaging(&helpdesk, false).await;
    assert!(!open(&app, &helpdesk).await.text().contains("<form"));
    assert_eq!(app.counts().await.contacts, 0);
}

async fn who_may_frame_and_send_follows_the_list(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    app.set_domains(&helpdesk, &["shop.example"]).await.unwrap();
    let page = open(&app, &helpdesk).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("frame-ancestors 'self' http://shop.example:*"),
        "{policy}"
    );
    assert_eq!(page.header("x-frame-options"), None);
    app.advance(A_WHILE_MS);
    let token = hidden(&page, "token");
    let fields = [
        ("token", token.as_str()),
        ("email", "a@example.com"),
        ("message", "Hello"),
    ];
    for origin in [None, Some("null"), Some("https://evil.example")] {
        assert_eq!(
            post(&app, &helpdesk, &fields, origin).await.status,
            403,
            "{origin:?}"
        );
    }
    assert_eq!(app.counts().await.contacts, 0);
    let own = app.app.config().base_url.clone();
    assert_eq!(post(&app, &helpdesk, &fields, Some(&own)).await.status, 200);
}

async fn whatever_is_no_helpdesk_gets_one_refusal(app: TestApp) {
    let mut bodies = Vec::new();
    for id in ["nothing", "01890000-0000-7000-8000-000000000000", "%ff", "a%00b"] {
        let answer = app.send(app.http.get(format!("{}/form/{id}", app.base))).await;
        assert_eq!(answer.status, 404, "{id}");
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|two| two[0] == two[1]));
}
