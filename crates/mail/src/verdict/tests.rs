use super::*;
use crate::parsed::{Limits, parse};

/// Enough of the public suffix list for these tests.
fn organisation(domain: &str) -> Option<String> {
    let labels: Vec<&str> = domain.trim_end_matches('.').split('.').collect();
    let suffix = if domain.ends_with(".co.uk") { 2 } else { 1 };
    let start = labels.len().checked_sub(suffix + 1)?;
    Some(labels[start..].join("."))
}

fn of(headers: &str) -> Authentication {
    let mail = format!("{headers}From: Ann <ann@mail.x.example>\n\nhello\n");
    verdict(
        &parse(mail.as_bytes(), &Limits::default()).unwrap(),
        "mx.ours.example",
        &organisation,
    )
}

#[test]
fn a_pass_counts_for_the_domain_of_the_author_only() {
    for (results, verdict) in [
        ("dmarc=pass header.from=mail.x.example", Verdict::Verified),
        (
            "dmarc=pass (p=reject; dis=none) header.from=x.example",
            Verdict::Verified,
        ),
        ("dkim=pass header.d=x.example header.s=a", Verdict::Verified),
        (
            "dkim=pass header.i=@mail.x.example; spf=fail smtp.mailfrom=a@x.example",
            Verdict::Verified,
        ),
        (
            "spf=pass (ok; really) smtp.mailfrom=bounce@b.x.example",
            Verdict::Verified,
        ),
        ("spf = pass smtp.mailfrom=\"a@x.example\"", Verdict::Verified),
        ("dkim/1=pass header.d=X.EXAMPLE", Verdict::Verified),
        (
            "dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example",
            Verdict::Failed,
        ),
        ("dkim=pass header.d=notx.example", Verdict::Failed),
        ("dkim=pass header.d=example", Verdict::Failed),
        (
            "dmarc=fail header.from=x.example; spf=pass smtp.mailfrom=x.example",
            Verdict::Failed,
        ),
        ("dmarc=pass header.from=evil.example", Verdict::Failed),
        ("dmarc=pass", Verdict::Failed),
        ("spf=softfail smtp.mailfrom=x.example; dkim=none", Verdict::Failed),
        ("spf=none; dkim=none; dmarc=none", Verdict::Failed),
        ("spf=temperror smtp.mailfrom=x.example", Verdict::Failed),
        ("(dkim=pass header.d=x.example) spf=none", Verdict::Failed),
        (
            "spf=none reason=\"; dkim=pass header.d=x.example\"",
            Verdict::Failed,
        ),
        ("none", Verdict::Unknown),
        ("iprev=pass policy.iprev=192.0.2.1", Verdict::Unknown),
    ] {
        let found = of(&format!("Authentication-Results: mx.ours.example; {results}\n"));
        assert_eq!(found.verdict, verdict, "{results}");
    }
    let all = of(
        "Authentication-Results: MX.ours.example 1;\n dkim=fail header.d=x.example;\n dkim=pass header.d=x.example;\n spf=fail;\n dmarc=pass header.from=x.example\n",
    );
    assert_eq!(
        (all.dkim, all.spf, all.dmarc),
        (Finding::Pass, Finding::Fail, Finding::Pass)
    );
    assert_eq!(all.dkim_domain.as_deref(), Some("x.example"));
    assert_eq!(all.found_by, Some(FoundBy::Server("mx.ours.example".to_owned())));
}

