use super::*;
use proptest::prelude::*;

const SMALL: Limits = Limits {
    message_bytes: 200,
    recipients: 3,
    messages: 3,
    commands: 60,
    errors: 5,
};

/// Plays a server that knows everybody `@ours.example`, and stores what it acknowledges.
#[derive(Debug, Default, PartialEq)]
struct Played {
    output: String,
    stored: Vec<Vec<u8>>,
    events: Vec<Event>,
}

fn play_with(limits: Limits, tls: Tls, pieces: &[&[u8]]) -> Played {
    let mut session = Session::new("mx.ours.example", limits, tls);
    let (mut played, mut current) = (Played::default(), Vec::new());
    for piece in pieces {
        let mut rest = *piece;
        loop {
            let taken = session.feed(rest);
            rest = &rest[taken..];
            while let Some(event) = session.next_event() {
                match &event {
                    Event::RcptTo(to) if !to.ends_with("@ours.example") => {
                        session.refuse(&Reply::never(550, "5.1.1", "Nobody here"));
                    }
                    Event::MailFrom { .. } | Event::RcptTo(_) => session.accept(),
                    Event::Data(data) => current.extend_from_slice(data),
                    Event::Discard | Event::Reset => current.clear(),
                    Event::EndOfMessage => {
                        played.stored.push(std::mem::take(&mut current));
                        session.accept();
                    }
                    Event::StartTls => session.tls_started(),
                    Event::Closed => {}
                }
                if !matches!(event, Event::Data(_)) {
                    played.events.push(event);
                }
            }
            played.output += &String::from_utf8(session.take_output()).unwrap();
            if rest.is_empty() {
                break;
            }
        }
    }
    played
}

fn play(text: &[u8]) -> Played {
    play_with(SMALL, Tls::Offered, &[text])
}

/// The codes of all replies, in order.
fn codes(played: &Played) -> Vec<u16> {
    let last = |line: &&str| line.as_bytes().get(3) == Some(&b' ');
    played
        .output
        .lines()
        .filter(last)
        .map(|line| line[..3].parse().unwrap())
        .collect()
}

const OPEN: &str = "EHLO a.example\r\nMAIL FROM:<x@y.example>\r\nRCPT TO:<in@ours.example>\r\nDATA\r\n";

#[test]
fn a_pipelined_session_stores_its_mail() {
    let played = play(format!("{OPEN}Subject: a\r\n\r\n..b\r\n.\r\nQUIT\r\n").as_bytes());
    assert_eq!(codes(&played), [220, 250, 250, 250, 354, 250, 221]);
    assert_eq!(played.stored, [b"Subject: a\r\n\r\n.b\r\n"]);
    for offered in [
        "SIZE 200",
        "8BITMIME",
        "SMTPUTF8",
        "PIPELINING",
        "STARTTLS",
        "ENHANCEDSTATUSCODES",
    ] {
        assert!(played.output.contains(offered), "{offered}");
    }
    assert!(!played.output.contains("AUTH"));
    assert!(played.output.ends_with("221 2.0.0 Goodbye\r\n"));
}

#[test]
fn a_mail_is_acknowledged_only_when_the_caller_says_so() {
    let mut session = Session::new("mx", SMALL, Tls::None);
    session.feed(format!("{OPEN}a\r\n.\r\nNOOP\r\n").as_bytes());
    while let Some(event) = session.next_event() {
        if event == Event::EndOfMessage {
            break;
        }
        session.accept();
    }
    session.take_output();
    assert!(session.next_event().is_none() && session.take_output().is_empty());
    session.refuse(&Reply::later(451, "4.3.0", "The disk is full"));
    assert!(session.next_event().is_none());
    assert_eq!(
        session.take_output(),
        b"451 4.3.0 The disk is full\r\n250 2.0.0 Still here\r\n"
    );
}

/// Whatever stands where the end of the data is faked, what follows is never a mail of its own.
#[test]
fn smuggled_mail_is_never_a_second_mail() {
    let fakes = [
        "\n.\n",
        "\n.\r\n",
        "\r\n.\n",
        "\r.\r",
        "\r.\r\n",
        "\r\n.\r",
        "\n.\r",
        "\r.\n",
        "\n\n.\r\n",
        "\r\r.\r\r",
        "\r\n\0.\r\n",
        "\r\n.\0\r\n",
        "\r\n.\r\0\n",
        "\r\0\n.\r\n",
        "\n\r.\r\n",
        "\n\r.\n\r",
        "\r\r\n.\r\r\n",
        "\r\n.\r\r\n",
        "\r\n.\n\r\n",
        "\n.\n\r\n",
        "\r\n .\r\n",
        "\r\n. \r\n",
        "\r\n.\t\r\n",
        "\u{85}.\u{85}",
        "\u{2028}.\u{2028}",
        "\u{b}.\u{b}",
        "\u{c}.\u{c}",
        "\r\n.\r \n",
    ];
    for fake in fakes {
        let inner = "MAIL FROM:<admin@ours.example>\r\nRCPT TO:<in@ours.example>\r\nDATA\r\nfake\r\n.\r\n";
        let played = play(format!("{OPEN}real{fake}{inner}QUIT\r\n").as_bytes());
        assert!(played.stored.len() <= 1, "{fake:?}: {played:?}");
        let senders = played
            .events
            .iter()
            .filter(|event| matches!(event, Event::MailFrom { .. }));
        assert_eq!(senders.count(), 1, "{fake:?}");
        if fake.replace("\r\n", "").contains(['\r', '\n']) {
            assert!(
                played.stored.is_empty() && played.output.contains("550 5.5.2"),
                "{fake:?}: {played:?}"
            );
        }
    }
}

