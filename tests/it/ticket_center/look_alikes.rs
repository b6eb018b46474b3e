//! Addresses that look like, or fold to, somebody else's. Each is signed correctly for itself, and
//! never opens the other.

use crate::support::{TestApp, string};

/// A look-alike and the ASCII address it must not become.
pub(super) const PAIRS: &[(&str, &str)] = &[
    // Case folding by Unicode rules would make these equal.
    ("m\u{131}ke@example.com", "mike@example.com"),
    ("MIKE\u{130}@example.com", "mikei@example.com"),
    ("\u{130}da@example.com", "ida@example.com"),
    ("\u{131}da@example.com", "ida@example.com"),
    ("al\u{131}ce@example.com", "alice@example.com"),
    ("al\u{130}ce@example.com", "alice@example.com"),
    ("ali\u{307}ce@example.com", "alice@example.com"),
    ("mi\u{212a}e@example.com", "mike@example.com"),
    ("\u{212a}arl@example.com", "karl@example.com"),
    ("karl@\u{212a}example.com", "karl@kexample.com"),
    ("\u{17f}am@example.com", "sam@example.com"),
    ("je\u{17f}\u{17f}e@example.com", "jesse@example.com"),
    ("user@example.com\u{17f}", "user@example.coms"),
    ("user@\u{17f}ample.com", "user@sample.com"),
    ("stra\u{df}e@example.com", "strasse@example.com"),
    ("stra\u{1e9e}e@example.com", "strasse@example.com"),
    ("user@stra\u{df}e.example", "user@strasse.example"),
    ("\u{212b}sa@example.com", "asa@example.com"),
    ("o\u{2126}@example.com", "oo@example.com"),
    // Ligatures and compatibility forms.
    ("\u{fb01}ona@example.com", "fiona@example.com"),
    ("\u{fb02}ora@example.com", "flora@example.com"),
    ("o\u{fb03}ce@example.com", "office@example.com"),
    ("wa\u{fb04}e@example.com", "waffle@example.com"),
    ("je\u{fb00}@example.com", "jeff@example.com"),
    ("\u{fb06}an@example.com", "stan@example.com"),
    ("\u{fb05}an@example.com", "stan@example.com"),
    ("\u{1c6}ordan@example.com", "dzordan@example.com"),
    (
        "\u{ff41}\u{ff4c}\u{ff49}\u{ff43}\u{ff45}@example.com",
        "alice@example.com",
    ),
    ("\u{ff21}lice@example.com", "alice@example.com"),
    ("alice\u{ff10}@example.com", "alice0@example.com"),
    ("alice@\u{ff45}xample.com", "alice@example.com"),
    ("alice@example\u{ff0e}com", "alice@example.com"),
    ("alice@example\u{3002}com", "alice@example.com"),
    ("alice@example\u{ff61}com", "alice@example.com"),
    ("alice\u{ff0b}tag@example.com", "alice+tag@example.com"),
    ("\u{1d4b6}lice@example.com", "alice@example.com"),
    ("\u{1d5ba}lice@example.com", "alice@example.com"),
    ("\u{24d0}lice@example.com", "alice@example.com"),
    ("alice\u{b2}@example.com", "alice2@example.com"),
    ("alice\u{2082}@example.com", "alice2@example.com"),
    ("\u{aa}lice@example.com", "alice@example.com"),
    ("b\u{ba}b@example.com", "bob@example.com"),
    ("\u{2115}ora@example.com", "nora@example.com"),
    ("\u{2110}da@example.com", "ida@example.com"),
    ("a\u{2113}ice@example.com", "alice@example.com"),
    ("\u{3380}@example.com", "pa@example.com"),
    ("\u{2100}@example.com", "a/c@example.com"),
    // Letters of other scripts.
    ("\u{430}lice@example.com", "alice@example.com"),
    ("alic\u{435}@example.com", "alice@example.com"),
    ("b\u{43e}b@example.com", "bob@example.com"),
    ("\u{455}am@example.com", "sam@example.com"),
    ("\u{440}aul@example.com", "paul@example.com"),
    ("\u{3b1}lice@example.com", "alice@example.com"),
    ("b\u{3bf}b@example.com", "bob@example.com"),
    ("alice@ex\u{430}mple.com", "alice@example.com"),
    ("alice@xn--exmple-4nf.com", "alice@example.com"),
    ("\u{13a0}lice@example.com", "dlice@example.com"),
    // Accents, composed and combining.
    ("\u{e0}lice@example.com", "alice@example.com"),
    ("a\u{300}lice@example.com", "alice@example.com"),
    ("zo\u{eb}@example.com", "zoe@example.com"),
    ("zoe\u{308}@example.com", "zoe@example.com"),
    ("s\u{f8}ren@example.com", "soren@example.com"),
    ("\u{142}ukasz@example.com", "lukasz@example.com"),
    ("fran\u{e7}ois@example.com", "francois@example.com"),
    ("user@\u{fc}ber.example", "user@uber.example"),
    // Letters that nothing shows.
    ("ali\u{200b}ce@example.com", "alice@example.com"),
    ("ali\u{200d}ce@example.com", "alice@example.com"),
    ("ali\u{ad}ce@example.com", "alice@example.com"),
    ("ali\u{2060}ce@example.com", "alice@example.com"),
    ("\u{feff}alice@example.com", "alice@example.com"),
    ("alice\u{fe0f}@example.com", "alice@example.com"),
    ("\u{202e}alice@example.com", "alice@example.com"),
    ("alice@example.com\u{200b}", "alice@example.com"),
];

