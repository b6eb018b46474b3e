use super::*;

fn body(form: Form, body: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    form.body(body, &mut |piece| all.extend_from_slice(piece));
    let (hash, length) = form.body_hash(body);
    assert_eq!(hash.as_slice(), Sha256::digest(&all).as_slice());
    assert_eq!(length, all.len() as u64);
    all
}

fn header(form: Form, header: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    form.header(header, &mut all);
    all
}

/// RFC 6376, 3.4.5, with lines that end either way.
#[test]
fn both_forms_are_those_of_the_rfc() {
    let mail = "A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
    for mail in [mail.to_owned(), mail.replace("\r\n", "\n")] {
        let (headers, text) = split(mail.as_bytes()).unwrap();
        let all =
            |form: Form| -> Vec<u8> { headers.iter().flat_map(|each| header(form, each.bytes)).collect() };
        assert_eq!(all(Form::Relaxed), b"a:X\r\nb:Y Z\r\n");
        assert_eq!(all(Form::Simple), b"A: X\r\nB : Y\t\r\n\tZ  \r\n");
        assert_eq!(body(Form::Relaxed, text), b" C\r\nD E\r\n");
        assert_eq!(body(Form::Simple, text), b" C \r\nD \t E\r\n");
    }
}

#[test]
fn ends_of_texts_are_the_same_however_they_are_written() {
    for (text, simple, relaxed) in [
        ("", "\r\n", ""),
        ("\r\n\r\n", "\r\n", ""),
        ("\n \n\n", "\r\n \r\n", ""),
        ("a", "a\r\n", "a\r\n"),
        ("a\n", "a\r\n", "a\r\n"),
        ("a\r\n\n\r\n", "a\r\n", "a\r\n"),
        ("\n\na", "\r\n\r\na\r\n", "\r\n\r\na\r\n"),
        ("a\r\r\n", "a\r\r\n", "a\r\r\n"),
        ("a\u{c}\n", "a\u{c}\r\n", "a\u{c}\r\n"),
        ("\t a\t \n", "\t a\t \r\n", " a\r\n"),
    ] {
        assert_eq!(body(Form::Simple, text.as_bytes()), simple.as_bytes(), "{text:?}");
        assert_eq!(
            body(Form::Relaxed, text.as_bytes()),
            relaxed.as_bytes(),
            "{text:?}"
        );
    }
    // Across the pieces in which it is hashed.
    let long = "word  word\n".repeat(5_000);
    assert_eq!(
        body(Form::Relaxed, long.as_bytes()),
        "word word\r\n".repeat(5_000).as_bytes()
    );
    let line = "w  ".repeat(20_000);
    let spaced = format!("{}\r\n", "w ".repeat(20_000).trim_end());
    assert_eq!(body(Form::Relaxed, line.as_bytes()), spaced.as_bytes());
}

#[test]
fn headers_are_those_that_the_parser_shows() {
    for mail in [
        "A: 1\nB: 2\n\nC: 3\n",
        "From x Mon\nA: 1\n",
        ">From x\nA: 1\n\nb",
        " x\nA: 1\n",
        "A: 1\nno header\nB: 2\n",
        "A: 1\n \t\n B: 2\n\nC: 3",
        "A : 1\n\u{e4}: 2\n\nC: 3",
        "A: 1\r\r\nB: 2\n\n",
        "A: 1\rB: 2\n\n",
        "\nA: 1\n",
        ": 1\nA: 2\n",
        "A: 1",
        "",
    ] {
        let parsed = crate::parsed::parse(mail.as_bytes(), &Limits::default()).unwrap();
        let shown: Vec<String> = parsed.headers.into_iter().map(|header| header.name).collect();
        let (headers, _) = split(mail.as_bytes()).unwrap();
        let names: Vec<&str> = headers.iter().map(|header| header.name).collect();
        assert_eq!(names, shown, "{mail:?}");
    }
}

#[test]
fn more_headers_than_mail_has_are_not_read() {
    let headers = |count: usize| "A: 1\n".repeat(count);
    assert!(split(headers(10_000).as_bytes()).is_some());
    assert!(split(headers(10_001).as_bytes()).is_none());
    assert!(split(format!("A: {}\n", "x".repeat(1_024 * 1_024)).as_bytes()).is_none());
}

#[test]
fn names_that_repeat_take_headers_from_the_bottom() {
    let (headers, _) = split(b"A: 1\nB: 2\nA: 3\n\n").unwrap();
    let chosen = |names: &[&str], except| {
        let bytes = Form::Relaxed.selected(&headers, names.iter().copied(), except);
        String::from_utf8(bytes).unwrap().replace("\r\n", " ")
    };
    assert_eq!(chosen(&["a"], None), "a:3 ");
    assert_eq!(chosen(&["A", "b", "a", "a", "c", "b"], None), "a:3 b:2 a:1 ");
    assert_eq!(chosen(&["a", "a"], Some(2)), "a:1 ");
}
