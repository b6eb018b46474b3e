use super::*;
use crate::dkim::{Algorithm, DkimKey, SecretKey, pem};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};
use sha2::{Digest, Sha256};

const NOW: i64 = 1_780_000_000;
const TERMS: &str = "v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.com; s=s1; h=from:to:subject";
const MAIL: &str =
    "From: Ann <ann@example.com>\r\nTo: in@ours.example\r\nSubject: Hi\r\nX-Other: 1\r\n\r\nHello.\r\n";

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn key() -> String {
    let public = STANDARD.encode(pair().public_key().as_ref());
    format!("v=DKIM1; k=ed25519; p={public}")
}

/// The mail signed on these terms, as far as they can be.
fn signed(terms: &str, mail: &str) -> String {
    let draft = |hash: &str, value: &str| format!("DKIM-Signature: {terms}; bh={hash}; b={value}\r\n{mail}");
    let with = |text: &str, make: &dyn Fn(&SignedMail<'_>, &Signature, &Terms) -> Vec<u8>| {
        let read = SignedMail::read(text.as_bytes());
        let signature = &read.signatures()[0];
        let made = signature
            .terms
            .as_ref()
            .map(|terms| make(&read, signature, terms));
        STANDARD.encode(made.unwrap_or_default())
    };
    let hash = with(&draft("", ""), &|mail, _, terms| {
        mail.body_hash(terms.body_form).0.to_vec()
    });
    let value = with(&draft(&hash, ""), &|mail, signature, terms| {
        let hash = Sha256::digest(mail.signed_data(signature, terms));
        pair().sign(&hash).as_ref().to_vec()
    });
    draft(&hash, &value)
}

fn check_with(mail: &str, records: &[&str]) -> Check {
    let records: Vec<String> = records.iter().map(|record| (*record).to_owned()).collect();
    let mail = SignedMail::read(mail.as_bytes());
    mail.check(&mail.signatures()[0], &records, NOW)
}

fn check(mail: &str) -> Check {
    check_with(mail, &[&key()])
}

#[test]
fn terms_that_are_good_hold() {
    for terms in [
        TERMS.to_owned(),
        TERMS.replace("relaxed/relaxed", "simple/simple"),
        TERMS.replace("relaxed/relaxed", "simple/relaxed"),
        TERMS.replace("relaxed/relaxed", "relaxed"),
        TERMS.replace("c=relaxed/relaxed; ", ""),
        TERMS.replace("ed25519-sha256", "ED25519-SHA256"),
        TERMS.replace("d=example.com", "d = Example.COM "),
        TERMS.replace("from:to:subject", " From :\r\n\tTO: Subject "),
        TERMS.replace("from:to", "from:from:to:missing"),
        TERMS.replace("s=s1", "s=2024.s_1"),
        format!("{TERMS}; q=dns/txt:other; t=1; x=1780000001; unknown=x"),
        format!("{TERMS}; t=1780080000"),
        format!("{TERMS}; i=ann=40x@mail.example.com"),
        format!("{TERMS}; i=@example.com; l=8"),
    ] {
        let mail = signed(&terms, MAIL);
        assert_eq!(check(&mail), Check::Pass, "{terms}");
        assert_eq!(check(&mail.replace("\r\n", "\n")), Check::Pass, "{terms}");
    }
}

