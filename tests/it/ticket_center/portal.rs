//! The hosted page: the same for everybody, framed by whom the list allows.

use helpdesky::ids::HelpdeskId;
use serde_json::json;

use crate::support::{Answer, TestApp, TestHelpdesk};

both_engines!(
    who_may_frame_it_follows_the_list_at_once,
    what_is_no_helpdesk_gets_one_and_the_same_refusal,
    the_page_is_the_same_for_everybody_and_says_nothing,
    forging_where_a_call_comes_from_gains_nothing,
    hostile_names_and_texts_leave_as_text,
);

async fn get(app: &TestApp, path: &str) -> Answer {
    app.send(app.http.get(format!("{}/portal/{path}", app.base)))
        .await
}

fn policy(answer: &Answer) -> String {
    answer
        .header("content-security-policy")
        .expect("a policy")
        .to_owned()
}

async fn who_may_frame_it_follows_the_list_at_once(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let open = get(&app, &helpdesk.id).await;
    assert_eq!(open.status, 200);
    assert!(
        !policy(&open).contains("frame-ancestors"),
        "an empty list: every site may"
    );
    assert_eq!(open.header("x-frame-options"), None);

    app.set_domains(&helpdesk, &["example.com", "localhost", "192.0.2.7"])
        .await
        .expect("domains");
    let listed = policy(&get(&app, &helpdesk.id).await);
    let (_, ancestors) = listed.split_once("frame-ancestors ").expect("ancestors");
    let sources: Vec<&str> = ancestors
        .split(';')
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    assert_eq!(
        sources,
        [
            "'self'",
            "http://example.com:*",
            "http://*.example.com:*",
            "https://example.com:*",
            "https://*.example.com:*",
            "http://localhost:*",
            "https://localhost:*",
            "http://192.0.2.7:*",
            "https://192.0.2.7:*"
        ]
    );
    app.set_domains(&helpdesk, &[]).await.expect("domains");
    assert!(!policy(&get(&app, &helpdesk.id).await).contains("frame-ancestors"));
}

async fn what_is_no_helpdesk_gets_one_and_the_same_refusal(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let upper = helpdesk.id.to_uppercase();
    let mut first: Option<Answer> = None;
    for path in [
        "01890000-0000-7000-8000-000000000000",
        "00000000-0000-0000-0000-000000000000",
        "not-an-id",
        "%FF%00",
        "%3Cscript%3E",
        upper.as_str(),
        &format!("{}%20", helpdesk.id),
        &"a".repeat(3_000),
    ] {
        let mut answer = get(&app, path).await;
        answer.headers.remove("date");
        assert_eq!(answer.status, 404, "{path}");
        assert!(policy(&answer).contains("frame-ancestors 'none'"), "{path}");
        if let Some(first) = &first {
            assert_eq!(first.body, answer.body, "{path}");
            assert_eq!(first.headers, answer.headers, "{path}");
        }
        first = Some(answer);
    }
}

async fn the_page_is_the_same_for_everybody_and_says_nothing(app: TestApp) {
    let helpdesk = app.helpdesk("Acme canary-name").await;
    let plain = get(&app, &helpdesk.id).await;
    let text = plain.text();
    assert!(text.contains(&helpdesk.id) && !text.contains("canary-name"));
    let asked = get(
        &app,
        &format!("{}?email=a@example.com&signature=canary", helpdesk.id),
    )
    .await;
    assert_eq!(asked.body, plain.body, "a query says nothing");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(plain.header(name), Some(value), "{name}");
    }
    assert_eq!(plain.header("set-cookie"), None);
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ] {
        assert!(policy(&plain).contains(part), "{part}");
    }
    assert!(!policy(&plain).contains("unsafe"));
}

async fn forging_where_a_call_comes_from_gains_nothing(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "victim@example.com");
    let conversation = contact.open("canary text").await;
    app.set_domains(&helpdesk, &["example.com"])
        .await
        .expect("domains");
    // A program may send any origin or referrer. It passes the list, and stands before the signature.
    for (name, value) in [
        ("origin", "https://example.com"),
        ("origin", app.base.as_str()),
        ("referer", "https://example.com/support"),
    ] {
        for path in super::documented_calls(&conversation) {
            let body = json!({"helpdeskId": helpdesk.id, "email": "victim@example.com", "signature": "ab".repeat(32), "message": "x"});
            let answer = app
                .post_with(
                    &format!("/api/messaging/ticket-center/{path}"),
                    &body,
                    &[(name, value)],
                )
                .await;
            assert!(!answer.text().contains("canary"), "{path}");
            answer.refused(401, "verification_failed");
        }
    }
    // The page of the frame itself holds nothing to gain either.
    let request = app
        .http
        .get(format!("{}/portal/{}", app.base, helpdesk.id))
        .header("referer", "https://evil.example/")
        .header("origin", "https://evil.example");
    let answer = app.send(request).await;
    assert!(
        policy(&answer).contains("frame-ancestors 'self' http://example.com:*")
            && !policy(&answer).contains("evil")
    );
}

const HOSTILE: &[&str] = &[
    "<script>document.title='ran'</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{constructor.constructor('alert(1)')()}}",
    "</script><script>alert(1)</script>",
    "\u{2028}alert(1)//",
];

async fn hostile_names_and_texts_leave_as_text(app: TestApp) {
    for hostile in HOSTILE {
        let helpdesk: TestHelpdesk = app.helpdesk(hostile).await;
        let contact = app.contact(&helpdesk, "a@example.com");
        let conversation = contact.open(hostile).await;
        app.operator_reply(&helpdesk, &conversation, hostile).await;
        let id: HelpdeskId = helpdesk.id.parse().expect("an id");
        let renamed: Result<u64, db::Error> = app
            .app
            .db()
            .write(async move |tx: &mut db::Tx| {
                tx.execute(
                    "UPDATE messages SET author_name = $2 WHERE helpdesk_id = $1",
                    &[&id, hostile],
                )
                .await
            })
            .await;
        assert!(renamed.expect("renamed") >= 1);
        let answer = contact
            .call(&format!("conversations/{conversation}/messages"), json!({}))
            .await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let messages = answer.ok();
        for message in crate::support::array(&messages["messages"]) {
            assert_eq!(message["body"], *hostile);
            assert!(message["html"].is_null(), "no markup at all");
        }
        let name = contact.verify().await["helpdesk"]["name"].clone();
        let shown: Vec<&str> = name.as_str().unwrap_or_default().split_whitespace().collect();
        let given: Vec<&str> = hostile.split_whitespace().collect();
        assert_eq!(shown, given);
        assert!(!get(&app, &helpdesk.id).await.text().contains("alert(1)"));
    }
}
