//! The secret's life: two at once, one revoked, none readable, and why a verification failed.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{TestApp, TestHelpdesk, signing};

both_engines!(
    however_many_are_asked_for_at_once_two_secrets_are_live,
    a_secret_may_be_revoked_at_a_chosen_time,
    a_revoked_secret_is_refused_by_the_next_call_under_load_too,
    two_secrets_are_live_at_once_and_a_third_is_not_given,
    revoking_one_secret_ends_its_signatures_and_tokens_at_once,
    revoking_ends_an_open_stream_too,
    a_secret_has_the_prefix_and_256_random_bits_in_url_safe_letters,
    the_prefix_is_part_of_the_key,
    what_is_stored_holds_no_secret_token_or_signature,
    a_failed_verification_is_kept_with_its_cause,
    the_last_hundred_failures_are_kept,
    the_last_five_retired_secrets_are_recognised,
    the_same_failure_again_is_counted,
    a_helpdesk_whose_secret_cannot_be_opened_keeps_no_other_from_its_failures,
);

async fn two_secrets_are_live_at_once_and_a_third_is_not_given(app: TestApp) {
    let first = app.helpdesk("Acme").await;
    let second = app.with_new_secret(&first).await;
    assert_ne!(first.secret, second.secret);
    let old = app.contact(&first, "user@example.com");
    let new = app.contact(&second, "user@example.com");
    let conversation = old.open("Signed with the first").await;
    assert_eq!(new.bodies(&conversation).await, ["Signed with the first"]);
    new.reply(&conversation, "Signed with the second").await;
    assert_eq!(old.bodies(&conversation).await.len(), 2);
    assert!(
        app.try_new_secret(&second).await.is_err(),
        "the old one is revoked first"
    );
}

async fn however_many_are_asked_for_at_once_two_secrets_are_live(app: TestApp) {
    let helpdesk = app.helpdesk_without_secret("Acme").await;
    let asked = futures_util::future::join_all((0..10).map(|_| app.try_new_secret(&helpdesk))).await;
    assert_eq!(asked.iter().filter(|made| made.is_ok()).count(), 2);
}

async fn a_secret_may_be_revoked_at_a_chosen_time(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    app.revoke_secret_in(&helpdesk, 60_000).await;
    let token = contact.token().await;
    app.advance(59_000);
    contact.by_token(&token, "conversations", json!({})).await.ok();
    app.advance(1_000);
    contact
        .call("verify", json!({}))
        .await
        .refused(401, "verification_failed");
    contact
        .by_token(&token, "conversations", json!({}))
        .await
        .refused(401, "token_expired");
}

async fn a_revoked_secret_is_refused_by_the_next_call_under_load_too(app: TestApp) {
    let mut helpdesk = app.helpdesk("Acme").await;
    for _ in 0..15 {
        let contact = app.contact(&helpdesk, "user@example.com");
        let revoked = std::sync::atomic::AtomicBool::new(false);
        let caller = async || {
            while !revoked.load(std::sync::atomic::Ordering::SeqCst) {
                // Far enough for everything that is remembered for a while to be read again.
                app.advance(1_001);
                let answer = contact.call("verify", json!({})).await;
                assert!(answer.status == 200 || answer.status == 401, "{}", answer.text());
            }
        };
        let revoke = async {
            app.revoke_secret(&helpdesk).await;
            revoked.store(true, std::sync::atomic::Ordering::SeqCst);
            let body = contact.credentials();
            let address = format!("{}/verify", crate::support::PREFIX);
            for _ in 0..3 {
                // With the clock at rest: nothing but the revocation itself says that it is over.
                app.post_now(&address, &body, &[])
                    .await
                    .refused(401, "verification_failed");
            }
        };
        futures_util::join!(caller(), caller(), caller(), caller(), caller(), caller(), revoke);
        helpdesk = app.with_new_secret(&helpdesk).await;
    }
}

async fn revoking_one_secret_ends_its_signatures_and_tokens_at_once(app: TestApp) {
    let first = app.helpdesk("Acme").await;
    let old = app.contact(&first, "user@example.com");
    let conversation = old.open("Hello").await;
    let old_token = old.token().await;
    let second = app.with_new_secret(&first).await;
    let new = app.contact(&second, "user@example.com");
    let new_token = new.token().await;

    app.revoke_secret(&first).await;
    let before = app.counts().await;
    for path in super::documented_calls(&conversation) {
        old.call(&path, json!({"message": "Too late"}))
            .await
            .refused(401, "verification_failed");
    }
    for path in [
        "conversations".to_owned(),
        format!("conversations/{conversation}"),
        "stream".to_owned(),
    ] {
        old.by_token(&old_token, &path, json!({}))
            .await
            .refused(401, "token_expired");
    }
    assert_eq!(app.counts().await, before);
    new.by_token(&new_token, "conversations", json!({})).await.ok();
    assert_eq!(new.conversations().await.len(), 1);

    app.revoke_secret(&second).await;
    new.call("verify", json!({}))
        .await
        .refused(401, "verification_failed");
    new.by_token(&new_token, "conversations", json!({}))
        .await
        .refused(401, "token_expired");
    let third = app.with_new_secret(&second).await;
    assert_eq!(
        app.contact(&third, "user@example.com")
            .conversations()
            .await
            .len(),
        1
    );
}