#[test]
fn a_command_that_ends_otherwise_than_in_cr_lf_ends_the_session() {
    for line in ["NOOP\n", "NOOP\rRSET\r\n", "\n", "NOOP\r\r\n"] {
        let played = play(format!("EHLO a\r\n{line}{OPEN}x\r\n.\r\n").as_bytes());
        assert_eq!(codes(&played), [220, 250, 421], "{line:?}");
        assert_eq!(played.events.last(), Some(&Event::Closed));
    }
}

#[test]
fn what_was_sent_behind_starttls_is_gone() {
    let played = play(format!("EHLO a\r\nSTARTTLS\r\n{OPEN}x\r\n.\r\n").as_bytes());
    assert_eq!(codes(&played), [220, 250, 220]);
    assert!(played.stored.is_empty());
    // Afterwards all begins anew, and STARTTLS is over.
    let after = b"MAIL FROM:<x@y.example>\r\nEHLO a\r\nSTARTTLS\r\n";
    let played = play_with(
        SMALL,
        Tls::Required,
        &[b"EHLO a\r\nMAIL FROM:<>\r\nSTARTTLS\r\n", after],
    );
    assert_eq!(codes(&played), [220, 250, 530, 220, 503, 250, 503]);
    assert_eq!(played.output.matches("-STARTTLS").count(), 1);
    assert_eq!(
        codes(&play_with(SMALL, Tls::None, &[b"STARTTLS\r\n"])),
        [220, 502]
    );
}

#[test]
fn nothing_is_relayed_in_any_syntax() {
    let foreign = [
        "<a@else.example>",
        "<a%else.example@ours.example.else>",
        "<@ours.example:a@else.example>",
        "<else.example!a>",
        "<a@else.example@ours.example>",
        "<\"a@else.example\">",
        "<a@[192.0.2.1]>",
        "<a>",
        "<>",
        "< a@ours.example>",
        "<a@ours.example",
        "a@ours.example",
        "<a@ours.example>x",
        "<a@ours.example> X=1",
        "<a@ours.example\0>",
        "<a@ours.example.>",
        "<a@OURS.example.evil>",
    ];
    for to in foreign {
        let session = format!("EHLO a\r\nMAIL FROM:<x@y.example>\r\nRCPT TO:{to}\r\nDATA\r\n");
        let found = codes(&play(session.as_bytes()));
        assert!(
            matches!(found.as_slice(), [220, 250, 250, 500..=599, 554]),
            "{to}: {found:?}"
        );
    }
}

#[test]
fn limits_hold() {
    // A size that is announced, and one that is only found out.
    assert_eq!(
        codes(&play(b"EHLO a\r\nMAIL FROM:<x@y.example> SIZE=201\r\n")),
        [220, 250, 552]
    );
    let long = play(format!("{OPEN}{}\r\n.\r\nNOOP\r\n", "x".repeat(300)).as_bytes());
    assert_eq!(codes(&long), [220, 250, 250, 250, 354, 552, 250]);
    assert!(long.stored.is_empty() && long.events.contains(&Event::Discard));
    let endless = play(format!("{OPEN}{}", "x".repeat(500)).as_bytes());
    assert_eq!(codes(&endless).last(), Some(&421));
    // Recipients, mails, errors, commands, a long line.
    let many = format!(
        "EHLO a\r\nMAIL FROM:<x@y.example>\r\n{}",
        "RCPT TO:<in@ours.example>\r\n".repeat(4)
    );
    assert_eq!(codes(&play(many.as_bytes())), [220, 250, 250, 250, 250, 250, 452]);
    let mails = play(format!("{OPEN}a\r\n.\r\n").repeat(4).as_bytes());
    assert_eq!((mails.stored.len(), codes(&mails).last()), (3, Some(&421)));
    assert_eq!(
        codes(&play("BAD\r\n".repeat(20).as_bytes())),
        [220, 500, 500, 500, 500, 500, 500, 421]
    );
    assert_eq!(codes(&play("NOOP\r\n".repeat(99).as_bytes())).len(), 62);
    let line = play(format!("NOOP {}\r\nNOOP\r\n", "x".repeat(70_000)).as_bytes());
    assert_eq!(codes(&line), [220, 500, 250]);
    // Guessing addresses ends, too.
    let guesses = format!(
        "EHLO a\r\n{}",
        "MAIL FROM:<x@y.example>\r\nRCPT TO:<no@y.example>\r\nRSET\r\n".repeat(9)
    );
    assert_eq!(codes(&play(guesses.as_bytes())).last(), Some(&421));
}