both_engines!(
    a_look_alike_never_opens_the_address_it_looks_like,
    composed_and_decomposed_letters_are_different_addresses,
    only_ascii_letters_lose_their_case,
);

async fn a_look_alike_never_opens_the_address_it_looks_like(app: TestApp) {
    assert!(PAIRS.len() >= 60);
    let helpdesk = app.helpdesk("Acme").await;
    for (look_alike, ascii) in PAIRS {
        assert!(!look_alike.is_ascii() || look_alike != ascii);
        let owner = app.contact(&helpdesk, ascii);
        let conversation = owner.open("Only for me").await;
        let id = string(&owner.verify().await["contact"]["id"]);

        let attacker = app.contact(&helpdesk, look_alike);
        let answer = attacker.call("verify", serde_json::json!({})).await;
        if answer.status == 400 {
            answer.names_field("email");
        } else {
            let answer = answer.ok();
            assert_ne!(answer["contact"]["id"], id.as_str(), "{look_alike:?}");
            assert_ne!(answer["contact"]["email"], *ascii, "{look_alike:?}");
            assert_eq!(answer["conversations"], serde_json::json!([]), "{look_alike:?}");
            let path = format!("conversations/{conversation}/messages");
            attacker
                .call(&path, serde_json::json!({}))
                .await
                .refused(404, "conversation_not_found");
        }
    }
}

async fn composed_and_decomposed_letters_are_different_addresses(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    for (composed, decomposed) in [
        ("ünï@example.com", "u\u{308}ni\u{308}@example.com"),
        ("\u{e5}@example.com", "\u{212b}@example.com"),
    ] {
        app.contact(&helpdesk, composed).open("Only for me").await;
        assert!(
            app.contact(&helpdesk, decomposed)
                .conversations()
                .await
                .is_empty()
        );
    }
}

async fn only_ascii_letters_lose_their_case(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    app.contact(&helpdesk, "\u{fc}ser@example.com")
        .open("Only for me")
        .await;
    let upper = app.contact(&helpdesk, "\u{dc}SER@EXAMPLE.COM").verify().await;
    assert_eq!(upper["contact"]["email"], "\u{dc}ser@example.com");
    assert_eq!(upper["conversations"], serde_json::json!([]));
}
