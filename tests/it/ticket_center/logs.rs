//! What the program writes to its log names no secret, token, signature, address or text.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::support::{Engine, TestApp};

/// Where the log of one test goes.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything logged while the contact does what contacts do, at the most talkative level.
fn log_of_a_visit(engine: Engine) -> (String, Vec<String>) {
    let captured = Captured::default();
    let writer = captured.clone();
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(move || writer.clone());
    let filter: Targets = "info,helpdesky=trace,db=trace,tower_http=trace".parse().unwrap();
    let subscriber = tracing_subscriber::registry().with(filter).with(layer);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    // For this thread alone, on which the whole application runs: other tests log elsewhere.
    let _guard = tracing::subscriber::set_default(subscriber);
    let hidden = runtime.block_on(async {
        tracing::info!("the capture works");
        let app = TestApp::start(engine).await;
        let helpdesk = app.helpdesk("Acme").await;
        let contact = app.contact(&helpdesk, "findable-address@example.com");
        let conversation = contact.open("findable-text").await;
        let token = contact.token().await;
        app.operator_note(&helpdesk, &conversation, "findable-note").await;
        contact.history(&conversation).await;
        contact.by_token(&token, "conversations", json!({})).await.ok();
        let forged = "abcdef0123456789".repeat(4);
        contact
            .call("verify", json!({"signature": forged}))
            .await
            .refused(401, "verification_failed");
        contact
            .call("verify", json!({"email": "findable-address"}))
            .await
            .names_field("email");
        contact
            .call("conversations/findable-path/close", json!({}))
            .await
            .refused(404, "conversation_not_found");
        let address = format!("{}/verify?signature=findable-query", crate::support::PREFIX);
        app.post_with(&address, &contact.credentials(), &[]).await.ok();
        contact
            .by_token("findable-token", "conversations", json!({}))
            .await
            .refused(401, "token_expired");
        app.revoke_secret(&helpdesk).await;
        vec![
            helpdesk.secret.clone(),
            crate::support::signing::sign(&helpdesk.secret, &contact.email),
            token,
            forged,
            "findable-address".to_owned(),
            "findable-text".to_owned(),
            "findable-note".to_owned(),
            "findable-query".to_owned(),
            "findable-token".to_owned(),
        ]
    });
    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    (log, hidden)
}

fn check(engine: Engine) {
    let (log, hidden) = log_of_a_visit(engine);
    assert!(
        log.contains("the capture works"),
        "this looks at something: {log}"
    );
    for hidden in hidden {
        assert!(!log.contains(&hidden), "`{hidden}` is in the log");
    }
}

mod the_log_holds_nothing_private {
    use super::{Engine, check};

    #[test]
    fn sqlite() {
        check(Engine::Sqlite);
    }

    #[test]
    fn postgres() {
        check(Engine::Postgres);
    }
}
