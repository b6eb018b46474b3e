use super::*;
use proptest::prelude::*;

fn read(mail: &str) -> ParsedMail {
    parse(mail.replace('\n', "\r\n").as_bytes(), &Limits::default()).unwrap()
}

#[test]
fn an_ordinary_mail_is_read_whole() {
    let mail = read(
        "From: =?utf-8?q?Chlo=C3=A9?= <Chloe@example.com>\nTo: Support <in@ours.example>\nCc: a@x.example, b@x.example\n\
         Reply-To: chloe@example.com\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe_und?=\n =?utf-8?q?_mehr?=\nDate: Thu, 20 Nov 2025 11:00:00 +0100\n\
         Message-ID: <1@example.com>\nIn-Reply-To: <0@ours.example>\nReferences: <a@b>\n <0@ours.example>\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=\"m\"\n\npreamble\n--m\nContent-Type: multipart/alternative; boundary=a\n\n\
         --a\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe=\n!\n\
         --a\nContent-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html; charset=utf-8\n\n<p>Hi <img src=\"cid:x@y\"></p>\n\
         --r\nContent-Type: image/png\nContent-ID: <x@y>\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n--r--\n--a--\n\
         --m\nContent-Type: application/pdf; name=\"old.pdf\"\nContent-Disposition: attachment; filename*0*=utf-8''%C3%9Cber;\n filename*1=sicht.pdf\n\
         Content-Transfer-Encoding: base64\n\naGVs\nbG8=\n--m--\nepilogue\n",
    );
    assert_eq!(mail.from.one().unwrap().name, "Chloé");
    assert_eq!(mail.from.one().unwrap().address.as_str(), "chloe@example.com");
    assert_eq!(
        (mail.to.len(), mail.cc.len(), mail.subject.as_str()),
        (1, 2, "Grüße und mehr")
    );
    assert_eq!(
        (mail.date_seconds, mail.message_id.as_deref()),
        (Some(1_763_632_800), Some("1@example.com"))
    );
    assert_eq!(
        (mail.in_reply_to.as_slice(), mail.references.len()),
        (["0@ours.example".to_owned()].as_slice(), 2)
    );
    assert_eq!((mail.text.as_str(), mail.is_text_from_html), ("Grüße!", false));
    assert_eq!(mail.html.as_deref(), Some("<p>Hi <img src=\"cid:x@y\"></p>"));
    let [picture, file] = mail.attachments.as_slice() else {
        panic!("{:?}", mail.attachments)
    };
    assert_eq!(
        (
            picture.content_id.as_deref(),
            picture.is_inline,
            picture.name.as_str()
        ),
        (Some("x@y"), true, "attachment.png")
    );
    assert_eq!(
        (file.name.as_str(), file.content.as_slice(), file.is_inline),
        ("Übersicht.pdf", b"hello".as_slice(), false)
    );
    assert!(mail.doubts.is_empty(), "{:?}", mail.doubts);
}

#[test]
fn text_is_made_of_html_when_there_is_no_other() {
    let mail = read("From: a@x.example\nContent-Type: text/html\n\n<p>one</p><p>two</p>\n");
    assert_eq!(
        (mail.text.as_str(), mail.is_text_from_html),
        ("one\n\ntwo\n", true)
    );
    let mail = read("From: a@x.example\nContent-Type: text/plain; format=flowed\n\none \ntwo\n");
    assert_eq!((mail.text.as_str(), mail.html), ("one two\n", None));
}

#[test]
fn parts_that_stand_alone_come_one_after_another() {
    let mail = read(
        "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nfirst\n--m\nContent-Type: image/png\n\nx\n--m\nContent-Type: text/html\n\n<b>second</b>\n\
         --m\nContent-Type: text/plain; name=notes.txt\n\nfile\n--m\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n\
         --m\nContent-Type: message/rfc822\n\nSubject: inner\n\ninside\n--m\nContent-Type: application/ms-tnef\n\nx\n--m--\n",
    );
    assert_eq!(mail.text, "first\n\nsecond\n");
    assert!(mail.html.unwrap().ends_with("</div><b>second</b>"));
    let names: Vec<&str> = mail.attachments.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "attachment.png",
            "notes.txt",
            "attachment.ics",
            "attachment.eml",
            "winmail.dat"
        ]
    );
    assert!(mail.attachments[3].content.starts_with(b"Subject: inner"));
}

