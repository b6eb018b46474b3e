use super::*;

/// Everything that is said, whole and byte by byte, which must be the same.
fn heard(bytes: &[u8], body_bytes: u64) -> Result<Vec<Event>, Violation> {
    let read = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        decoder.expect_body(body_bytes);
        for piece in pieces {
            decoder.feed(piece);
            while let Some(event) = decoder.next_event()? {
                events.push(event);
            }
        }
        Ok(events)
    };
    let whole = read(&mut std::iter::once(bytes));
    assert_eq!(whole, read(&mut bytes.chunks(1)), "it matters how bytes are cut");
    whole
}

fn status(condition: Condition, code: Option<(&str, &str)>, text: &str) -> Status {
    Status {
        condition,
        code: code.map(|(name, argument)| Code {
            name: name.to_owned(),
            argument: argument.to_owned(),
        }),
        text: text.to_owned(),
    }
}

#[test]
fn a_session_is_read() {
    let said = b"* OK [CAPABILITY IMAP4rev1 IDLE] ready {5}\r\n\
        * CAPABILITY IMAP4rev1 auth=PLAIN Idle\r\n\
        a1 OK done\r\n\
        + idling\r\n\
        +\r\n\
        * 172 EXISTS\r\n\
        * 4 EXPUNGE\r\n\
        * OK [UIDVALIDITY 3857529045] UIDs valid\r\n\
        * FLAGS (\\Answered \\Seen)\r\n\
        * LIST (\\HasNoChildren) \"/\" {4}\r\nSent\r\n\
        * SEARCH 2 84 4294967295 \r\n\
        * search\r\n\
        * SEARCH 7 (MODSEQ 917162500)\r\n\
        * bye gone\n\
        A22 no [TryCreate] There is \x1b[31mnone\r\n";
    let events = heard(said, 0).unwrap();
    let expected = vec![
        Event::Untagged(status(
            Condition::Ok,
            Some(("CAPABILITY", "IMAP4rev1 IDLE")),
            "ready {5}",
        )),
        Event::Capability(vec!["IMAP4REV1".into(), "AUTH=PLAIN".into(), "IDLE".into()]),
        Event::Tagged {
            tag: "a1".into(),
            status: status(Condition::Ok, None, "done"),
        },
        Event::Continue("idling".into()),
        Event::Continue(String::new()),
        Event::Exists(172),
        Event::Expunge,
        Event::Untagged(status(
            Condition::Ok,
            Some(("UIDVALIDITY", "3857529045")),
            "UIDs valid",
        )),
        Event::Other,
        Event::Other,
        Event::Found(2),
        Event::Found(84),
        Event::Found(u32::MAX),
        Event::Other,
        Event::Found(7),
        Event::Untagged(status(Condition::Bye, None, "gone")),
        Event::Tagged {
            tag: "A22".into(),
            status: status(Condition::No, Some(("TRYCREATE", "")), "There is [31mnone"),
        },
    ];
    assert_eq!(events, expected);
}

#[test]
fn what_is_told_of_a_mail_is_read_in_any_order() {
    let mail = Fetched {
        uid: Some(9),
        size: Some(12),
        internal_ms: Some(1_795_753_234_000),
        body: Some(b"A: b\r\n\r\n)(\"\r".to_vec()),
    };
    for said in [
        "* 1 FETCH (UID 9 RFC822.SIZE 12 INTERNALDATE \"27-Nov-2026 05:20:34 +0100\" BODY[] {12}\r\nA: b\r\n\r\n)(\"\r)\r\n",
        "* 4000000000 fetch (FLAGS (\\Seen $X) body[] {12}\r\nA: b\r\n\r\n)(\"\r INTERNALDATE \"27-Nov-2026 01:20:34 -0300\" rfc822.size 12 uid 9)\r\n",
        "* 1 FETCH (BODY[HEADER.FIELDS (DATE FROM)] {3}\r\nabc ENVELOPE (NIL (((\"(\" NIL))) \"a\\\"b)\") UID 9 RFC822.SIZE 12 INTERNALDATE \"27-Nov-2026 04:20:34 +0000\" BODY[] ~{12}\r\nA: b\r\n\r\n)(\"\r)\r\n",
    ] {
        assert_eq!(
            heard(said.as_bytes(), 12).unwrap(),
            [Event::Fetch(mail.clone())],
            "{said}"
        );
    }
    let bare = |said: &str| match heard(said.as_bytes(), 0).unwrap().remove(0) {
        Event::Fetch(mail) => mail,
        other => panic!("{other:?}"),
    };
    assert_eq!(bare("* 2 FETCH ()\r\n"), Fetched::default());
    assert_eq!(bare("* 2 FETCH (BODY[] \"\")\r\n").body, Some(Vec::new()));
    assert_eq!(bare("* 2 FETCH (BODY[] NIL UID 3)\r\n").body, None);
    assert_eq!(bare("* 2 FETCH (UID 4294967296)\r\n").uid, None);
    for no_date in [
        "",
        "1-Foo-2026 01:01:01 +0000",
        "40-Jan-2026 01:01:01 +0000",
        "1-Jan-2026 25:01:01 +0000",
        "1-Jan-2026 01:01:01 +9999999",
    ] {
        assert_eq!(
            bare(&format!("* 2 FETCH (INTERNALDATE \"{no_date}\")\r\n")).internal_ms,
            None,
            "{no_date}"
        );
    }
    assert_eq!(
        bare("* 2 FETCH (INTERNALDATE \" 1-Jan-1970 00:00:01 +0000\")\r\n").internal_ms,
        Some(1_000)
    );
}

