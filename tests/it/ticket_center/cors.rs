//! Pages of other origins may call, without credentials, and may read what is refused.

use serde_json::json;

use super::{NO_SUCH_ID, complete, documented_calls};
use crate::support::{PREFIX, TestApp, merged};

fn all_paths() -> Vec<String> {
    let mut paths = documented_calls(NO_SUCH_ID).to_vec();
    paths.extend(["conversations".to_owned(), "stream".to_owned()]);
    paths.extend([
        format!("conversations/{NO_SUCH_ID}"),
        format!("conversations/{NO_SUCH_ID}/read"),
    ]);
    paths
}

both_engines!(
    a_preflight_allows_any_origin_to_post_json_with_a_token,
    every_kind_of_refusal_can_be_read_by_the_page,
    with_messaging_off_writing_is_refused_and_history_stays,
    nothing_is_said_to_set_a_cookie_or_be_kept,
);

async fn a_preflight_allows_any_origin_to_post_json_with_a_token(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    app.set_domains(&helpdesk, &["example.com"]).await.unwrap();
    for path in all_paths() {
        for origin in [
            "https://example.com",
            "https://evil.example",
            "null",
            "http://localhost:3000",
            "capacitor://localhost",
        ] {
            let request = app
                .http
                .request(reqwest::Method::OPTIONS, format!("{}{PREFIX}/{path}", app.base));
            let request = request
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization,content-type");
            let answer = app.send(request).await;
            assert!(
                answer.status == 200 || answer.status == 204,
                "{path}: {}",
                answer.status
            );
            assert_eq!(
                answer.header("access-control-allow-origin"),
                Some("*"),
                "{path} {origin}"
            );
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            let list = |name: &str| -> Vec<String> {
                let value = answer.header(name).unwrap_or_default().to_ascii_lowercase();
                value.split(',').map(|word| word.trim().to_owned()).collect()
            };
            assert!(
                list("access-control-allow-methods").contains(&"post".to_owned()),
                "{path}"
            );
            let headers = list("access-control-allow-headers");
            assert!(
                headers.contains(&"content-type".to_owned()) && headers.contains(&"authorization".to_owned()),
                "{headers:?}"
            );
        }
    }
}

async fn every_kind_of_refusal_can_be_read_by_the_page(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let origin = [("origin", "https://shop.example")];
    let post = async |path: &str, more: serde_json::Value| {
        app.post_with(
            &format!("{PREFIX}/{path}"),
            &merged(complete(&contact), &more),
            &origin,
        )
        .await
    };
    post("verify", json!({"email": 1}))
        .await
        .refused(400, "invalid_field");
    post("verify", json!({"signature": "x"}))
        .await
        .refused(401, "verification_failed");
    post("verify", json!({"helpdeskId": NO_SUCH_ID}))
        .await
        .refused(404, "unknown_helpdesk");
    post("message", json!({"message": " "}))
        .await
        .refused(422, "message_empty");
    post("message", json!({"message": "x".repeat(300_000)}))
        .await
        .refused(413, "body_too_large");
    post(&format!("conversations/{NO_SUCH_ID}/close"), json!({}))
        .await
        .refused(404, "conversation_not_found");
    post("conversations", json!({}))
        .await
        .refused(401, "token_expired");
    app.set_messaging(&helpdesk, false).await;
    post("message", json!({})).await.refused(403, "messaging_off");
    app.set_domains(&helpdesk, &["example.com"]).await.unwrap();
    post("verify", json!({})).await.refused(403, "origin_not_allowed");
    let request = app
        .http
        .get(format!("{}{PREFIX}/verify", app.base))
        .header("origin", "https://shop.example");
    app.send(request).await.refused(405, "method_not_allowed");
    let request = app
        .http
        .post(format!("{}{PREFIX}/verify", app.base))
        .header("content-type", "text/plain")
        .body("{}");
    app.send(request).await.refused(415, "unsupported_media_type");
}

async fn with_messaging_off_writing_is_refused_and_history_stays(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    app.set_messaging(&helpdesk, false).await;
    let before = app.counts().await;
    for more in [
        json!({"message": "New"}),
        json!({"message": "More", "conversationId": conversation}),
    ] {
        contact.call("message", more).await.refused(403, "messaging_off");
    }
    let verified = contact.verify().await;
    assert_eq!(verified["helpdesk"]["messaging"], false);
    assert_eq!(verified["conversations"][0]["id"], conversation.as_str());
    assert_eq!(contact.bodies(&conversation).await, ["Hello"]);
    assert_eq!(app.counts().await, before);
    app.set_messaging(&helpdesk, true).await;
    contact.reply(&conversation, "More").await;
}

async fn nothing_is_said_to_set_a_cookie_or_be_kept(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    for path in documented_calls(&conversation) {
        let address = format!("{PREFIX}/{path}");
        for headers in [
            vec![],
            vec![("origin", "https://shop.example"), ("cookie", "helpdesky=forged")],
        ] {
            app.post_with(&address, &complete(&contact), &headers).await.ok();
        }
    }
}
