//! Composed mail is held against the strict reader and read back by another parser.

use super::*;
use crate::strict::{self, StrictMail};
use mail_parser::MessageParser;
use proptest::prelude::*;

const HEADERS: &[&str] = &[
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "auto-submitted",
    "x-auto-response-suppress",
    "x-helpdesky-loop",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "mime-version",
    "content-type",
];

fn mail(name: &str, subject: &str, text: &str) -> OutgoingMail {
    OutgoingMail {
        from: Mailbox::new(name, "support@acme.example").unwrap(),
        to: Mailbox::new(name, "jane+tag@example.com").unwrap(),
        copies: Vec::new(),
        reply_to: Some(Mailbox::new(name, "reply+token@in.acme.example").unwrap()),
        subject: subject.to_owned(),
        date_seconds: 1_780_000_000,
        message_id: MessageId::parse("<one@acme.example>").unwrap(),
        references: vec![MessageId::parse("zero@acme.example").unwrap()],
        text: text.to_owned(),
        html: format!("<p>{text}</p>"),
        unsubscribe: Unsubscribe::parse("https://help.acme.example/stop/abc"),
        writer: Writer::Machine,
        loop_mark: name.to_owned(),
        files: Vec::new(),
    }
}

fn checked(mail: &OutgoingMail) -> StrictMail {
    let composed = compose(mail);
    match strict::read(&composed.bytes, composed.needs_smtputf8) {
        Ok(read) => read,
        Err(offence) => panic!("{offence}\n{}", String::from_utf8_lossy(&composed.bytes)),
    }
}

#[test]
fn an_answer_of_a_person_is_not_marked_as_a_machines() {
    let answer = OutgoingMail {
        writer: Writer::Person,
        ..mail("Acme support", "Exported invoices", "Hello")
    };
    let read = checked(&answer);
    assert_eq!(read.header("auto-submitted"), None);
    assert!(read.header("x-auto-response-suppress").is_some());
}

#[test]
fn an_answer_of_a_machine_says_so_and_wants_no_report() {
    let acknowledgement = OutgoingMail {
        writer: Writer::MachineInAnswer,
        ..mail("Acme support", "We have your mail", "Hello")
    };
    let read = checked(&acknowledgement);
    assert_eq!(read.names(), HEADERS);
    assert_eq!(read.header("auto-submitted"), Some("auto-replied"));
    assert_eq!(read.header("x-auto-response-suppress"), Some("All"));
    assert!(compose(&acknowledgement).has_null_return_path);
    assert!(!compose(&mail("Acme support", "An answer", "Hello")).has_null_return_path);
}

#[test]
fn copies_stand_in_sight_and_in_the_envelope() {
    let to = |address: &str| Mailbox::new("", address).unwrap();
    let mut mail = mail("Acme support", "An answer", "Hello");
    mail.copies = (0..20)
        .map(|n| to(&format!("colleague-{n}.of-jane@accounting.example.com")))
        .collect();
    let composed = compose(&mail);
    assert_eq!(composed.recipient, "jane+tag@example.com");
    assert_eq!(composed.copies.len(), 20);
    assert!(!composed.needs_smtputf8);
    let read = checked(&mail);
    let mut names = HEADERS.to_vec();
    names.insert(2, "cc");
    assert_eq!(read.names(), names);
    let parsed = MessageParser::default().parse(&composed.bytes).unwrap();
    let copies = parsed.cc().unwrap().clone().into_list();
    let copies: Vec<_> = copies.iter().map(|a| a.address.as_deref().unwrap()).collect();
    assert_eq!(copies, composed.copies);
    assert_eq!(
        parsed.to().unwrap().first().unwrap().address.as_deref(),
        Some("jane+tag@example.com")
    );
}

#[test]
fn a_mail_has_its_headers_and_both_parts() {
    let read = checked(&mail(
        "Acme support",
        "Exported invoices",
        "Hello,\nthis is text.",
    ));
    assert_eq!(read.names(), HEADERS);
    for (name, value) in [
        ("from", "\"Acme support\" <support@acme.example>"),
        ("subject", "Exported invoices"),
        ("date", "Thu, 28 May 2026 20:26:40 +0000"),
        ("message-id", "<one@acme.example>"),
        ("in-reply-to", "<zero@acme.example>"),
        ("auto-submitted", "auto-generated"),
        ("x-auto-response-suppress", "OOF, AutoReply, DR, RN, NRN"),
        ("x-helpdesky-loop", "Acmesupport"),
        ("list-unsubscribe", "<https://help.acme.example/stop/abc>"),
        ("list-unsubscribe-post", "List-Unsubscribe=One-Click"),
    ] {
        assert_eq!(read.header(name), Some(value));
    }
    assert_eq!(read.text, "Hello,\r\nthis is text.\r\n");
    assert_eq!(read.html, "<p>Hello,\r\nthis is text.</p>\r\n");
}