async fn revoking_ends_an_open_stream_too(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let token = contact.token().await;
    let mut stream = crate::support::events::EventStream::open(&app, &token, None).await;
    app.revoke_secret(&helpdesk).await;
    app.operator_reply(&helpdesk, &conversation, "canary-after-revocation")
        .await;
    while let Some(event) = stream.next().await {
        if event.kind == "expired" {
            break;
        }
    }
    let received = String::from_utf8_lossy(&stream.received).into_owned();
    assert!(!received.contains("canary-after-revocation"), "{received}");
}

async fn a_secret_has_the_prefix_and_256_random_bits_in_url_safe_letters(app: TestApp) {
    let mut seen = BTreeSet::new();
    for number in 0..20 {
        let helpdesk = app.helpdesk(&format!("Helpdesk {number}")).await;
        let random = helpdesk
            .secret
            .strip_prefix("hdh_secret_")
            .expect("the prefix")
            .to_owned();
        assert!(
            random.len() >= 43,
            "43 letters of 6 bits hold 256: {}",
            random.len()
        );
        assert!(
            random
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        );
        assert!(seen.insert(random), "no secret twice");
    }
}

async fn the_prefix_is_part_of_the_key(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let bare = helpdesk.secret.strip_prefix("hdh_secret_").unwrap();
    for key in [
        bare,
        &helpdesk.secret.to_uppercase(),
        &format!("{}\n", helpdesk.secret),
        &format!(" {}", helpdesk.secret),
    ] {
        let signature = signing::sign(key, "user@example.com");
        let contact = app.contact(&helpdesk, "user@example.com");
        contact
            .call("verify", json!({"signature": signature}))
            .await
            .refused(401, "verification_failed");
    }
}

async fn what_is_stored_holds_no_secret_token_or_signature(app: TestApp) {
    let helpdesk = app.helpdesk("Acme with a findable name").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    contact.open("A findable message").await;
    let token = contact.token().await;
    let forged = "ab".repeat(32);
    contact
        .call("verify", json!({"signature": forged}))
        .await
        .refused(401, "verification_failed");
    app.failure_causes(&helpdesk).await;
    let stored = app.stored().await;
    let holds = |needle: &[u8]| stored.windows(needle.len()).any(|window| window == needle);
    assert!(
        holds(b"findable name") && holds(b"A findable message"),
        "the search finds what is there"
    );

    let random = helpdesk.secret.strip_prefix("hdh_secret_").unwrap();
    assert!(!holds(random.as_bytes()), "the secret's text");
    assert!(
        !holds(signing::hex(random.as_bytes()).as_bytes()),
        "the secret's text in hex"
    );
    if let Some(bytes) = from_base64_url(random) {
        assert!(!holds(&bytes), "the secret's bytes");
        assert!(
            !holds(signing::hex(&bytes).as_bytes()),
            "the secret's bytes in hex"
        );
    }
    let signature = signing::sign(&helpdesk.secret, "user@example.com");
    assert!(!holds(signature.as_bytes()) && !holds(&signing::mac(&helpdesk.secret, "user@example.com")));
    assert!(!holds(token.as_bytes()), "the token");
}

/// Looking for the cause of a failure tries each of them: their number must not grow for ever.
async fn the_last_five_retired_secrets_are_recognised(app: TestApp) {
    let bare = app.helpdesk_without_secret("Acme").await;
    let mut retired = Vec::new();
    for _ in 0..7 {
        let made = app.with_new_secret(&bare).await;
        app.revoke_secret(&made).await;
        app.advance(60_000);
        retired.push(made);
    }
    let mut causes = Vec::new();
    for (number, old) in retired.iter().enumerate() {
        let contact = app.contact(old, &format!("user-{number}@example.com"));
        let refused = contact.call("verify", json!({})).await;
        refused.refused(401, "verification_failed");
        let newest = app.failure_causes(&bare).await.into_iter().next();
        causes.push(newest.expect("a kept failure") == "revoked_secret");
    }
    assert_eq!(causes, [false, false, true, true, true, true, true]);
}

