//! The doors for programs: the API with its keys, and the pages on which operators look at what came.

use helpdesky::admin;
use helpdesky::admin::command::{ApiKey, Command};
use helpdesky::audit::By;
use helpdesky::inboxes::keys;
use helpdesky::mail_in::{Door, Sender, State};

use super::letter;
use crate::support::TestApp;

both_engines!(
    a_program_with_a_key_hands_mail_in,
    a_key_is_made_shown_and_removed_by_command,
    whoever_has_no_key_is_refused,
    a_mail_is_shown_without_running_anything,
);

async fn a_program_with_a_key_hands_mail_in(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let (id, by) = (helpdesk.id.parse().expect("an id"), By::console());
    let made = keys::make(&app.app, id, &by, "a test").await.expect("a key");
    let key = made.text;
    let raw = letter("ann@x.example", "By program", "p@x", "Hello");
    let post = |query: &str, body: String| {
        let url = format!("{}/api/v1/mail{query}", app.base);
        app.http
            .post(url)
            .bearer_auth(&key)
            .header("content-type", "message/rfc822")
            .body(body)
    };
    let answer = app
        .send(post(
            "?sender=ann%40x.example&recipients=support%40fernway.example",
            raw.clone(),
        ))
        .await;
    assert_eq!(answer.status, 201);
    app.settled().await;
    let again = app.send(post("", raw)).await;
    assert_eq!(
        again.status, 201,
        "a program that got no answer hands it in again"
    );
    app.settled().await;
    let mails = app.mails(&helpdesk).await;
    let first = mails
        .iter()
        .find(|mail| mail.state == State::Filed)
        .expect("the first");
    let states: Vec<State> = mails.iter().map(|mail| mail.state).collect();
    assert!(
        states.contains(&State::Filed) && states.contains(&State::Duplicate),
        "{states:?}"
    );
    assert_eq!(
        (first.door, &first.sender),
        (Door::Api, &Sender::Address("ann@x.example".to_owned()))
    );
    for (query, body, status) in [
        ("", String::new(), 422),
        ("?sender=nobody", "Subject: x\n\nx".to_owned(), 422),
        (
            "?recipients=a@b.example,nobody",
            "Subject: x\n\nx".to_owned(),
            422,
        ),
    ] {
        let answer = app.send(post(query, body)).await;
        assert_eq!(answer.status, status, "{query}");
        assert!(answer.headers["content-type"].contains("json"));
    }
    // A body without a length is cut off at the limit.
    let chunks =
        futures_util::stream::iter((0..27).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 1024 * 1024])));
    let request = app
        .http
        .post(format!("{}/api/v1/mail", app.base))
        .bearer_auth(&key)
        .body(reqwest::Body::wrap_stream(chunks));
    if let Ok(answer) = request.send().await {
        assert_eq!(answer.status().as_u16(), 413);
    }
    let known = keys::list(&app.app, id).await.expect("keys");
    assert!(known[0].last_used_at.is_some());
    keys::remove(&app.app, id, &by, known[0].id)
        .await
        .expect("removed");
    assert_eq!(app.send(post("", "Subject: x\n\nx".to_owned())).await.status, 401);
    assert_eq!(app.mails(&helpdesk).await.len(), 2);
}