#[test]
fn one_click_needs_https_and_a_link_may_be_absent() {
    let mut mail = mail("Acme", "S", "T");
    mail.unsubscribe = Unsubscribe::parse("http://localhost:8080/stop/abc");
    assert_eq!(checked(&mail).header("list-unsubscribe-post"), None);
    mail.unsubscribe = None;
    (mail.reply_to, mail.references) = (None, Vec::new());
    let optional = [
        "list-unsubscribe",
        "list-unsubscribe-post",
        "reply-to",
        "in-reply-to",
        "references",
    ];
    let kept: Vec<_> = HEADERS
        .iter()
        .filter(|name| !optional.contains(name))
        .copied()
        .collect();
    assert_eq!(checked(&mail).names(), kept);
    for bad in [
        "javascript:alert(1)",
        "https://a\r\nBcc: x",
        "https://a>,<mailto:x",
        "",
        &format!("https://a/{}", "x".repeat(900)),
    ] {
        assert_eq!(Unsubscribe::parse(bad), None, "{bad}");
    }
}

/// Names, subjects and names of helpdesks that want to be more than that.
#[test]
fn foreign_text_makes_no_header() {
    let attacks = [
        "a\r\nBcc: victim@example.com",
        "a\nBcc: victim@example.com",
        "a\rBcc: victim@example.com",
        "a\r\n\r\n<html>another body</html>",
        "a\u{2028}Bcc: victim@example.com",
        "a\u{85}Bcc: victim@example.com",
        "a\0b",
        "=?utf-8?q?=0d=0aBcc:_victim@example.com?=",
        "=?utf-8?B?DQpCY2M6IHZpY3RpbUBleGFtcGxlLmNvbQ==?=",
        "=?utf-8?q?x?= =?utf-8?q?=0aBcc:_y?= ü",
        "a\" <victim@example.com>, \"b",
        "a\\",
        "a\\\" <victim@example.com>, \\\"b",
        "victim@example.com, other@example.com",
        "<victim@example.com>",
        "(comment) [literal] ;:,",
        "--=_boundary",
    ];
    for attack in attacks {
        let mail = mail(attack, attack, attack);
        let read = checked(&mail);
        assert_eq!(read.names(), HEADERS, "{attack:?}");
        let bytes = compose(&mail).bytes;
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        let to = parsed.to().unwrap().clone().into_list();
        let addresses: Vec<_> = to.iter().map(|a| a.address.as_deref().unwrap()).collect();
        assert_eq!(addresses, ["jane+tag@example.com"], "{attack:?}");
        assert_eq!(parsed.subject().unwrap(), one_line(attack, 200), "{attack:?}");
        assert!(parsed.bcc().is_none() && parsed.cc().is_none());
        assert_eq!(parsed.parts.len(), 3, "{attack:?}");
    }
}

#[test]
fn ids_of_other_mails_are_taken_only_when_plain() {
    for good in ["<a@b>", "a@b", " <CAF+x_y=1.2@mail.gmail.com> "] {
        assert!(MessageId::parse(good).is_some(), "{good}");
    }
    let long = format!("{}@b", "a".repeat(250));
    for bad in [
        "",
        "<>",
        "a",
        "@",
        "a@",
        "@b",
        "a@b@c",
        "a b@c",
        "a@b\r\nBcc: x",
        "<a@b> <c@d>",
        "ü@b",
        &long,
    ] {
        assert_eq!(MessageId::parse(bad), None, "{bad:?}");
    }
    let mut long_thread = mail("Acme", "S", "T");
    let id = |n: usize| MessageId::parse(&format!("{}.{n}@acme.example", "x".repeat(80))).unwrap();
    long_thread.references = (0..100).map(id).collect();
    let read = checked(&long_thread);
    let kept: Vec<_> = read
        .header("references")
        .unwrap()
        .split_ascii_whitespace()
        .collect();
    assert_eq!(kept.len(), MOST_REFERENCES);
    assert_eq!(kept[0], id(0).to_string());
    assert_eq!(kept[1], id(81).to_string());
    assert_eq!(*kept.last().unwrap(), read.header("in-reply-to").unwrap());
}

#[test]
fn an_international_address_asks_for_smtputf8_and_a_domain_alone_does_not() {
    let mut mail = mail("Ünï", "Überschrift", "Text");
    mail.to = Mailbox::new("Ünï", "ünï@bücher.example").unwrap();
    let composed = compose(&mail);
    assert!(composed.needs_smtputf8);
    assert_eq!(composed.recipient, "ünï@xn--bcher-kva.example");
    let read = checked(&mail);
    assert!(
        read.header("to")
            .unwrap()
            .ends_with("<ünï@xn--bcher-kva.example>")
    );
    mail.to = Mailbox::new("Ünï", "uni@bücher.example").unwrap();
    assert!(!compose(&mail).needs_smtputf8);
    checked(&mail);
}

