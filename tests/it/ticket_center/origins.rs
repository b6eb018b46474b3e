//! Allowed Embed Domains: which pages may use the embeds, enforced before anything is written.

use serde_json::json;

use super::{complete, documented_calls};
use crate::support::random::Random;
use crate::support::{Answer, PREFIX, TestApp, TestContact, count, raw};

/// A list of domains, and origins with whether they may embed.
type Case = (&'static [&'static str], &'static [(&'static str, bool)]);

const TABLE: &[Case] = &[
    (
        &["example.com"],
        &[
            ("https://example.com", true),
            ("http://example.com", true),
            ("https://example.com:8443", true),
            ("http://example.com:80", true),
            ("https://www.example.com", true),
            ("https://a.b.c.example.com", true),
            ("https://xn--bcher-kva.example.com", true),
            ("https://notexample.com", false),
            ("https://example.com.", false),
            ("https://user@example.com", false),
            ("https://user:password@example.com", false),
            ("https://example.com.evil.com", false),
            ("https://example.comevil.com", false),
            ("https://evil-example.com", false),
            ("https://example.co", false),
            ("https://example.community", false),
            ("https://xample.com", false),
            ("https://com", false),
            ("https://examplexcom", false),
            ("https://example.org", false),
            ("https://example.com@evil.com", false),
            ("https://example.com:80@evil.com", false),
            ("https://evil.com/example.com", false),
            ("https://evil.com/.example.com", false),
            ("https://evil.com#.example.com", false),
            ("https://evil.com?.example.com", false),
            ("https://evil.com\\.example.com", false),
            ("https://example.com%2eevil.com", false),
            ("https://evil.com%2f.example.com", false),
            ("https://evil.com%00.example.com", false),
            ("https://example.com, https://evil.com", false),
            ("https://evil.com, https://example.com", false),
            ("https://evil.com https://example.com", false),
            ("https://example.com https://evil.com", false),
            ("https://xn--exmple-4nf.com", false),
            ("null", false),
            ("", false),
            ("NULL", false),
            ("undefined", false),
            ("*", false),
            ("https://*.example.com", false),
            ("file://", false),
            ("data:text/html,example.com", false),
            ("about:blank", false),
            ("https://localhost", false),
            ("https://127.0.0.2", false),
            ("https://[::1]", false),
        ],
    ),
    (
        &["shop.example.com", "example.org"],
        &[
            ("https://shop.example.com", true),
            ("https://eu.shop.example.com", true),
            ("https://example.org", true),
            ("https://example.com", false),
            ("https://blog.example.com", false),
            ("https://myshop.example.com", false),
        ],
    ),
    (
        &["localhost"],
        &[
            ("http://localhost", true),
            ("http://localhost:3000", true),
            ("https://localhost", true),
            ("http://app.localhost:3000", false),
            ("http://localhost.evil.com", false),
            ("http://notlocalhost", false),
            ("http://127.0.0.2", false),
        ],
    ),
    (
        &["192.0.2.7", "[2001:db8::1]"],
        &[
            ("http://192.0.2.7", true),
            ("https://192.0.2.7:8080", true),
            ("http://192.0.2.70", false),
            ("http://1.192.0.2.7", false),
            ("http://shop.192.0.2.7", false),
            ("http://192.0.2.7.evil.com", false),
            ("http://[2001:db8::1]", true),
            ("http://[2001:db8::1]:3000", true),
            ("http://[2001:db8::2]", false),
            ("http://[2001:db8::11]", false),
        ],
    ),
    (
        &["bücher.example"],
        &[
            ("https://xn--bcher-kva.example", true),
            ("https://shop.xn--bcher-kva.example", true),
            ("https://bucher.example", false),
            ("https://xn--bcher-kvb.example", false),
        ],
    ),
];

/// Sends an Origin header of any bytes.
async fn verify_from(contact: &TestContact<'_>, origins: &[&str]) -> Answer {
    contact.app.advance(100);
    let body = contact.credentials().to_string();
    let mut lines = vec![
        "Content-Type: application/json".to_owned(),
        format!("Content-Length: {}", body.len()),
    ];
    lines.extend(origins.iter().map(|origin| format!("Origin: {origin}")));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let head = raw::head(contact.app, "POST", &format!("{PREFIX}/verify"), &lines);
    raw::send(contact.app, &[&head, body.as_bytes()]).await
}