#[test]
fn terms_that_are_bad_do_not_hold() {
    let names = format!("from{}", ":x".repeat(200));
    let long = "x".repeat(16 * 1_024);
    for (terms, fault) in [
        (TERMS.replace("v=1; ", ""), Fault::Malformed),
        (TERMS.replace("v=1", "v=2"), Fault::Unknown),
        (TERMS.replace("ed25519-sha256", "rsa-sha1"), Fault::Sha1),
        (TERMS.replace("ed25519-sha256", "ed448-sha512"), Fault::Unknown),
        (TERMS.replace("relaxed/relaxed", "relaxed/nofws"), Fault::Unknown),
        (TERMS.replace("; d=example.com", ""), Fault::Malformed),
        (TERMS.replace("example.com", "example..com"), Fault::Malformed),
        (TERMS.replace("example.com", "example.com."), Fault::Malformed),
        (TERMS.replace("example.com", "ex/ample.com"), Fault::Malformed),
        (TERMS.replace("example.com", &"a.".repeat(130)), Fault::Malformed),
        (TERMS.replace("s=s1", "s="), Fault::Malformed),
        (TERMS.replace("from:to:", "to:"), Fault::AuthorNotSigned),
        (TERMS.replace("from:", "from::"), Fault::Malformed),
        (TERMS.replace("from:to:subject", ""), Fault::Malformed),
        (TERMS.replace("from:to:subject", &names), Fault::Malformed),
        (format!("{TERMS}; n={long}"), Fault::Malformed),
        (format!("{TERMS}; v=1"), Fault::Malformed),
        (format!("{TERMS}; q=https"), Fault::Unknown),
        (format!("{TERMS}; i=@example.org"), Fault::OtherIdentity),
        (format!("{TERMS}; i=@notexample.com"), Fault::OtherIdentity),
        (format!("{TERMS}; i=@com"), Fault::OtherIdentity),
        (format!("{TERMS}; i=ann"), Fault::Malformed),
        (format!("{TERMS}; t=9; x=9"), Fault::Malformed),
        (format!("{TERMS}; t=-1"), Fault::Malformed),
        (format!("{TERMS}; x=99999999999999999999"), Fault::Malformed),
        (format!("{TERMS}; x=1779999999"), Fault::Expired),
        (format!("{TERMS}; t=1780090000"), Fault::Future),
        (format!("{TERMS}; l=7"), Fault::Partial),
        (format!("{TERMS}; l=0"), Fault::Partial),
        (format!("{TERMS}; l=9"), Fault::Text),
        (format!("{TERMS}; l=+8"), Fault::Malformed),
    ] {
        let found = check(&signed(&terms, MAIL));
        assert_eq!(
            found,
            Check::from(fault),
            "{}",
            terms.get(..200).unwrap_or(&terms)
        );
    }
    let outside = signed(&format!("{TERMS}; l=8"), MAIL) + "More.\r\n";
    assert_eq!(check(&outside), Check::Fail(Fault::Partial));
    assert_eq!(Check::from(Fault::Unknown), Check::Ignored(Fault::Unknown));
    // What is worth nothing with any key asks for none.
    let read = format!(
        "DKIM-Signature: {}; bh=; b=\r\n{MAIL}",
        TERMS.replace("v=1", "v=2")
    );
    assert_eq!(
        SignedMail::read(read.as_bytes()).signatures()[0].record_name(),
        None
    );
}

#[test]
fn keys_are_taken_as_they_are_meant() {
    let mail = signed(TERMS, MAIL);
    let inside = signed(&format!("{TERMS}; i=@mail.example.com"), MAIL);
    let key = key();
    let bare = key.replace("v=DKIM1; ", "");
    for good in [
        format!("{key}; t=s; h=sha1:sha256; s=email; n=x"),
        format!("{key}; s=*:other; g=*"),
        bare.clone(),
        key.replace("p=", "p= \t")
            .replace('=', " = ")
            .replace(" = ;", "=;"),
        key.trim_end_matches('=').to_owned(),
    ] {
        assert_eq!(check_with(&mail, &[&good]), Check::Pass, "{good}");
    }
    assert_eq!(check_with(&inside, &[&key]), Check::Pass);
    let other = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    assert_eq!(check_with(&mail, &["v=spf1 -all", other, &key]), Check::Pass);
    for (mail, records, fault) in [
        (&mail, vec![], Fault::NoKey),
        (&mail, vec!["v=spf1 -all", "some text"], Fault::NoKey),
        (&mail, vec![other], Fault::Headers),
        (&mail, vec![other, other, other, &key], Fault::Headers),
        (&mail, vec!["v=DKIM1; k=ed25519; p="], Fault::RevokedKey),
        (&mail, vec!["v=DKIM1; k=ed25519"], Fault::BadKey),
        (&mail, vec!["v=DKIM1; k=ed25519; p=AAAA"], Fault::BadKey),
        (&mail, vec!["v=DKIM1; k=ed25519; p=!"], Fault::BadKey),
        (&mail, vec!["v=DKIM1 p=AAAA"], Fault::NoKey),
        (&mail, vec!["v=DKIM1; p; q"], Fault::BadKey),
        (&mail, vec![&format!("{bare}; v=DKIM1")], Fault::BadKey),
        (&mail, vec![&key.replace("k=ed25519; ", "")], Fault::OtherKey),
        (&mail, vec![&format!("{key}; h=sha1")], Fault::OtherKey),
        (&mail, vec![&format!("{key}; s=tls")], Fault::OtherKey),
        (&mail, vec![&format!("{key}; t=s:y")], Fault::TestingKey),
        (&inside, vec![&format!("{key}; t=s")], Fault::OtherIdentity),
    ] {
        assert_eq!(check_with(mail, &records), Check::from(fault), "{records:?}");
    }
    assert_eq!(Check::from(Fault::TestingKey), Check::Ignored(Fault::TestingKey));
}

