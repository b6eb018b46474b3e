//! Search through the outside: what is found, by whom, and what is shown of it.

use std::time::Duration;

use super::browser::{Browser, PASSWORD, Page, operator, owner};
use crate::support::random::Random;
use crate::support::{TestApp, TestHelpdesk};
use helpdesky::operators::Role;
use helpdesky::search::indexing;

both_engines!(
    subjects_messages_and_notes_are_found,
    every_word_must_be_there_and_its_beginning_is_enough,
    what_is_written_is_found_within_moments,
    results_come_latest_first_page_by_page,
    open_and_closed_conversations_are_told_apart,
    scripts_without_spaces_are_found,
    nothing_of_another_helpdesk_is_found,
    a_note_is_found_by_operators_and_shown_to_nobody_else,
    what_was_found_is_text_with_its_words_marked,
    whatever_is_typed_is_a_query,
    a_long_conversation_is_found_by_its_oldest_and_its_latest_words,
    indexing_goes_on_where_it_stopped_and_may_be_done_by_several,
    every_word_of_a_message_finds_it,
);

async fn desk(app: &TestApp) -> (TestHelpdesk, Browser<'_>, String) {
    let (helpdesk, browser) = owner(app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let base = format!("/h/{}/search", helpdesk.id);
    (helpdesk, browser, base)
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The ids of the conversations on a page, in order.
#[track_caller]
fn hits(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.html);
    let rows = page.html.split("class=\"crow hit\" href=\"").skip(1);
    rows.filter_map(|row| {
        row.split("/conversations/")
            .nth(1)?
            .split('?')
            .next()
            .map(str::to_owned)
    })
    .collect()
}

async fn found(browser: &mut Browser<'_>, base: &str, typed: &str) -> Vec<String> {
    indexing::catch_up(&browser.app.app).await.unwrap();
    hits(&browser.get(&format!("{base}?q={}", encoded(typed))).await)
}

async fn subjects_messages_and_notes_are_found(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let ann = app.contact(&helpdesk, "ann.smith@example.com");
    let id = ann.open("The VAT line is missing\n\nOn three invoices.").await;
    let other = app.contact(&helpdesk, "bob@example.com").open("Calendar").await;
    app.operator_reply(&helpdesk, &id, "A fix is on its way").await;
    app.operator_note(&helpdesk, &id, "Seen in staging as well").await;
    for typed in [
        "VAT",
        "invoices",
        "fix way",
        "staging",
        "vat staging fix",
        "smith",
        "vat ann",
    ] {
        assert_eq!(found(&mut browser, &base, typed).await, [id.as_str()], "{typed}");
    }
    assert_eq!(found(&mut browser, &base, "calendar").await, [other]);
    assert!(found(&mut browser, &base, "vat calendar").await.is_empty());
    let page = browser.get(&format!("{base}?q=smith")).await;
    assert!(
        page.html.contains(">Contacts<") && page.html.contains("/contacts/"),
        "people are found too"
    );
    let page = browser.get(&base).await;
    assert!(page.html.contains("Find a conversation or a person") && hits(&page).is_empty());
}

async fn every_word_must_be_there_and_its_beginning_is_enough(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let ann = app.contact(&helpdesk, "ann@example.com");
    let one = ann
        .open("Refunding order INV-2031, Überweisung to café Müller")
        .await;
    ann.open("Refund").await;
    for typed in [
        "refund order",
        "inv-2031",
        "INV 203",
        "uberw",
        "ÜBERWEISUNG",
        "cafe muller",
        "order ref",
    ] {
        assert_eq!(found(&mut browser, &base, typed).await, [one.as_str()], "{typed}");
    }
    assert_eq!(found(&mut browser, &base, "refund").await.len(), 2);
    for typed in ["efund", "refund orders", "o", "2031x"] {
        assert!(found(&mut browser, &base, typed).await.is_empty(), "{typed}");
    }
}

async fn what_is_written_is_found_within_moments(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let ann = app.contact(&helpdesk, "ann@example.com");
    let id = ann.open("Hello").await;
    for word in ["zebra", "yonder"] {
        ann.reply(&id, word).await;
        // By the worker alone: nobody asks it to.
        let looking = async {
            while hits(&browser.get(&format!("{base}?q={word}")).await).is_empty() {
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), looking)
            .await
            .unwrap_or_else(|_| panic!("{word} is found"));
    }
}

async fn results_come_latest_first_page_by_page(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let ann = app.contact(&helpdesk, "ann@example.com");
    let mut expected = Vec::new();
    for n in 0..45 {
        expected.insert(0, ann.open(&format!("Refund number {n}")).await);
    }
    // Written into again, the oldest is the latest.
    let oldest = expected.pop().unwrap();
    ann.reply(&oldest, "Any news?").await;
    expected.insert(0, oldest);
    indexing::catch_up(&app.app).await.unwrap();
    let (mut address, mut all, mut pages) = (Some(format!("{base}?q=refund")), Vec::new(), 0);
    while let Some(wanted) = address {
        let page = browser.get(&wanted).await;
        all.extend(hits(&page));
        pages += 1;
        let older = page.html.split("Show older conversations").next();
        address = older
            .filter(|_| page.html.contains("Show older conversations"))
            .and_then(|before| before.rsplit("href=\"").next()?.split('"').next())
            .map(|href| href.replace("&#38;", "&"));
    }
    assert_eq!((all, pages), (expected, 3));
    for before in ["x", "-5", "0", "9223372036854775807", "1"] {
        assert_eq!(
            browser
                .get(&format!("{base}?q=refund&before={before}"))
                .await
                .status,
            200,
            "{before}"
        );
    }
}

async fn open_and_closed_conversations_are_told_apart(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let ann = app.contact(&helpdesk, "ann@example.com");
    let (stays, ends) = (ann.open("Refund one").await, ann.open("Refund two").await);
    let mut in_status = async |status: &str| {
        indexing::catch_up(&app.app).await.unwrap();
        hits(&browser.get(&format!("{base}?q=refund&status={status}")).await)
    };
    app.operator_close(&helpdesk, &ends).await;
    assert_eq!(in_status("open").await, [stays.as_str()]);
    assert_eq!(in_status("closed").await, [ends.as_str()]);
    assert_eq!(in_status("anything").await, [ends.clone(), stays.clone()]);
    app.operator_reopen(&helpdesk, &ends).await;
    assert_eq!(in_status("open").await, [ends.clone(), stays]);
    assert!(in_status("closed").await.is_empty());
    // The names of the statuses are words like any other.
    assert!(found(&mut browser, &base, "closed").await.is_empty());
    assert!(found(&mut browser, &base, "§open").await.is_empty());
}

async fn scripts_without_spaces_are_found(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let ann = app.contact(&helpdesk, "ann@example.com");
    let mut ids = Vec::new();
    for text in [
        "我想请求退款，谢谢",
        "請求書が届きません。メールで送ってください",
        "ขอคืนเงินได้ไหม",
        "환불을 요청합니다",
        "كيف يمكنني تغيير العُنوان؟",
        "मुझे पैसे वापस चाहिए",
        "Προσθήκη λογότυπου ΟΔΟΣ",
    ] {
        ids.push(ann.open(text).await);
    }
    for (typed, at) in [
        ("退款", 0),
        ("请求退款", 0),
        ("谢", 0),
        ("メール", 1),
        ("届きません", 1),
        ("คืนเงิน", 2),
        ("환불", 3),
        ("العنوان", 4),
        ("वापस", 5),
        ("οδός", 6),
    ] {
        assert_eq!(
            found(&mut browser, &base, typed).await,
            [ids[at].clone()],
            "{typed}"
        );
    }
    assert!(found(&mut browser, &base, "款退").await.is_empty());
}

async fn nothing_of_another_helpdesk_is_found(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let other = app.helpdesk("Globex").await;
    let own = app
        .contact(&helpdesk, "ann@example.com")
        .open("Refund for shoes")
        .await;
    let foreign = app
        .contact(&other, "ann@example.com")
        .open("Refund for canary4711")
        .await;
    app.operator_note(&other, &foreign, "Noted canary4712").await;
    for typed in ["refund", "ann", "example"] {
        assert_eq!(found(&mut browser, &base, typed).await, [own.as_str()], "{typed}");
    }
    for typed in ["canary", "canary4711", "canary4712", "refund canary"] {
        let page = browser.get(&format!("{base}?q={typed}")).await;
        assert!(hits(&page).is_empty() && !page.html.contains(&foreign), "{typed}");
    }
    operator(&app, &other, "gina@globex.example", Role::Operator).await;
    let mut theirs = Browser::new(&app);
    theirs.sign_in("gina@globex.example", PASSWORD).await;
    let their_base = format!("/h/{}/search", other.id);
    assert_eq!(found(&mut theirs, &their_base, "refund").await, [foreign]);
    assert_eq!(theirs.get(&format!("{base}?q=refund")).await.status, 404);
}

async fn a_note_is_found_by_operators_and_shown_to_nobody_else(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let ann = app.contact(&helpdesk, "ann@example.com");
    let id = ann.open("Hello").await;
    app.operator_note(&helpdesk, &id, "Watch out, canary9001").await;
    assert_eq!(found(&mut browser, &base, "canary9001").await, [id.as_str()]);
    let page = browser.get(&format!("{base}?q=canary9001")).await;
    assert!(page.html.contains("Private note. ") && page.html.contains("<mark>canary9001</mark>"));
    for answer in [
        ann.verify().await,
        ann.history(&id).await,
        ann.reply(&id, "canary?").await,
        ann.close(&id).await,
    ] {
        assert!(!answer.to_string().contains("canary9001"), "{answer}");
    }
}

async fn what_was_found_is_text_with_its_words_marked(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let naughty = "<b>bold</b> <script>alert(1)</script> \"><img src=x> <mark>bold</mark> {{7*7}} &amp; bold";
    let id = app.contact(&helpdesk, "ann@example.com").open(naughty).await;
    app.operator_note(&helpdesk, &id, naughty).await;
    for typed in ["bold", "script", "mark bold", "<script>", "img onerror bold"] {
        found(&mut browser, &base, typed).await;
        let html = browser.get(&format!("{base}?q={}", encoded(typed))).await.html;
        assert!(
            !html.contains("<script>alert") && !html.contains("<img src=x"),
            "{typed}"
        );
        assert!(!html.contains("<b>bold"), "{typed}");
    }
    let html = browser.get(&format!("{base}?q=bold")).await.html;
    assert!(
        html.contains("&#60;b&#62;<mark>bold</mark>&#60;/b&#62;"),
        "{html}"
    );
    let html = browser
        .get(&format!("{base}?q={}", encoded("\"><script>alert(1)</script>")))
        .await
        .html;
    assert!(!html.contains("<script>alert"), "what was typed is text as well");
}

async fn whatever_is_typed_is_a_query(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    app.contact(&helpdesk, "ann@example.com")
        .open("A near miss, and or not")
        .await;
    indexing::catch_up(&app.app).await.unwrap();
    let long = "x".repeat(10_000);
    let many = "word ".repeat(2_000);
    for typed in [
        "\"",
        "'",
        "\"a\" OR \"b\"",
        "NEAR(a b, 2)",
        "a NEAR b",
        "AND",
        "OR",
        "NOT a",
        "*",
        "a*",
        "^a",
        "-a",
        "a:b",
        "words:a",
        "(",
        ")",
        "((a",
        "{a}",
        "a & b | c",
        "!a",
        "a <-> b",
        "a:*",
        "\\",
        "\\'",
        "%",
        "_",
        "\0",
        "a\0b",
        "😀",
        "👩‍👩‍👧",
        "\u{202e}abc",
        "مرحبا",
        "\u{feff}",
        "§open",
        "000001§open",
        "a\u{300}\u{301}\u{302}",
        "½",
        "ﬁ",
        &long,
        &many,
        "'); DROP TABLE search_documents; --",
    ] {
        let page = browser.get(&format!("{base}?q={}", encoded(typed))).await;
        assert_eq!(page.status, 200, "{typed:?}");
        assert!(page.html.contains("</html>"));
    }
    assert_eq!(
        found(&mut browser, &base, "NEAR AND").await.len(),
        1,
        "operators are words"
    );
    for query in ["q=%ff%00%fe", "q=", "", "status=x", "q=a&status="] {
        assert_eq!(
            browser.get(&format!("{base}?{query}")).await.status,
            200,
            "{query}"
        );
    }
    let mut random = Random::new(11);
    for _ in 0..60 {
        let typed: String = (0..random.below(40))
            .filter_map(|_| char::from_u32(u32::try_from(random.below(0x11_0000)).unwrap()))
            .collect();
        let page = browser.get(&format!("{base}?q={}", encoded(&typed))).await;
        assert_eq!(page.status, 200, "{typed:?}");
    }
}

async fn a_long_conversation_is_found_by_its_oldest_and_its_latest_words(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let ann = app.contact(&helpdesk, "ann@example.com");
    let id = ann.open("It begins with aardvark").await;
    for n in 0..230 {
        ann.reply(&id, &format!("word{n} and more")).await;
        if n % 60 == 0 {
            indexing::catch_up(&app.app).await.unwrap();
        }
    }
    for typed in ["aardvark", "word0", "word229", "aardvark word115 word229"] {
        assert_eq!(found(&mut browser, &base, typed).await, [id.as_str()], "{typed}");
    }
    let page = browser.get(&format!("{base}?q=word229")).await;
    assert!(
        page.html.contains("#entry-231\""),
        "the link leads to the message"
    );
}

async fn indexing_goes_on_where_it_stopped_and_may_be_done_by_several(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let ann = app.contact(&helpdesk, "ann@example.com");
    let mut ids = Vec::new();
    for n in 0..130 {
        ids.insert(0, ann.open(&format!("Parcel {n}")).await);
    }
    let all = async || {
        let one = indexing::catch_up(&app.app);
        let two = indexing::catch_up(&app.app);
        let three = indexing::catch_up(&app.app);
        let done = tokio::join!(one, two, three);
        done.0.and(done.1).and(done.2).unwrap();
    };
    all().await;
    app.operator_reply(&helpdesk, &ids[0], "On its way").await;
    all().await;
    all().await;
    assert_eq!(found(&mut browser, &base, "parcel way").await, [ids[0].clone()]);
    let mut shown = found(&mut browser, &base, "parcel").await;
    shown.dedup();
    assert_eq!(shown, ids[..20], "each once");
    let rows: Result<Option<i64>, db::Error> = app
        .app
        .db()
        .read(async |tx: &mut db::Tx| {
            tx.first("SELECT COUNT(*) FROM search_documents", &[], |row| row.get(0))
                .await
        })
        .await;
    assert_eq!(rows.unwrap(), Some(130));
}

async fn every_word_of_a_message_finds_it(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let ann = app.contact(&helpdesk, "ann@example.com");
    let mut random = Random::new(5);
    let alphabet: Vec<char> = "abcxyzäéßİıΣςжйאבعم한국漢字かナไทย0129_-'\"*:()&|!\\"
        .chars()
        .collect();
    for _ in 0..12 {
        let words: Vec<String> = (0..3)
            .map(|_| {
                (0..2 + random.below(8))
                    .map(|_| *random.pick(&alphabet))
                    .collect()
            })
            .collect();
        let text = words.join(" ");
        let id = ann.open(&format!("{text} .")).await;
        for word in &words {
            if word.chars().any(char::is_alphanumeric) {
                let shown = found(&mut browser, &base, word).await;
                assert!(shown.contains(&id), "{word:?} of {text:?}");
            }
        }
    }
}