#[track_caller]
fn check(answer: &Answer, origin: &str, allowed: bool, about: &str) {
    if allowed {
        assert_eq!(answer.status, 200, "{origin} with {about}: {}", answer.text());
        answer.ok();
    } else {
        assert_eq!(answer.status, 403, "{origin} with {about}");
        let sentence = answer.refused(403, "origin_not_allowed");
        assert!(
            sentence.contains("Origin not allowed") && sentence.contains(origin),
            "{sentence} prints {origin}"
        );
    }
}

both_engines!(
    an_origin_may_when_its_host_is_an_entry_or_below_one,
    with_an_empty_list_every_page_may,
    several_origin_headers_are_no_origin_of_the_list,
    our_own_origin_and_servers_without_one_are_always_allowed,
    a_refused_origin_writes_nothing_on_any_path,
    a_list_belongs_to_one_helpdesk,
    entries_are_tidied_on_save_and_nonsense_is_refused,
    no_look_alike_of_an_entry_is_ever_allowed,
);

async fn an_origin_may_when_its_host_is_an_entry_or_below_one(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for (entries, origins) in TABLE {
        app.set_domains(&helpdesk, entries).await.unwrap();
        for (origin, allowed) in *origins {
            check(
                &verify_from(&contact, &[origin]).await,
                origin,
                *allowed,
                &format!("{entries:?}"),
            );
        }
    }
    assert!(TABLE.iter().map(|(_, origins)| origins.len()).sum::<usize>() >= 40);
}

async fn with_an_empty_list_every_page_may(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for origin in [
        "https://anything.example",
        "null",
        "file://",
        "capacitor://localhost",
        "chrome-extension://abc",
        "",
        "garbage",
    ] {
        check(
            &verify_from(&contact, &[origin]).await,
            origin,
            true,
            "an empty list",
        );
    }
    app.set_domains(&helpdesk, &["example.com"]).await.unwrap();
    verify_from(&contact, &["null"])
        .await
        .refused(403, "origin_not_allowed");
    app.set_domains(&helpdesk, &[]).await.unwrap();
    verify_from(&contact, &["null"]).await.ok();
}

async fn several_origin_headers_are_no_origin_of_the_list(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    app.set_domains(&helpdesk, &["example.com"]).await.unwrap();
    for origins in [
        ["https://example.com", "https://evil.com"],
        ["https://evil.com", "https://example.com"],
    ] {
        verify_from(&contact, &origins)
            .await
            .refused(403, "origin_not_allowed");
    }
}

async fn our_own_origin_and_servers_without_one_are_always_allowed(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    app.set_domains(&helpdesk, &["example.com"]).await.unwrap();
    verify_from(&contact, &[&app.base]).await.ok();
    verify_from(&contact, &[]).await.ok();
    let unsigned = contact.call("verify", json!({"signature": "0".repeat(64)})).await;
    unsigned.refused(401, "verification_failed");
}

async fn a_refused_origin_writes_nothing_on_any_path(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let known = app.contact(&helpdesk, "known@example.com");
    let conversation = known.open("Hello").await;
    app.operator_reply(&helpdesk, &conversation, "An answer").await;
    let token = known.token().await;
    app.set_domains(&helpdesk, &["example.com"]).await.unwrap();
    let before = app.counts().await;
    let evil = ("origin", "https://evil.example");
    for email in ["known@example.com", "new@example.com"] {
        for path in documented_calls(&conversation) {
            let body = complete(&app.contact(&helpdesk, email));
            let answer = app.post_with(&format!("{PREFIX}/{path}"), &body, &[evil]).await;
            check(&answer, evil.1, false, &path);
        }
    }
    let bearer = format!("Bearer {token}");
    let tokened = [
        "conversations".to_owned(),
        "stream".to_owned(),
        format!("conversations/{conversation}"),
        format!("conversations/{conversation}/read"),
    ];
    for path in tokened {
        let headers = [evil, ("authorization", bearer.as_str())];
        let answer = app
            .post_with(&format!("{PREFIX}/{path}"), &json!({}), &headers)
            .await;
        check(&answer, evil.1, false, &path);
    }
    assert_eq!(app.counts().await, before);
    let listed = known.listed(&conversation).await;
    assert_eq!(
        (&listed["status"], &listed["unreadCount"]),
        (&json!("open"), &json!(1))
    );
}