#[test]
fn broken_mails_keep_their_text() {
    for mail in [
        "Content-Type: multipart/mixed; boundary=m\n\nthe text\n",
        "Content-Type: multipart/mixed\n\nthe text\n",
        "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nthe text\n",
        "Content-Type: multipart/alternative; boundary=m\n\n--m\nContent-Type: text/plain\n\nthe text\n--m\nContent-Type: text/html",
        "Content-Type: nonsense\n\nthe text\n",
        "Content-Transfer-Encoding: nonsense\n\nthe text\n",
        "From nobody Thu Jan  1\nSubject: x\n\nthe text\n",
        "Subject: x\nthe text\n",
        "the text\n",
        "\nthe text\n",
    ] {
        let parsed = read(mail);
        let in_file = parsed
            .attachments
            .iter()
            .any(|file| file.content.starts_with(b"the text"));
        assert!(parsed.text.trim() == "the text" || in_file, "{mail}: {parsed:?}");
    }
    assert_eq!(parse(b"", &Limits::default()).unwrap().text, "");
}

#[test]
fn nul_and_other_controls_never_come_out() {
    let mail = parse(
        b"From: A\0 <a@x.example>\r\nSubject: a\0b\x1b[2J\r\n\r\nc\0d\r\ne\x07\r\n",
        &Limits::default(),
    )
    .unwrap();
    let mut shown = format!("{}{}", mail.subject, mail.text);
    assert_eq!(
        (mail.subject.as_str(), mail.text.as_str()),
        ("a b [2J", "c\u{fffd}d\ne\u{fffd}\n")
    );
    shown.retain(|c| c.is_control() && c != '\n');
    assert_eq!(shown, "");
    assert_eq!(mail.doubts, [Doubt::NoSingleAuthor]);
}

#[test]
fn doubtful_identities_are_told() {
    for (headers, doubts) in [
        (
            "From: \"boss@example.com\" <x@evil.example>\n",
            vec![Doubt::NameShowsOtherAddress],
        ),
        ("From: \"x@evil.example\" <x@evil.example>\n", vec![]),
        (
            "From: a@x.example\nReply-To: a@y.example\n",
            vec![Doubt::RepliesElsewhere],
        ),
        ("From: a@x.example\nReply-To: b@x.example\n", vec![]),
        (
            "From: a@x.example\nFrom: a@x.example\n",
            vec![Doubt::RepeatedHeader, Doubt::NoSingleAuthor],
        ),
        (
            "From: a@x.example\nSubject: 1\nSubject: 2\n",
            vec![Doubt::RepeatedHeader],
        ),
        (
            "From: a@x.example\nContent-Type: text/html\nContent-Type: text/plain\n",
            vec![Doubt::RepeatedHeader],
        ),
        (
            "From: a@x.example\nReferences: <1@x>\nReferences: <2@x>\n",
            vec![Doubt::RepeatedHeader],
        ),
        ("From: a@x.example, b@x.example\n", vec![Doubt::NoSingleAuthor]),
        ("Subject: x\n", vec![Doubt::NoSingleAuthor]),
    ] {
        assert_eq!(read(&format!("{headers}\nx\n")).doubts, doubts, "{headers}");
    }
}

#[test]
fn who_writes_by_a_list_is_believed_as_little_as_any_author_and_only_of_a_list() {
    let list = "List-Id: <support.example.com>\n";
    let from = "From: 'Ann' via Support <support@example.com>\n";
    let named = "X-Original-From: Ann <ann@x.example>\nReply-To: ann@x.example\n";
    for (headers, author) in [
        (format!("{list}{from}{named}"), "ann@x.example"),
        (format!("{from}{named}"), "support@example.com"),
        (
            format!("{list}{from}X-Original-From: ann@x.example\n"),
            "support@example.com",
        ),
        (
            format!("{list}{from}X-Original-From: eve@x.example\n{named}"),
            "support@example.com",
        ),
        (
            format!("{list}{from}{named}Reply-To: eve@x.example\n"),
            "support@example.com",
        ),
        (
            format!("{list}{from}X-Original-From: ann@x.example, eve@x.example\nReply-To: ann@x.example\n"),
            "support@example.com",
        ),
    ] {
        let mail = read(&format!("{headers}\nx\n"));
        let found = mail.from.one().map(|one| one.address.as_str());
        assert_eq!(found, Some(author), "{headers}");
        let is_named = author == "ann@x.example";
        assert_eq!(mail.doubts.contains(&Doubt::NamedByList), is_named, "{headers}");
    }
}

