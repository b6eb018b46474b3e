//! The examples of the RFCs, and mail signed here.

use super::*;
use crate::dkim::{DkimKey, SecretKey};

/// RFC 6376, A.2, with its errata 3192 (one space before "Are") and 4926 (how it is folded).
const RFC_6376: &str = "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r
      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r
      h=Received : From : To : Subject : Date : Message-ID;\r
      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r
      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r
      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r
      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r
      4bmp/YzhwvcubU4=;\r
Received: from client1.football.example.com  [192.0.2.1]\r
      by submitserver.example.com with SUBMISSION;\r
      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r
From: Joe SixPack <joe@football.example.com>\r
To: Suzie Q <suzie@shopping.example.net>\r
Subject: Is dinner ready?\r
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r
Message-ID: <20030712040037.46341.5F8J@football.example.com>\r
\r
Hi.\r
\r
We lost the game. Are you hungry yet?\r
\r
Joe.\r
";
/// A.3 there.
const RFC_6376_KEY: &str = "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ\
KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt\
IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v\
/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi\
tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";

/// RFC 8463, A.3: the same mail signed with both algorithms.
const RFC_8463: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r
 d=football.example.com; i=@football.example.com;\r
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r
 subject : date : message-id : from : subject : date;\r
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r
 d=football.example.com; i=@football.example.com;\r
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r
 date : message-id : from : subject : date;\r
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r
From: Joe SixPack <joe@football.example.com>\r
To: Suzie Q <suzie@shopping.example.net>\r
Subject: Is dinner ready?\r
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r
Message-ID: <20030712040037.46341.5F8J@football.example.com>\r
\r
Hi.\r
\r
We lost the game.  Are you hungry yet?\r
\r
Joe.\r
";
/// A.2 there.
const RFC_8463_KEYS: [&str; 2] = [
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08\
a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO\
9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
];
const NOW: i64 = 1_780_000_000;

fn checks(mail: &str, keys: &[&str]) -> Vec<Check> {
    let mail = SignedMail::read(mail.as_bytes());
    assert_eq!(mail.signatures().len(), keys.len());
    let pairs = mail.signatures().iter().zip(keys);
    pairs
        .map(|(signature, key)| mail.check(signature, &[(*key).to_owned()], NOW))
        .collect()
}

#[test]
fn the_simple_example_of_rfc_6376_holds() {
    assert_eq!(checks(RFC_6376, &[RFC_6376_KEY]), [Check::Pass]);
    let stored = RFC_6376.replace("\r\n", "\n");
    assert_eq!(checks(&stored, &[RFC_6376_KEY]), [Check::Pass]);
    let mail = SignedMail::read(RFC_6376.as_bytes());
    let signature = &mail.signatures()[0];
    assert_eq!(
        (signature.domain(), signature.selector()),
        ("example.com", "brisbane")
    );
    assert_eq!(
        signature.record_name().as_deref(),
        Some("brisbane._domainkey.example.com")
    );
    // Simple counts white space: in a signed header, in the signature, in the text.
    for (from, to, fault) in [
        ("Suzie Q", "Suzie  Q", Fault::Headers),
        ("c=simple/simple; q", "c=simple/simple;  q", Fault::Headers),
        ("game. Are", "game.  Are", Fault::Text),
    ] {
        let changed = checks(&RFC_6376.replace(from, to), &[RFC_6376_KEY]);
        assert_eq!(changed, [Check::Fail(fault)], "{to}");
    }
}

#[test]
fn the_relaxed_examples_of_rfc_8463_hold() {
    assert_eq!(checks(RFC_8463, &RFC_8463_KEYS), [Check::Pass, Check::Pass]);
    let moved = RFC_8463
        .replace("Subject: Is dinner", "SUBJECT  : \t Is\r\n\t  dinner ")
        .replace("game.  Are", "game. \t Are");
    let moved = format!("Received: from b\r\n{}\r\n\r\n", moved.replace("Joe.", "Joe. \t"));
    assert_eq!(checks(&moved, &RFC_8463_KEYS), [Check::Pass, Check::Pass]);
    let [ed25519, rsa] = RFC_8463_KEYS;
    let other = Check::Fail(Fault::OtherKey);
    assert_eq!(checks(RFC_8463, &[rsa, ed25519]), [other, other]);
}

#[test]
fn mail_that_is_signed_here_holds() {
    let pem = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        .output()
        .unwrap();
    let rsa = SecretKey::from_pem(&String::from_utf8(pem.stdout).unwrap()).unwrap();
    for secret in [SecretKey::ed25519(&[7; 32]), rsa] {
        let key = DkimKey::new(&secret, "helpdesk1", "example.com").unwrap();
        for text in ["Hi.\r\n", "", "a \t b\r\n\r\n\r\n", "no end", "\u{e4}\r\n.\r\n"] {
            let mail = format!(
                "From: \u{e4} <a@example.com>\r\nTo: b@x.example\r\nSubject: S\r\n folded\r\n\r\n{text}"
            );
            let signed = key.sign(mail.as_bytes(), NOW);
            let read = SignedMail::read(&signed);
            let signature = &read.signatures()[0];
            assert_eq!(signature.record_name().unwrap(), key.record().name);
            let records = [key.record().value];
            assert_eq!(read.check(signature, &records, NOW), Check::Pass, "{text:?}");
        }
    }
}