async fn a_failed_verification_is_kept_with_its_cause(app: TestApp) {
    let bare = app.helpdesk_without_secret("Bare").await;
    let email = "user@example.com";
    let sign_in = async |helpdesk: &TestHelpdesk, email: &str, signature: String| {
        let contact = app.contact(helpdesk, email);
        contact
            .call("verify", json!({"signature": signature}))
            .await
            .refused(401, "verification_failed");
        app.failure_causes(helpdesk)
            .await
            .first()
            .cloned()
            .expect("a kept failure")
    };
    let mut causes = vec![sign_in(&bare, email, "ab".repeat(32)).await];

    let first = app.helpdesk("Acme").await;
    let second = app.with_new_secret(&first).await;
    app.revoke_secret(&first).await;
    let secret = second.secret.as_str();
    let base64 = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(signing::mac(secret, email))
    };
    causes.push(sign_in(&second, email, "not hexadecimal".to_owned()).await);
    causes.push(sign_in(&second, email, base64).await);
    causes.push(sign_in(&second, email, signing::sign(&first.secret, email)).await);
    causes.push(
        sign_in(
            &second,
            "user@example.com",
            signing::sign(secret, "User@Example.com "),
        )
        .await,
    );
    causes.push(sign_in(&second, email, signing::sign(&format!("{secret}\n"), email)).await);
    causes.push(sign_in(&second, email, signing::sign(secret, &second.id)).await);

    let different: BTreeSet<&String> = causes.iter().collect();
    assert_eq!(
        different.len(),
        causes.len(),
        "each cause is told apart: {causes:?}"
    );
}

async fn the_last_hundred_failures_are_kept(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    for number in 0..130 {
        let signature = format!("{number:064}");
        let contact = app.contact(&helpdesk, &format!("user{number}@example.com"));
        contact
            .call("verify", json!({"signature": signature}))
            .await
            .refused(401, "verification_failed");
    }
    // They are written behind the answers: some may just be on their way.
    let mut kept = 0;
    for _ in 0..500 {
        kept = app.failure_causes(&helpdesk).await.len();
        if kept >= 100 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(kept, 100);
}

async fn the_same_failure_again_is_counted(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let started = app.app.now_ms();
    let fail = async |email: &str, signature: &str| {
        let contact = app.contact(&helpdesk, email);
        contact
            .call("verify", json!({"signature": signature}))
            .await
            .refused(401, "verification_failed");
    };
    fail("other@example.com", "nonsense").await;
    for number in 0..120 {
        fail("user@example.com", &format!("{number:064}")).await;
        if number % 50 == 0 {
            app.failure_causes(&helpdesk).await;
        }
    }
    fail("user@example.com", "nonsense").await;
    let kept = helpdesky::secrets::failures::recent(&app.app, helpdesk.id.parse().unwrap())
        .await
        .unwrap();
    let told: Vec<_> = kept
        .iter()
        .map(|failure| (failure.email.as_str(), failure.cause.name(), failure.times))
        .collect();
    assert_eq!(
        told,
        [
            ("user@example.com", "not_hex", 1),
            ("user@example.com", "other_secret_or_text", 120),
            ("other@example.com", "not_hex", 1),
        ]
    );
    let many = &kept[1];
    assert!(many.first_at < started + 1_000 && many.created_at - many.first_at >= 119 * 100);
}

fn from_base64_url(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok()
}

async fn a_helpdesk_whose_secret_cannot_be_opened_keeps_no_other_from_its_failures(app: TestApp) {
    let (acme, globex) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    let id: helpdesky::ids::HelpdeskId = acme.id.parse().unwrap();
    let good = app.contact(&acme, "user@example.com");
    let globex_contact = app.contact(&globex, "user@example.com");
    good.verify().await;
    globex_contact.verify().await;
    // Both in memory before either is written down.
    helpdesky::secrets::failures::note(&app.app, id, "user@example.com", "nonsense", "");
    let mut credentials = globex_contact.credentials();
    credentials["signature"] = json!("nonsense");
    let spoilt: Result<u64, db::Error> = app
        .app
        .db()
        .write(async move |tx: &mut db::Tx| {
            tx.execute(
                "UPDATE secrets SET sealed = $2 WHERE helpdesk_id = $1",
                &[&id, &vec![7_u8; 40]],
            )
            .await
        })
        .await;
    assert_eq!(spoilt.unwrap(), 1);
    helpdesky::secrets::failures::note(&app.app, id, "user@example.com", "nonsense", "");
    app.call("verify", &credentials)
        .await
        .refused(401, "verification_failed");
    assert_eq!(app.failure_causes(&globex).await.len(), 1);
}