async fn a_key_is_made_shown_and_removed_by_command(app: TestApp) {
    let app = app.receiving().await;
    let (helpdesk, other) = (app.helpdesk("Fernway").await.id, app.helpdesk("Other").await.id);
    let run = async |command| admin::run(&app.app, Command::ApiKey(command)).await;
    let create = |name: &str| ApiKey::Create {
        helpdesk: helpdesk.clone(),
        name: name.to_owned(),
    };
    let list = async |helpdesk: &str| {
        let helpdesk = helpdesk.to_owned();
        run(ApiKey::List { helpdesk }).await.expect("keys")
    };
    assert!(list(&helpdesk).await.text.contains("api-key create"));
    let made = run(create("  Mailgun\n route ")).await.expect("a key");
    let key = made.json["key"].as_str().expect("a key").to_owned();
    assert!(made.text.starts_with(&key) && key.starts_with("hdk_"));
    for wrong in ["", " ", &"x".repeat(81)] {
        assert_eq!(
            run(create(wrong)).await.expect_err("no name").code,
            "invalid_name"
        );
    }
    let post = async || {
        let request = app
            .http
            .post(format!("{}/api/v1/mail", app.base))
            .bearer_auth(&key);
        app.send(request.body(letter("ann@x.example", "Hi", "k@x", "Hello")))
            .await
            .status
    };
    assert_eq!(post().await, 201);
    let listed = list(&helpdesk).await;
    let shown = &listed.json[0];
    assert_eq!(
        (&shown["name"], &shown["id"]),
        (&"Mailgun route".into(), &made.json["id"])
    );
    assert!(shown["lastUsedAt"].is_string() && key.ends_with(shown["ending"].as_str().expect("an ending")));
    assert!(!listed.text.contains(&key) && !listed.json.to_string().contains(&key));
    // Another helpdesk neither sees nor removes it.
    assert_eq!(list(&other).await.json, serde_json::json!([]));
    let remove = async |helpdesk: &str, key: &str| {
        let (helpdesk, key) = (helpdesk.to_owned(), key.to_owned());
        run(ApiKey::Remove { helpdesk, key })
            .await
            .map_err(|refused| refused.code)
    };
    let id = made.json["id"].as_str().expect("an id");
    for (helpdesk, id) in [(&other, id), (&helpdesk, &key), (&helpdesk, "nothing")] {
        assert_eq!(remove(helpdesk, id).await.expect_err("none"), "no_such_key");
    }
    assert_eq!(post().await, 201);
    remove(&helpdesk, id).await.expect("removed");
    assert_eq!(post().await, 401);
    assert_eq!(remove(&helpdesk, id).await.expect_err("gone"), "no_such_key");
}

async fn whoever_has_no_key_is_refused(app: TestApp) {
    let app = app.receiving().await;
    app.helpdesk("Fernway").await;
    let mut refused = Vec::new();
    for number in 0..30 {
        let request = app
            .http
            .post(format!("{}/api/v1/mail", app.base))
            .bearer_auth(format!("hdk_{number}"))
            .body("Subject: x\n\nx");
        refused.push(app.send(request).await.status);
    }
    assert!(
        refused.iter().all(|status| matches!(status, 401 | 429)),
        "{refused:?}"
    );
    assert_eq!(refused[0], 401);
    assert_eq!(refused.last(), Some(&429));
}

async fn a_mail_is_shown_without_running_anything(app: TestApp) {
    let app = app.receiving().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let member = app.member(&helpdesk).await;
    let html = "<p onclick=alert(1)>Hi<script>alert(2)</script><img src=https://track.example/p.gif><a href=javascript:x()>l</a><style>p{}</style>";
    let raw = format!(
        "From: a@x.example\nSubject: <b>bold</b>\nMIME-Version: 1.0\nContent-Type: text/html\n\n{html}\n"
    );
    let mail = app.deliver(&helpdesk, raw.clone()).await;
    let session = helpdesky::operators::sessions::start(&app.app, member.operator.id, "test", "127.0.0.1")
        .await
        .expect("a session");
    let page = async |path: String| {
        let request = app
            .http
            .get(format!("{}/h/{}/mails{path}", app.base, helpdesk.id));
        app.send(request.header("cookie", format!("{}={session}", helpdesky::web::session::COOKIE)))
            .await
    };
    let shown = page(format!("/{}", mail.id)).await;
    assert_eq!(shown.status, 200);
    let text = String::from_utf8(shown.body).expect("a page");
    assert!(
        text.contains("&#60;b&#62;bold") || text.contains("&lt;b&gt;bold"),
        "the subject is text"
    );
    assert!(text.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""));
    let body = page(format!("/{}/body", mail.id)).await;
    let policy = &body.headers["content-security-policy"];
    assert!(
        policy.contains("sandbox") && !policy.contains("script-src") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    let text = String::from_utf8(body.body).expect("a page");
    for never in ["<script", "onclick", "javascript:", " src=\"https://track"] {
        assert!(!text.contains(never), "{never}: {text}");
    }
    let asked = page(format!("/{}/body?pictures=1", mail.id)).await;
    assert!(
        String::from_utf8(asked.body)
            .expect("a page")
            .contains("https://track.example/p.gif")
    );
    let raw_again = page(format!("/{}/raw", mail.id)).await;
    assert_eq!(raw_again.body, raw.as_bytes(), "byte for byte");
    assert!(raw_again.headers["content-disposition"].starts_with("attachment"));
    let list = page("?state=filed".to_owned()).await;
    assert!(
        String::from_utf8(list.body)
            .expect("a page")
            .contains(&mail.id.to_string())
    );
}