#[test]
fn what_others_wrote_does_not_count() {
    let pass = "dmarc=pass header.from=x.example; dkim=pass header.d=x.example";
    for id in [
        "evil.example",
        "mx.ours.example.evil",
        "",
        "(mx.ours.example)",
        "x mx.ours.example",
    ] {
        assert_eq!(
            of(&format!("Authentication-Results: {id}; {pass}\n")).verdict,
            Verdict::Unknown,
            "{id}"
        );
    }
    assert_eq!(
        of(&format!("X-Authentication-Results: mx.ours.example; {pass}\n")).verdict,
        Verdict::Unknown
    );
    // A forged one below that of somebody else, who would have passed it on.
    let below = format!(
        "Authentication-Results: other.example; none\nAuthentication-Results: mx.ours.example; {pass}\n"
    );
    assert_eq!(of(&below).verdict, Verdict::Unknown);
    let mail = parse(
        format!("Authentication-Results: ; {pass}\nFrom: a@x.example\n\nx").as_bytes(),
        &Limits::default(),
    )
    .unwrap();
    assert_eq!(verdict(&mail, "", &organisation).verdict, Verdict::Unknown);
    // Nobody is verified without a single author.
    let two = format!("Authentication-Results: mx.ours.example; {pass}\nFrom: b@x.example\n");
    assert_eq!(of(&two).verdict, Verdict::Failed);
}

#[test]
fn who_holds_a_domain_speaks_for_all_below_it() {
    for (author, signing, expected) in [
        ("x.example", "x.example", true),
        ("X.example", "x.EXAMPLE", true),
        ("mail.x.example", "x.example", true),
        ("a.b.x.example", "x.example", true),
        ("b\u{fc}cher.example", "xn--bcher-kva.example", true),
        ("x.example", "mail.x.example", false),
        ("a.x.example", "b.x.example", false),
        ("notx.example", "x.example", false),
        ("x.example.evil", "x.example", false),
        ("x.example", "example", false),
        ("x.example", ".example", false),
        ("localhost", "localhost", false),
        (".x.example", "x.example", false),
        ("x.example", "", false),
        ("", "", false),
    ] {
        assert_eq!(is_aligned(author, signing), expected, "{author} {signing}");
    }
}

fn mail(headers: &str) -> ParsedMail {
    let text = format!("{headers}\n\nhello\n");
    parse(text.as_bytes(), &Limits::default()).unwrap()
}

#[test]
fn signatures_count_for_the_domain_of_the_author_only() {
    const PASS: Option<Check> = Some(Check::Pass);
    const FAIL: Option<Check> = Some(Check::Fail(crate::dkim::Fault::Text));
    const IGNORED: Option<Check> = Some(Check::Ignored(crate::dkim::Fault::TestingKey));
    let told = |domain: &'static str| Some(domain);
    for (checked, verdict, dkim, domain, is_temporary) in [
        (vec![], Verdict::Unknown, Finding::None, None, false),
        (
            vec![("x.example", PASS)],
            Verdict::Verified,
            Finding::Pass,
            told("x.example"),
            false,
        ),
        (
            vec![("x.example", FAIL)],
            Verdict::Failed,
            Finding::Fail,
            told("x.example"),
            false,
        ),
        (
            vec![("x.example", IGNORED)],
            Verdict::Unknown,
            Finding::None,
            None,
            false,
        ),
        (
            vec![("x.example", None)],
            Verdict::Unknown,
            Finding::None,
            None,
            true,
        ),
        (vec![("", FAIL)], Verdict::Unknown, Finding::Fail, None, false),
        (
            vec![("y.example", PASS)],
            Verdict::Unknown,
            Finding::Pass,
            told("y.example"),
            false,
        ),
        (
            vec![("y.example", FAIL)],
            Verdict::Unknown,
            Finding::Fail,
            told("y.example"),
            false,
        ),
        (
            vec![("y.example", None)],
            Verdict::Unknown,
            Finding::None,
            None,
            false,
        ),
        (
            vec![("y.example", PASS), ("x.example", FAIL)],
            Verdict::Failed,
            Finding::Pass,
            told("y.example"),
            false,
        ),
        (
            vec![("y.example", PASS), ("x.example", FAIL), ("x.example", PASS)],
            Verdict::Verified,
            Finding::Pass,
            told("x.example"),
            false,
        ),
        (
            vec![("y.example", FAIL), ("x.example", FAIL), ("x.example", None)],
            Verdict::Unknown,
            Finding::Fail,
            told("x.example"),
            true,
        ),
        (
            vec![("x.example", None), ("x.example", PASS)],
            Verdict::Verified,
            Finding::Pass,
            told("x.example"),
            false,
        ),
    ] {
        let checks: Vec<Checked> = checked
            .iter()
            .map(|(domain, check)| Checked {
                domain: (*domain).to_owned(),
                check: *check,
            })
            .collect();
        let found = of_signatures(&mail("From: ann@mail.x.example"), &checks);
        assert_eq!(
            (
                found.verdict,
                found.dkim,
                found.dkim_domain.as_deref(),
                found.is_temporary
            ),
            (verdict, dkim, domain, is_temporary),
            "{checked:?}"
        );
        let is_known = verdict != Verdict::Unknown;
        assert_eq!(found.found_by, is_known.then_some(FoundBy::OwnCheck));
        for nobody in [
            "From: ann@x.example, bob@x.example",
            "From: ann@x.example\nFrom: ann@x.example",
            "From: ann@x.example\nSubject: 1\nSubject: 2",
            "Subject: 1",
        ] {
            assert_eq!(
                of_signatures(&mail(nobody), &checks).verdict,
                Verdict::Unknown,
                "{nobody}"
            );
        }
    }
}