async fn a_list_belongs_to_one_helpdesk(app: TestApp) {
    let (acme, globex) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    app.set_domains(&acme, &["example.com"]).await.unwrap();
    verify_from(&app.contact(&globex, "user@example.com"), &["https://evil.com"])
        .await
        .ok();
    verify_from(&app.contact(&acme, "user@example.com"), &["https://evil.com"])
        .await
        .refused(403, "origin_not_allowed");
}

async fn entries_are_tidied_on_save_and_nonsense_is_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let tidied = [
        (" Example.COM ", "example.com"),
        ("https://example.com", "example.com"),
        ("http://example.com:8080/path?x#y", "example.com"),
        ("*.example.com", "example.com"),
        ("https://*.example.com/", "example.com"),
        ("example.com.", "example.com"),
        ("example.com:443", "example.com"),
        ("example.com/path", "example.com"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("localhost:3000", "localhost"),
        ("192.0.2.7:80", "192.0.2.7"),
    ];
    for (written, stored) in tidied {
        assert_eq!(
            app.set_domains(&helpdesk, &[written]).await.unwrap(),
            [stored],
            "{written:?}"
        );
    }
    let nonsense = [
        "exa mple.com",
        "*",
        "*.",
        "http://",
        "a..b",
        "-",
        "<script>",
        "example.com, example.org",
        "exam\0ple.com",
        "ex*mple.com",
        "a.*.example.com",
        "@",
        "[::1",
    ];
    app.set_domains(&helpdesk, &["kept.example"]).await.unwrap();
    for written in nonsense {
        let refusal = app.set_domains(&helpdesk, &["example.com", written]).await;
        assert!(
            refusal.as_ref().is_err_and(|sentence| !sentence.is_empty()),
            "{written:?}: {refusal:?}"
        );
    }
    let contact = app.contact(&helpdesk, "user@example.com");
    verify_from(&contact, &["https://kept.example"]).await.ok();
    verify_from(&contact, &["https://example.com"])
        .await
        .refused(403, "origin_not_allowed");
}

async fn no_look_alike_of_an_entry_is_ever_allowed(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut random = Random::new(7);
    let entries = [
        "example.com",
        "shop.example.org",
        "xn--bcher-kva.example",
        "192.0.2.7",
        "localhost",
    ];
    app.set_domains(&helpdesk, &entries).await.unwrap();
    for _ in 0..count(150, 20_000) {
        let host = look_alike(entries[random.below(entries.len())], &mut random);
        let origin = format!("https://{host}");
        let names = ["example.com", "shop.example.org", "xn--bcher-kva.example"];
        let below = |name: &&str| host == **name || host.ends_with(&format!(".{name}"));
        let exact = host == "192.0.2.7" || host == "localhost";
        let allowed = exact || names.iter().any(below);
        let status = verify_from(&contact, &[&origin]).await.status;
        assert_eq!(status, if allowed { 200 } else { 403 }, "{origin}");
    }
}

/// A host made of an entry by one or two small changes, of which some leave it allowed.
fn look_alike(entry: &str, random: &mut Random) -> String {
    let mut host = entry.to_owned();
    for _ in 0..=random.below(2) {
        let at = random.below(host.len());
        let letter = *random.pick(&['a', 'x', '0', '-', '.', '1', 'm']);
        match random.below(8) {
            0 => host.insert(at, letter),
            1 if host.len() > 2 => {
                host.remove(at);
            }
            2 => host = format!("{letter}{host}"),
            3 => host.push(letter),
            4 => host = format!("sub.{host}"),
            5 => host = format!("{host}.evil.com"),
            6 => host = format!("evil-{host}"),
            _ => host = host.replacen('.', "", 1),
        }
    }
    host
}