#[test]
fn what_a_hostile_server_says_is_cut_off() {
    let long = "a".repeat(LINE_BYTES + 1);
    let deep = format!("* 1 FETCH (BODYSTRUCTURE {})\r\n", "(".repeat(LINE_BYTES / 2));
    let pieces = "* LIST ".to_owned() + &"{1}\r\nx ".repeat(LITERALS + 1);
    let no = |what| Err(Violation::Malformed(what));
    for (said, body_bytes, expected) in [
        (
            "* 1 FETCH (BODY[] {4294967296}\r\n",
            1_000_000,
            Err(Violation::LongLiteral(1 << 32)),
        ),
        (
            "* 1 FETCH (BODY[] {1000001}\r\n",
            1_000_000,
            Err(Violation::LongLiteral(1_000_001)),
        ),
        (
            "* 1 FETCH (BODY[] {99999}\r\n",
            0,
            Err(Violation::LongLiteral(99_999)),
        ),
        (
            "* 1 FETCH (X {99999}\r\n",
            1_000_000,
            Err(Violation::LongLiteral(99_999)),
        ),
        (
            "* LIST {99999999999999999999999}\r\n",
            0,
            Err(Violation::LongLiteral(u64::MAX)),
        ),
        (&long, 0, Err(Violation::LongLine)),
        (&format!("* OK {long}"), 0, Err(Violation::LongLine)),
        (
            &format!("* 1 FETCH (UID {{1}}\r\n7{long}"),
            0,
            Err(Violation::LongLine),
        ),
        (&pieces, 0, Err(Violation::Endless)),
        (&deep, 0, no("a list does not end")),
        ("* 1 FETCH (UID\r\n", 0, no("what it tells of a mail is no list")),
        ("* 1 FETCH UID 7\r\n", 0, no("what it tells of a mail is no list")),
        ("* 1 FETCH (UID \"7)\r\n", 0, no("a quoted text does not end")),
        ("* SEARCH 99999999999\r\n", 0, no("a number is too long")),
        ("* SEARCH 1 x\r\n", 0, no("a search found no number")),
        ("HTTP/1.1 400 Bad Request\r\n", 0, no("a line is no response")),
        ("\r\n", 0, no("a line is no response")),
        ("220 smtp.example.com ESMTP\r\n", 0, no("a line is no response")),
    ] {
        let shown: String = said.chars().take(60).collect();
        assert_eq!(heard(said.as_bytes(), body_bytes), expected, "{shown}");
    }
}

#[test]
fn deep_lists_and_long_searches_take_no_more_room_than_a_line() {
    let half = LINE_BYTES / 2 - 30;
    let nested = format!(
        "* 1 FETCH (BODY {}{} UID 7)\r\n",
        "(".repeat(half),
        ")".repeat(half)
    );
    assert!(matches!(&heard(nested.as_bytes(), 0).unwrap()[0], Event::Fetch(mail) if mail.uid == Some(7)));
    let mut decoder = Decoder::default();
    decoder.feed(b"* SEARCH");
    for uid in 1..200_000_u32 {
        decoder.feed(format!(" {uid}").as_bytes());
        while let Some(event) = decoder.next_event().unwrap() {
            assert_eq!(event, Event::Found(uid - 1));
        }
        assert!(decoder.buffer.len() < 100);
    }
    assert!(!decoder.is_empty(), "it is within the search");
}

#[test]
fn what_waits_is_told_from_what_was_read() {
    let mut decoder = Decoder::default();
    decoder.feed(b"a1 OK begin TLS\r\n");
    decoder.next_event().unwrap().unwrap();
    assert!(decoder.is_empty());
    assert_eq!(decoder.shown(), "a1 OK begin TLS");
    for more in ["a2 OK welcome\r\n", "*", "* LIST {3}\r\n", "* SEARCH 1"] {
        let mut decoder = Decoder::default();
        decoder.feed(format!("a1 OK begin TLS\r\n{more}").as_bytes());
        decoder.next_event().unwrap().unwrap();
        assert!(!decoder.is_empty(), "{more:?}");
    }
}

#[test]
fn folders_dates_and_sets_are_written_as_servers_want_them() {
    for (name, written) in [
        ("INBOX", Some("\"INBOX\"")),
        ("Tom & Jerry", Some("\"Tom &- Jerry\"")),
        ("a\"b\\c", Some("\"a\\\"b\\\\c\"")),
        ("Gel\u{f6}scht", Some("\"Gel&APY-scht\"")),
        ("\u{53f0}\u{5317}", Some("\"&U,BTFw-\"")),
        ("\u{1f600}x", Some("\"&2D3eAA-x\"")),
        ("a\r\nb", None),
    ] {
        assert_eq!(folder(name).as_deref(), written, "{name}");
    }
    assert_eq!(quoted("p\u{e4}ss"), None);
    for (ms, day) in [
        (0, "1-Jan-1970"),
        (-1, "31-Dec-1969"),
        (951_782_400_000, "29-Feb-2000"),
        (951_868_800_000, "1-Mar-2000"),
        (1_795_753_234_000, "27-Nov-2026"),
    ] {
        assert_eq!(written_date(ms), day);
    }
    for day in (-800_000..800_000).step_by(7) {
        let written = written_date(day * 86_400_000);
        let mut parts = written.split('-');
        let (number, month, year) = (
            parts.next().unwrap(),
            parts.next().unwrap(),
            parts.next().unwrap(),
        );
        if year.parse::<i64>().is_ok_and(|year| year > 0) && year.len() == 4 {
            let month = words::month(month).unwrap();
            let read = words::days(year.parse().unwrap(), month, number.parse().unwrap());
            assert_eq!(read, Some(day), "{written}");
        }
    }
    assert_eq!(
        uid_set(&[1, 2, 3, 7, u32::MAX - 1, u32::MAX]),
        "1:3,7,4294967294:4294967295"
    );
    assert_eq!(uid_set(&[5]), "5");
}