#[test]
fn a_repeated_header_is_never_verified() {
    let pass = "Authentication-Results: mx.ours.example; dmarc=pass header.from=x.example\n";
    assert_eq!(of(pass).verdict, Verdict::Verified);
    let found = of(&format!("{pass}Subject: 1\nSubject: 2\n"));
    assert_eq!((found.verdict, found.found_by), (Verdict::Unknown, None));
}

#[test]
fn a_signature_that_holds_weighs_more_than_what_a_server_says() {
    let with = |verdict, found_by, is_temporary| Authentication {
        verdict,
        found_by,
        is_temporary,
        ..Authentication::UNKNOWN
    };
    let own = |verdict, is_temporary| with(verdict, Some(FoundBy::OwnCheck), is_temporary);
    let server = |verdict| with(verdict, Some(FoundBy::Server("mx".to_owned())), false);
    let (by_us, by_server) = (Some(FoundBy::OwnCheck), Some(FoundBy::Server("mx".to_owned())));
    for (mine, theirs, verdict, found_by, is_temporary) in [
        (
            own(Verdict::Verified, false),
            server(Verdict::Failed),
            Verdict::Verified,
            &by_us,
            false,
        ),
        (
            own(Verdict::Failed, false),
            server(Verdict::Verified),
            Verdict::Verified,
            &by_server,
            false,
        ),
        (
            own(Verdict::Failed, false),
            Authentication::UNKNOWN,
            Verdict::Failed,
            &by_us,
            false,
        ),
        (
            own(Verdict::Failed, false),
            server(Verdict::Failed),
            Verdict::Failed,
            &by_server,
            false,
        ),
        (
            with(Verdict::Unknown, None, true),
            server(Verdict::Failed),
            Verdict::Failed,
            &by_server,
            true,
        ),
        (
            with(Verdict::Unknown, None, true),
            server(Verdict::Verified),
            Verdict::Verified,
            &by_server,
            false,
        ),
        (
            with(Verdict::Unknown, None, true),
            Authentication::UNKNOWN,
            Verdict::Unknown,
            &None,
            true,
        ),
    ] {
        let found = joined(mine, theirs);
        assert_eq!(
            (found.verdict, &found.found_by, found.is_temporary),
            (verdict, found_by, is_temporary)
        );
    }
    let seen = Authentication {
        spf: Finding::Fail,
        dmarc: Finding::Pass,
        ..Authentication::UNKNOWN
    };
    assert_eq!(Authentication::UNKNOWN.words(), "");
    let named = Authentication {
        dkim: Finding::Pass,
        dkim_domain: Some("x.example".to_owned()),
        ..seen.clone()
    };
    assert_eq!(named.words(), "SPF failed, DKIM passed (x.example), DMARC passed");
    let found = joined(own(Verdict::Verified, false), seen);
    assert_eq!((found.spf, found.dmarc), (Finding::Fail, Finding::Pass));
}