/// What is too much is refused while reading, in memory that does not grow with it.
#[test]
fn bombs_are_refused_with_their_reason() {
    let nested: String = (0..10_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
        .collect();
    let parts = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n{}",
        "--b\n\nx\n".repeat(100_000)
    );
    for (mail, reason) in [
        (nested, TooComplex::Depth),
        (parts, TooComplex::Parts),
        ("X: y\n".repeat(1_000_000), TooComplex::Headers),
        (format!("X: {}\n\n", "y".repeat(2 << 20)), TooComplex::Headers),
        (format!("X: y\n{}\n", " y\n".repeat(1 << 20)), TooComplex::Headers),
    ] {
        assert_eq!(parse(mail.as_bytes(), &Limits::default()).unwrap_err(), reason);
    }
    let small = Limits {
        mail_bytes: 10,
        ..Limits::default()
    };
    assert_eq!(
        parse(b"Subject: long\n", &small).unwrap_err(),
        TooComplex::Length(10)
    );
    assert!(TooComplex::Parts.to_string().contains("Ask for it"));
}

#[test]
fn mails_in_mails_and_odd_boundaries_are_read_in_one_go() {
    let mails = "Content-Type: message/rfc822\n\n".repeat(100_000);
    let boundaries = format!(
        "Content-Type: multipart/mixed; boundary=-\n\n{}",
        "---\n".repeat(500) + &"--x\n".repeat(200_000)
    );
    let lines = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{}",
        "-- \n".repeat(500_000)
    );
    for mail in [mails, boundaries, lines] {
        assert!(parse(mail.as_bytes(), &Limits::default()).is_ok());
    }
}

#[test]
fn long_text_is_cut_and_kept_as_a_file() {
    let limits = Limits {
        text_bytes: 5,
        ..Limits::default()
    };
    let mail = parse(b"Subject: x\n\n1234\xc3\xa456", &limits).unwrap();
    assert_eq!((mail.text.as_str(), mail.attachments.len()), ("1234", 1));
    assert_eq!(mail.attachments[0].content, b"1234\xc3\xa456");
}

fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"Content-Type: multipart/mixed; boundary=b\r\n".to_vec()),
        Just(b"\r\n--b\r\n".to_vec()),
        Just(b"\r\n--b--\r\n".to_vec()),
        Just(b"From: a@x.example\r\n".to_vec()),
        Just(b"Content-Type: text/html; charset=utf-7\r\n".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        Just(b"Content-Transfer-Encoding: base64\r\n".to_vec()),
        Just(b"Content-Disposition: attachment; filename*0*=utf-8''%F".to_vec()),
        Just(b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n".to_vec()),
        Just(b"Subject: =?utf-8?b?/w?= =?x?q?=\r\n".to_vec()),
        Just(b"Content-Type: message/rfc822\r\n\r\n".to_vec()),
        Just(b"<p><a href='".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), pieces in fragments()) {
        for mail in [bytes, pieces] {
            let read = parse(&mail, &Limits::default()).unwrap();
            prop_assert!(!read.subject.contains('\n') && !read.text.contains('\0'));
            prop_assert!(read.attachments.iter().all(|file| !file.name.is_empty() && !file.name.contains(['/', '\\', '\0'])));
        }
    }

    #[test]
    fn dates_and_parameters_never_panic(date in "[0-9A-Za-z,:+ ()-]{0,40}", kind in "[a-z/;=\"*0-9%' ]{0,60}") {
        let mail = format!("Date: {date}\nContent-Type: {kind}\n\nx");
        prop_assert!(parse(mail.as_bytes(), &Limits::default()).is_ok());
    }
}