#[test]
fn rsa_keys_have_1024_to_4096_bits() {
    let number = |bytes: &[u8]| {
        let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
        [&[2, 0x82], length.as_slice(), bytes].concat()
    };
    let record = |bits: usize, is_wrapped: bool| {
        let mut modulus = vec![0xff; bits.div_ceil(8)];
        modulus[0] >>= (8 - bits % 8) % 8;
        let numbers = [number(&[&[0], modulus.as_slice()].concat()), number(&[1, 0, 1])].concat();
        let length = u16::try_from(numbers.len()).unwrap().to_be_bytes();
        let bare = [&[0x30, 0x82], length.as_slice(), &numbers].concat();
        let der = if is_wrapped {
            pem::rsa_public_key(&bare)
        } else {
            bare
        };
        format!("v=DKIM1; p={}", STANDARD.encode(der))
    };
    let mail = signed(&TERMS.replace("ed25519", "rsa"), MAIL);
    for is_wrapped in [true, false] {
        for (bits, fault) in [
            (512, Fault::ShortKey),
            (1_023, Fault::ShortKey),
            (1_024, Fault::Headers),
            (2_048, Fault::Headers),
            (4_096, Fault::Headers),
            (4_097, Fault::LongKey),
        ] {
            let record = record(bits, is_wrapped);
            assert_eq!(check_with(&mail, &[&record]), Check::Fail(fault), "{bits}");
        }
    }
    let damaged = record(2_048, true).replace("MIIB", "MIIA");
    assert_eq!(check_with(&mail, &[&damaged]), Check::Fail(Fault::BadKey));
}

#[test]
fn headers_that_are_added_or_changed_are_found() {
    let oversigned = signed(
        &TERMS.replace("from:to:subject", "from:to:subject:subject:from"),
        MAIL,
    );
    let plain = signed(TERMS, MAIL);
    let (head, text) = MAIL.split_once("\r\n\r\n").unwrap();
    let with = |mail: &str, above: &str, below: &str| {
        let (signature, _) = mail.split_once("\r\nFrom").unwrap();
        format!("{above}{signature}\r\n{head}\r\n{below}\r\n{text}")
    };
    assert_eq!(check(&with(&oversigned, "", "")), Check::Pass);
    assert_eq!(
        check(&with(&oversigned, "Received: x\r\n", "X-Y: z\r\n")),
        Check::Pass
    );
    for mail in [&oversigned, &plain] {
        for from in [
            "From: b@evil.example\r\n",
            "FROM : b@evil.example\r\n",
            "From: Ann <ann@example.com>\r\n",
        ] {
            let fault = Check::Fail(Fault::NoSingleAuthor);
            assert_eq!(check(&with(mail, from, "")), fault);
            assert_eq!(check(&with(mail, "", from)), fault);
        }
    }
    let subject = "Subject: Other\r\n";
    for mail in [
        with(&oversigned, subject, ""),
        with(&oversigned, "", subject),
        with(&plain, "", subject),
    ] {
        assert_eq!(check(&mail), Check::Fail(Fault::Headers));
    }
    for (from, to) in [
        ("Ann <ann", "Bob <ann"),
        ("To: in", "To: on"),
        ("Subject: Hi\r\n", ""),
        ("Subject: Hi", "Subject: Hi\r\n there"),
    ] {
        assert_eq!(
            check(&plain.replace(from, to)),
            Check::Fail(Fault::Headers),
            "{to}"
        );
    }
    assert_eq!(check(&plain.replace("Hello.", "Hello")), Check::Fail(Fault::Text));
    assert_eq!(check(&plain.replace("X-Other: 1", "X-Other: 2")), Check::Pass);
    let without = plain.replace("From: Ann <ann@example.com>\r\n", "");
    assert_eq!(check(&without), Check::Fail(Fault::NoSingleAuthor));
}

