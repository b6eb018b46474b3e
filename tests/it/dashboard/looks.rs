//! How the embeds look, and the preview's frame.

use super::browser::owner;
use super::ticket_center::{audited, generate};
use crate::support::TestApp;
use serde_json::{Value, json};

both_engines!(
    saved_looks_are_in_the_next_answer_and_can_be_undone,
    a_bad_value_is_refused_beside_its_field_and_nothing_is_kept,
    the_preview_may_stand_in_our_own_frames_only_and_reach_nothing,
);

const NONE: [(&str, &str); 4] = [
    ("align", "center"),
    ("theme", "auto"),
    ("max_width", ""),
    ("accent", ""),
];

async fn saved_looks_are_in_the_next_answer_and_can_be_undone(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = generate(&mut browser, &helpdesk).await.expect("a secret");
    let contact = app.contact(&helpdesk, "a@example.com");
    let appearance = async || contact.verify().await["helpdesk"]["appearance"].clone();
    let nothing = json!({"align": null, "maxWidth": null, "accent": null, "theme": null, "border": null});
    assert_eq!(appearance().await, nothing);

    let address = format!("/h/{}/ticket-center", helpdesk.id);
    let page = browser.get(&address).await;
    let form = format!("{address}/appearance");
    let fields = [
        ("align", "right"),
        ("theme", "dark"),
        ("max_width", " 48REM"),
        ("accent", "#0B6170"),
        ("border", "none"),
    ];
    let saved = browser.submit(&page, &form, &fields).await;
    assert_eq!((saved.status, saved.location()), (303, format!("{address}#look")));
    let looks = json!({"align": "right", "maxWidth": "48rem", "accent": "#0b6170", "theme": "dark", "border": "none"});
    assert_eq!(appearance().await, looks);
    let html = browser.get(&address).await.html;
    for part in [
        "name=\"align\" value=\"right\" checked",
        "name=\"theme\" value=\"dark\" checked",
        "value=\"48rem\"",
        "value=\"#0b6170\"",
        "value=\"none\" checked",
        "Appearance saved",
        ">Undo<",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    let frame = browser.get(&format!("{address}/preview")).await.html;
    assert!(frame.contains("data-max-width=\"48rem\"") && frame.contains("data-accent=\"#0b6170\""));

    assert_eq!(browser.submit(&page, &form, &NONE).await.status, 303);
    assert_eq!(appearance().await, nothing);
    assert_eq!(browser.submit(&page, &form, &NONE).await.status, 303);
    let entries = audited(&app).await;
    let set: Vec<&str> = entries
        .iter()
        .filter(|(action, by, _)| action == "appearance set" && by == "noor@acme.example")
        .map(|(_, _, detail)| detail.as_str())
        .collect();
    assert_eq!(set.len(), 2, "what changes nothing is not on record");
    assert_eq!(serde_json::from_str::<Value>(set[0]).expect("JSON"), looks);
}

async fn a_bad_value_is_refused_beside_its_field_and_nothing_is_kept(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = generate(&mut browser, &helpdesk).await.expect("a secret");
    let contact = app.contact(&helpdesk, "a@example.com");
    let address = format!("/h/{}/ticket-center", helpdesk.id);
    let page = browser.get(&address).await;
    for (field, value) in [
        ("align", "top"),
        ("theme", "pink"),
        ("border", "5px solid"),
        ("max_width", "100"),
        ("max_width", "calc(1px)"),
        ("max_width", "1px;background:url(https://evil.example)"),
        ("max_width", "\"><script>alert(1)</script>"),
        ("accent", "url(https://evil.example)"),
        ("accent", "red;}*{display:none"),
        ("accent", "var(--x)"),
    ] {
        let refused = browser
            .submit(&page, &format!("{address}/appearance"), &[(field, value)])
            .await;
        assert_eq!(refused.status, 422, "{field} {value}");
        assert!(
            refused.html.contains("<p class=\"error\""),
            "{field}: {}",
            refused.html
        );
        assert!(!refused.html.contains("<script>alert"), "{field}");
    }
    let appearance = contact.verify().await["helpdesk"]["appearance"].clone();
    assert!(
        appearance
            .as_object()
            .expect("fields")
            .values()
            .all(Value::is_null),
        "{appearance}"
    );
}

async fn the_preview_may_stand_in_our_own_frames_only_and_reach_nothing(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let address = format!("/h/{}/ticket-center", helpdesk.id);
    let policy = |page: &super::browser::Page| {
        page.answer
            .header("content-security-policy")
            .unwrap_or_default()
            .to_owned()
    };
    let page = browser.get(&address).await;
    assert!(policy(&page).contains("; frame-src 'self'") && policy(&page).contains("frame-ancestors 'none'"));
    for other in ["/settings/messages", "/conversations", "/shortcuts"] {
        let other = browser.get(&format!("/h/{}{other}", helpdesk.id)).await;
        assert!(
            other.status == 200 && !policy(&other).contains("frame-src"),
            "{}",
            policy(&other)
        );
    }
    let frame = browser.get(&format!("{address}/preview")).await;
    let policy = policy(&frame);
    for part in [
        "default-src 'none'",
        "frame-ancestors 'self'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(
        !policy.contains("connect-src"),
        "nothing can be called from there"
    );
    assert_eq!(frame.answer.header("x-frame-options"), Some("SAMEORIGIN"));
    assert_eq!(frame.answer.header("cache-control"), Some("no-store"));
    assert!(
        !frame.html.contains(&helpdesk.id) && !frame.html.contains("csrf"),
        "{}",
        frame.html
    );
}
