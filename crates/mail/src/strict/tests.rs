//! The strict reader sees what is planted.

use super::*;

fn good() -> String {
    let head = "From: \"A\" <a@x.example>\r\nTo: <b@y.example>\r\nSubject: S\r\n\
         Date: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@x.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=\"=_b\"\r\n\r\n";
    let part = |kind: &str, text: &str| {
        format!(
            "--=_b\r\nContent-Type: {kind}; charset=\"utf-8\"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n{text}\r\n\r\n"
        )
    };
    format!(
        "{head}{}{}--=_b--\r\n",
        part("text/plain", "text"),
        part("text/html", "<p>html</p>")
    )
}

#[test]
fn a_good_mail_is_read() {
    let mail = read(good().as_bytes(), false).unwrap();
    assert_eq!(
        (mail.text.as_str(), mail.html.as_str()),
        ("text\r\n", "<p>html</p>\r\n")
    );
    assert_eq!(mail.header("subject"), Some("S"));
}

#[test]
fn each_planted_offence_is_found() {
    let long = format!("Subject: {}", "x".repeat(990));
    let word = format!("Subject: =?utf-8?B?{}?=", "AAAA".repeat(20));
    for (place, planted, found) in [
        ("Subject: S\r\n", "Subject: S\n", "CR, LF or NUL"),
        ("Subject: S", "Subject: S\rT", "CR, LF or NUL"),
        ("Subject: S", "Subject: S\0", "CR, LF or NUL"),
        ("Subject: S", "Subject: S\r\nSubject: T", "stands twice"),
        ("Subject: S", "Subject: S\r\nTo: <c@z.example>", "stands twice"),
        ("Subject: S", "Subject: ü", "not ASCII"),
        ("Subject: S", "Subject: a\u{7}", "control"),
        ("Subject: S", "Subject: S\r\n \r\n T", "white space"),
        (
            "Subject: S",
            "Subject: =?utf-8?q?=0d=0aBcc:_x?=",
            "control character",
        ),
        ("Subject: S", "Subject: a=?utf-8?q?x", "half an encoded word"),
        ("Subject: S", "Sub ject: S", "no name"),
        ("Subject: S\r\n", "", "no subject"),
        ("Subject: S", &long, "bytes"),
        ("Subject: S", &word, "encoded word of"),
        (
            "<b@y.example>",
            "<b@y.example>, <c@z.example>",
            "no single mailbox",
        ),
        ("\"A\"", "\"A\"B\"", "no single mailbox"),
        ("<1@x.example>", "<1@x@example>", "no Message-ID"),
        ("Thu, 26 Nov 2026", "26.11.2026", "no date"),
        ("--=_b--", "--=_c--", "closed: false"),
        (
            "7bit\r\n\r\ntext",
            "quoted-printable\r\n\r\ntext=0",
            "broken quoted-printable",
        ),
        ("7bit\r\n\r\ntext", "base64\r\n\r\n*", "no base 64"),
        ("7bit\r\n\r\ntext", "7bit\r\n\r\nü", "above 127"),
    ] {
        let mail = good().replacen(place, planted, 1);
        let offence = read(mail.as_bytes(), false).unwrap_err();
        assert!(offence.contains(found), "{planted:?}: {offence}");
    }
}