#[test]
fn a_signature_does_not_sign_itself_and_may_sign_another() {
    let terms = TERMS.replace("h=from", "h=dkim-signature:from");
    assert_eq!(check(&signed(&terms, MAIL)), Check::Pass);
    let both = signed(&terms, &signed(TERMS, MAIL));
    let read = SignedMail::read(both.as_bytes());
    let checks = |read: &SignedMail<'_>| -> Vec<Check> {
        let found = read.signatures().iter();
        found
            .map(|signature| read.check(signature, &[key()], NOW))
            .collect()
    };
    assert_eq!(checks(&read), [Check::Pass, Check::Pass]);
    let other = both.replace("h=from:to", "h=from: to");
    assert_eq!(
        checks(&SignedMail::read(other.as_bytes())),
        [Check::Fail(Fault::Headers), Check::Fail(Fault::Headers)]
    );
    let many = "DKIM-Signature: x\r\n".repeat(7) + MAIL;
    let read = SignedMail::read(many.as_bytes());
    assert_eq!(checks(&read), [Check::Fail(Fault::Malformed); MOST_SIGNATURES]);
    assert!(SignedMail::read(MAIL.as_bytes()).signatures().is_empty());
}

/// Each header of it is signed by our own signer.
const ALL_SIGNED: &str = "From: Ann <ann@example.com>\r\nTo: in@ours.example\r\nSubject: Hi there\r\n\
Date: Fri, 11 Jul 2003 21:00:37 -0700\r\nMessage-ID: <1@example.com>\r\n\r\nHello.\r\n\r\nBye.\r\n";

fn passes(mail: &[u8], record: &str) -> bool {
    let mail = SignedMail::read(mail);
    let mut found = mail.signatures().iter();
    found.any(|signature| mail.check(signature, &[record.to_owned()], NOW) == Check::Pass)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_byte_can_be_changed(at: prop::sample::Index, to in b'!'..=b'~') {
        let secret = SecretKey::ed25519(&[7; 32]);
        let key = DkimKey::new(&secret, "s1", "example.com").unwrap();
        let mut mail = key.sign(ALL_SIGNED.as_bytes(), NOW);
        let record = key.record().value;
        prop_assert!(passes(&mail, &record));
        let written: Vec<usize> = (0..mail.len()).filter(|at| mail[*at].is_ascii_graphic()).collect();
        let at = written[at.index(written.len())];
        let line = mail[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        // Relaxed forgives upper and lower case in names of headers.
        let text = mail.len() - "Hello.\r\n\r\nBye.\r\n".len();
        let is_name = at < text && mail[line].is_ascii_alphabetic() && !mail[line..at].contains(&b':');
        let is_same = mail[at] == to || (is_name && mail[at].eq_ignore_ascii_case(&to));
        mail[at] = to;
        prop_assert_eq!(passes(&mail, &record), is_same, "{}", String::from_utf8_lossy(&mail));
    }

    #[test]
    fn any_mail_is_read_without_a_panic(head in "(\\PC|[;=:\\n\\r\t ]){0,200}", text in "\\PC{0,60}") {
        let mail = format!("DKIM-Signature: {TERMS}; {head}\n{MAIL}{text}");
        let read = SignedMail::read(mail.as_bytes());
        for signature in read.signatures() {
            prop_assert!(read.check(signature, &[key(), head.clone()], NOW) != Check::Pass);
        }
        let _ = super::super::public_key::PublicKey::all(&[head], Algorithm::Rsa);
    }
}