#[test]
fn order_matters_and_the_odd_commands_have_their_answers() {
    assert_eq!(
        codes(&play(b"MAIL FROM:<>\r\nRCPT TO:<in@ours.example>\r\nDATA\r\n")),
        [220, 503, 503, 503]
    );
    assert_eq!(
        codes(&play(
            b"HELO a\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\nDATA\r\nRSET\r\n"
        )),
        [220, 250, 250, 503, 554, 250]
    );
    assert_eq!(
        codes(&play(b"VRFY x\r\nEXPN x\r\nHELP\r\nAUTH PLAIN AA\r\n")),
        [220, 252, 502, 214, 502]
    );
    assert_eq!(
        codes(&play(b"POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO a\r\n")),
        [220, 421]
    );
    let again = play(b"EHLO a\r\nMAIL FROM:<x@y.example>\r\nRCPT TO:<in@ours.example>\r\nEHLO a\r\nDATA\r\n");
    assert_eq!(codes(&again), [220, 250, 250, 250, 250, 503]);
}

#[test]
fn a_silent_client_and_a_stopping_server_end_with_421() {
    let mut session = Session::new("mx", SMALL, Tls::None);
    session.time_out();
    assert_eq!(session.next_event(), Some(Event::Closed));
    assert_eq!((session.next_event(), session.wants_input()), (None, false));
    assert!(
        session
            .take_output()
            .ends_with(b"421 4.4.2 You were silent for too long\r\n")
    );
    session.shut_down();
    assert!(session.take_output().is_empty());
}

fn script() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just("EHLO a\r\n".to_owned()),
        Just(OPEN.to_owned()),
        Just("a\r\n.\r\n".to_owned()),
        Just("RSET\r\n".to_owned()),
        Just("\n.\r\n".to_owned()),
        Just("..\r\n".to_owned()),
        Just("STARTTLS\r\n".to_owned()),
        Just("NOOP\r\n".to_owned()),
        Just("QUIT\r\n".to_owned()),
        Just("x".repeat(90)),
        Just(format!("{}\r\n", "y".repeat(1_500))),
        "[ -~\r\n.]{0,12}",
        Just("RCPT TO:<in@ours.example>\r\n".to_owned()),
        Just("MAIL FROM:<x@y.example>\r\n".to_owned()),
        Just("DATA\r\n".to_owned()),
    ];
    proptest::collection::vec(line, 0..14).prop_map(|lines| lines.concat().into_bytes())
}

/// The last mistake a session may make, at the end of a mail that is dropped.
#[test]
fn a_session_that_ends_with_a_bad_mail_drops_it_however_it_is_cut() {
    let script = concat!(
        "RCPT TO:<in@ours.example>\r\nRCPT TO:<in@ours.example>\r\na\r\n.\r\nRCPT TO:<in@ours.example>\r\n",
        "EHLO a.example\r\nMAIL FROM:<x@y.example>\r\nRCPT TO:<in@ours.example>\r\nDATA\r\n\n.\r\na\r\n.\r\n"
    )
    .as_bytes();
    let whole = play_with(SMALL, Tls::Offered, &[script]);
    let single: Vec<&[u8]> = script.chunks(1).collect();
    assert_eq!(play_with(SMALL, Tls::Offered, &single), whole);
    assert!(whole.stored.is_empty());
}

proptest! {
    #[test]
    fn however_the_bytes_are_cut_the_same_happens(script in script(), cuts in proptest::collection::vec(0_usize..400, 0..9)) {
        // After STARTTLS bytes belong to TLS, so a script ends there.
        let end = script.windows(8).position(|window| window == b"STARTTLS").map_or(script.len(), |at| (at + 10).min(script.len()));
        let script = &script[..end];
        let mut places: Vec<usize> = cuts.into_iter().map(|cut| cut.min(script.len())).collect();
        places.extend([0, script.len()]);
        places.sort_unstable();
        let pieces: Vec<&[u8]> = places.windows(2).map(|pair| &script[pair[0]..pair[1]]).collect();
        let single: Vec<&[u8]> = [&script[..0]].into_iter().chain(script.chunks(1)).collect();
        let whole = play_with(SMALL, Tls::Offered, &[script]);
        prop_assert_eq!(&play_with(SMALL, Tls::Offered, &pieces), &whole);
        prop_assert_eq!(&play_with(SMALL, Tls::Offered, &single), &whole);
    }

    #[test]
    fn any_bytes_are_answered_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let played = play(&bytes);
        prop_assert!(played.stored.is_empty());
    }

    #[test]
    fn a_mail_arrives_as_it_was_stuffed(body in "([a-c.]{0,4}\r\n){0,12}") {
        let mut stuffed: String = body.split_inclusive("\r\n")
            .map(|line| if line.starts_with('.') { format!(".{line}") } else { line.to_owned() })
            .collect();
        stuffed.push_str(".\r\n");
        let played = play(format!("{OPEN}{stuffed}").as_bytes());
        prop_assert_eq!(&played.stored, &[body.into_bytes()]);
    }
}
