use super::*;
use crate::parsed::{Limits, parse};

fn read(mail: &str) -> Option<Report> {
    report(&parse(mail.replace('\n', "\r\n").as_bytes(), &Limits::default()).unwrap())
}

fn standard(status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nThis is the mail system at host mx.example.\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\nArrival-Date: Thu, 20 Nov 2025 11:00:00 +0000\n\n{status}\n\
         --b\nContent-Type: message/rfc822\n\nMessage-ID: <tok.mail@ours.example>\nReferences: <first@ours.example>\nSubject: Hi\n\nbody\n--b--\n"
    )
}

#[test]
fn standard_reports_are_read() {
    for (status, recipient, outcome, code, diagnostic) in [
        (
            "Final-Recipient: rfc822; Ann@x.example\nOriginal-Recipient: rfc822;a@y.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <ann@x.example>:\n    No such user\n",
            "ann@x.example",
            Outcome::Permanent,
            Some("5.1.1"),
            "550 5.1.1 <ann@x.example>: No such user",
        ),
        (
            "Final-Recipient: rfc822;<ann@x.example>\nAction: delayed\nStatus: 4.4.1\n",
            "ann@x.example",
            Outcome::Transient,
            Some("4.4.1"),
            "",
        ),
        (
            "Final-recipient: RFC822; ann@x.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp;552 5.2.2 Mailbox full\n",
            "ann@x.example",
            Outcome::Permanent,
            Some("5.2.2"),
            "552 5.2.2 Mailbox full",
        ),
        (
            "Original-Recipient: rfc822; ann@x.example\nAction: relayed\nStatus: 2.0.0\n",
            "ann@x.example",
            Outcome::Delivered,
            Some("2.0.0"),
            "",
        ),
        (
            "Final-Recipient: rfc822; ann@x.example\nAction: failed\nStatus: nonsense\n",
            "ann@x.example",
            Outcome::Permanent,
            None,
            "",
        ),
    ] {
        let report = read(&standard(status)).unwrap();
        let [failure] = report.failures.as_slice() else {
            panic!("{report:?}")
        };
        assert_eq!(
            failure.recipient.as_ref().map(Address::as_str),
            Some(recipient),
            "{status}"
        );
        assert_eq!(
            (
                failure.outcome,
                failure.status.as_deref(),
                failure.diagnostic.as_str()
            ),
            (outcome, code, diagnostic),
            "{status}"
        );
        assert_eq!(report.message_id.as_deref(), Some("tok.mail@ours.example"));
        assert_eq!(report.ids, ["tok.mail@ours.example", "first@ours.example"]);
    }
    let two = standard(
        "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; b@x.example\nAction: delayed\nStatus: 4.2.2\n",
    );
    assert_eq!(read(&two).unwrap().failures.len(), 2);
}

#[test]
fn informal_reports_are_read() {
    for (headers, text, recipient, outcome, status) in [
        (
            "",
            "Hi. This is the qmail-send program at x.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<ann@x.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <in@ours.example>\nMessage-ID: <tok.mail@ours.example>\n\nbody\n",
            Some("ann@x.example"),
            Outcome::Permanent,
            Some("5.1.1"),
        ),
        (
            "X-Failed-Recipients: ann@x.example\n",
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  ann@x.example\n    host mx.x.example [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<ann@x.example>:\n    550 5.1.1 User unknown\n\n------ This is a copy of the message, including all the headers. ------\n\nMessage-ID: <tok.mail@ours.example>\n",
            Some("ann@x.example"),
            Outcome::Permanent,
            Some("5.1.1"),
        ),
        (
            "X-Failed-Recipients: ann@gmail.example\n",
            "** Address not found **\n\nYour message wasn't delivered to ann@gmail.example because the address couldn't be found.\n\nThe response was:\n550 5.1.1 The email account that you tried to reach does not exist.\n",
            Some("ann@gmail.example"),
            Outcome::Permanent,
            Some("5.1.1"),
        ),
        (
            "",
            "Sorry, we were unable to deliver your message to the following address.\n\n<ann@yahoo.example>:\n552: 5.2.2 Mailbox is over quota\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <tok.mail@ours.example>\n",
            Some("ann@yahoo.example"),
            Outcome::Permanent,
            Some("5.2.2"),
        ),
        (
            "",
            "Delivery has failed to these recipients or groups:\n\nann@x.example<mailto:ann@x.example>\nThe email address you entered couldn't be found.\n\nDiagnostic information for administrators:\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'\n",
            Some("ann@x.example"),
            Outcome::Permanent,
            Some("5.1.10"),
        ),
        (
            "",
            "A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours.\n\n  ann@x.example\n    Delay reason: 451 4.7.1 try later\n",
            Some("ann@x.example"),
            Outcome::Transient,
            Some("4.7.1"),
        ),
        (
            "",
            "Your message was not delivered. Nobody knows why.\n",
            None,
            Outcome::Permanent,
            None,
        ),
    ] {
        let report = read(&format!(
            "From: MAILER-DAEMON@x.example\nSubject: failure notice\n{headers}\n{text}"
        ))
        .unwrap();
        let [failure] = report.failures.as_slice() else {
            panic!("{report:?}")
        };
        assert_eq!(
            failure.recipient.as_ref().map(Address::as_str),
            recipient,
            "{text}"
        );
        assert_eq!(
            (failure.outcome, failure.status.as_deref()),
            (outcome, status),
            "{text}: {failure:?}"
        );
        let has_id = text.contains("tok.mail");
        assert_eq!(
            report.message_id.as_deref(),
            has_id.then_some("tok.mail@ours.example"),
            "{text}"
        );
    }
}

#[test]
fn other_mail_is_no_report() {
    for text in [
        "hello\n",
        "> A message that you sent was fine\n",
        "My mailbox is full, 550 messages\n",
        "",
    ] {
        assert_eq!(read(&format!("From: ann@x.example\n\n{text}")), None, "{text}");
    }
    assert_eq!(
        read(&standard("X: y\n")).map(|report| report.failures.len()),
        Some(1)
    );
}

#[test]
fn codes_are_found_in_sentences() {
    for (text, code) in [
        ("550 5.1.1 x", Some("5.1.1")),
        ("(#5.1.1)", Some("5.1.1")),
        ("host 192.0.2.1 said 4.7.650.", Some("4.7.650")),
        ("10.0.0.1 5.1", None),
        ("1.2.3 6.1.1 5.1.1234", None),
        ("", None),
    ] {
        assert_eq!(enhanced(text).as_deref(), code, "{text}");
    }
}