/// Bodies that servers have stumbled over.
#[test]
fn every_body_arrives_as_it_was() {
    for body in [
        "",
        ".",
        "\r\n.\r\n",
        "a\r\n\r\n.\r\nMAIL FROM:<x@y.example>",
        "a\n.\nb",
        "a\r.\rb",
        "\r",
        "..",
        "From here",
        "trailing space \n and\ttab\t\n",
        "=3D =\n",
        &"x".repeat(100_000),
        &"ü".repeat(5_000),
        &"word ".repeat(5_000),
        "--=_boundary\r\n--=_boundary--",
        "🙂\u{2028}\u{85}\u{feff}",
    ] {
        let mail = mail("Acme", "S", body);
        let wanted = body.replace("\r\n", "\n").replace('\r', "\n");
        let same = |text: &str| {
            text.replace("\r\n", "\n").strip_suffix('\n').unwrap()
                == wanted.strip_suffix('\n').unwrap_or(&wanted)
        };
        assert!(same(&checked(&mail).text), "{body:?}");
        let bytes = compose(&mail).bytes;
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        assert!(same(&parsed.body_text(0).unwrap()), "{body:?}");
    }
    assert_eq!(
        checked(&mail("Acme", "S", "a\0b\u{7}c")).text,
        "a\u{fffd}b\u{fffd}c\r\n"
    );
}

#[test]
fn the_same_mail_gives_the_same_bytes() {
    let mail = mail("Acme", "S", "Some text, and ümlauts");
    assert_eq!(compose(&mail).bytes, compose(&mail).bytes);
    let other = OutgoingMail {
        text: "other".to_owned(),
        ..mail.clone()
    };
    assert_ne!(compose(&mail).bytes, compose(&other).bytes);
}

const HOSTILE: &str = "([a-zA-Z ,.:;<>@\"\\\\()=?_&-]|\\PC|[\\r\\n\\t\\x00\\x7f\u{85}\u{2028}\u{2029}\u{202e}]|=\\?utf-8\\?q\\?=0d=0a|\\r\\nBcc: x@y\\.example|ü){0,80}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn any_name_subject_and_text_make_one_strict_mail(name in HOSTILE, subject in HOSTILE, text in HOSTILE) {
        let mail = mail(&name, &subject, &text);
        let composed = compose(&mail);
        let read = strict::read(&composed.bytes, false).map_err(TestCaseError::fail)?;
        prop_assert_eq!(read.names(), HEADERS);
        let subject = one_line(&subject, 200);
        prop_assert_eq!(strict::decode_words(read.header("subject").unwrap()).unwrap(), subject.clone());
        prop_assert_eq!(read.text, body(&text));
        let parsed = MessageParser::default().parse(&composed.bytes).unwrap();
        prop_assert_eq!(parsed.subject().unwrap_or_default(), subject);
        let from = parsed.from().unwrap().first().unwrap();
        prop_assert_eq!(from.address.as_deref(), Some("support@acme.example"));
        prop_assert_eq!(from.name.as_deref().unwrap_or_default(), mail.from.name());
    }
}

#[test]
fn files_go_along_as_they_are() {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let file = |name: &str, content_type: &str| File {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        bytes: bytes.clone(),
    };
    let with_files = OutgoingMail {
        files: vec![
            file("Jahresabschluß, 2024 \"neu\".pdf", "application/pdf"),
            file("a.bin", "application/octet-stream"),
        ],
        ..mail("Acme support", "Files", "Here they are")
    };
    let composed = compose(&with_files);
    assert_eq!(
        composed.bytes,
        compose(&with_files).bytes,
        "the same mail gives the same bytes"
    );
    let text = String::from_utf8(composed.bytes.clone()).unwrap();
    assert!(
        text.split("\r\n")
            .all(|line| line.len() <= 998 && !line.contains(['\r', '\n']))
    );
    let read = MessageParser::new().parse(&composed.bytes).unwrap();
    assert_eq!(read.body_text(0).unwrap().trim_end(), "Here they are");
    assert!(read.body_html(0).unwrap().contains("<p>Here they are</p>"));
    let found: Vec<_> = read.attachments().collect();
    assert_eq!(found.len(), 2);
    for (part, name) in found.iter().zip(["Jahresabschluß, 2024 \"neu\".pdf", "a.bin"]) {
        use mail_parser::MimeHeaders;
        assert_eq!(part.attachment_name(), Some(name));
        assert!(part.contents() == bytes, "{name}");
    }
}
