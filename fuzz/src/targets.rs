//! What is tried, and what must hold.

use html::mail::{Pictures, clean};
use mail::dkim::{Check, DkimKey, SecretKey, SignedMail};
use mail::imap;
use mail::machine::{self, Envelope};
use mail::parsed::{Limits, ParsedMail, parse};
use mail::smtp_in::{Event, Limits as SmtpLimits, Session, Tls};
use mail::{Address, Mailbox, bounce, forwarded, proxy, reply, tokens, verdict};

/// Something that reads strangers' bytes.
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Reads an input and says which rule was broken.
    pub check: fn(&[u8]) -> Result<(), String>,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "mail",
        check: mail,
    },
    Target {
        name: "addresses",
        check: addresses,
    },
    Target {
        name: "reply",
        check: reply,
    },
    Target {
        name: "html",
        check: html,
    },
    Target {
        name: "smtp",
        check: smtp,
    },
    Target {
        name: "proxy",
        check: proxy,
    },
    Target {
        name: "imap",
        check: imap,
    },
    Target {
        name: "dkim",
        check: dkim,
    },
];

fn hold(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

/// Everything that is done with a mail.
fn mail(input: &[u8]) -> Result<(), String> {
    let Ok(mail) = parse(input, &Limits::default()) else {
        return Ok(());
    };
    let is_one_line = |text: &str| !text.contains(['\n', '\r', '\0']);
    hold(is_one_line(&mail.subject), "a subject has several lines")?;
    hold(!mail.text.contains('\0'), "a text holds NUL")?;
    for file in &mail.attachments {
        let is_safe = !file.name.is_empty()
            && !file.name.contains(['/', '\\'])
            && !file.name.starts_with('.')
            && is_one_line(&file.name);
        hold(is_safe, "a file has an unsafe name")?;
    }
    let decoded: usize = mail.attachments.iter().map(|file| file.content.len()).sum();
    hold(decoded <= 2 * input.len(), "files are longer than the mail")?;
    read_further(&mail);
    reply(mail.text.as_bytes())?;
    mail.html.as_ref().map_or(Ok(()), |page| html(page.as_bytes()))
}

fn read_further(mail: &ParsedMail) {
    let _ = machine::origin(mail, Envelope::Unknown, &["ours"]);
    let _ = bounce::report(mail);
    let _ = forwarded::original(mail);
    let _ = tokens::candidates(mail, &[]);
    let _ = verdict::verdict(mail, "mx.example", &|domain| Some(domain.to_owned()));
}

/// What passes for an address is one for every reader, and cannot break out of an envelope or a header.
fn addresses(input: &[u8]) -> Result<(), String> {
    let is_bare = |text: &str| !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let check = |address: &Address, name: &str| {
        let again = Address::parse(address.as_str());
        hold(
            again.as_ref() == Ok(address),
            "an address is another one when read again",
        )?;
        hold(is_bare(address.as_str()), "an address holds a space")?;
        let Ok(mailbox) = Mailbox::new(name, address.as_str()) else {
            return Ok(());
        };
        hold(is_bare(&mailbox.address()), "an envelope holds a space")?;
        hold(
            mailbox.domain().is_ascii() && !mailbox.name().contains(['\n', '\r', '\0']),
            "a header breaks",
        )
    };
    let text = String::from_utf8_lossy(input);
    for line in text.split('\n').take(100) {
        let value = line.split_once(':').map_or(line, |(_, value)| value);
        if let Ok(address) = Address::parse(value) {
            check(&address, value)?;
        }
        let written = format!("From: {value}\nTo: {value}\nCc: {value}\n\n");
        let Ok(mail) = parse(written.as_bytes(), &Limits::default()) else {
            continue;
        };
        for one in mail.from.one().into_iter().chain(mail.recipients()) {
            hold(!one.name.contains(['\n', '\r', '\0']), "a name has several lines")?;
            check(&one.address, &one.name)?;
        }
    }
    Ok(())
}

/// Nothing of a text is lost, and something is left.
fn reply(input: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(input);
    let trimmed = reply::trim(&text);
    let mut end = 0;
    for stretch in &trimmed.stretches {
        hold(stretch.range.start == end, "stretches have gaps")?;
        hold(
            text.get(stretch.range.clone()).is_some(),
            "a stretch cuts a character",
        )?;
        end = stretch.range.end;
    }
    hold(end == text.len(), "the end is missing")?;
    let is_blank = text.trim().is_empty();
    hold(
        trimmed.new_text(&text).is_empty() == is_blank,
        "nothing new is left",
    )
}

/// What was made safe is made the same again, and holds nothing forbidden.
fn html(input: &[u8]) -> Result<(), String> {
    let page = String::from_utf8_lossy(input);
    let _ = html::to_text(&page);
    let attached = |id: &str| id.len().is_multiple_of(2).then(|| "/files/1".to_owned());
    let pictures = Pictures {
        attached: &attached,
        loads_remote: false,
    };
    let made = clean(&page, pictures).html.to_string();
    hold(
        clean(&made, pictures).html.to_string() == made,
        "it is not made the same again",
    )?;
    let lower = made.to_ascii_lowercase();
    // Text and values have no brackets of their own: each is a tag.
    for forbidden in [
        "<script",
        "<style",
        "<svg",
        "<math",
        "<iframe",
        "<form",
        "<input",
        "<object",
        "<embed",
        "<base",
        "<link",
        "<meta",
        "<!--",
        "href=\"javascript",
    ] {
        hold(!lower.contains(forbidden), forbidden)?;
    }
    let tags = made.matches('<').count();
    hold(tags == made.matches('>').count(), "a bracket is not escaped")
}

/// Replies and stored mails are the same, whole and byte by byte: of the input as a session, and as a
/// mail within one.
fn smtp(input: &[u8]) -> Result<(), String> {
    let opening = b"EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<in@ours.example>\r\nDATA\r\n";
    for script in [
        input.to_vec(),
        [opening.as_slice(), input, b"\r\n.\r\nQUIT\r\n"].concat(),
    ] {
        let single: Vec<&[u8]> = std::iter::once(&b""[..]).chain(script.chunks(1)).collect();
        hold(
            session(&single)? == session(&[&script])?,
            "it matters how the bytes are cut",
        )?;
    }
    Ok(())
}

fn session(pieces: &[&[u8]]) -> Result<(Vec<u8>, Vec<Vec<u8>>), String> {
    let limits = SmtpLimits {
        message_bytes: 10_000,
        ..SmtpLimits::default()
    };
    let mut session = Session::new("mx.example", limits, Tls::None);
    let (mut output, mut stored, mut current) = (Vec::new(), Vec::new(), Vec::new());
    for piece in pieces {
        let mut rest = *piece;
        loop {
            let taken = session.feed(rest);
            rest = rest.get(taken..).unwrap_or_default();
            while let Some(event) = session.next_event() {
                match event {
                    Event::MailFrom { .. } | Event::RcptTo(_) => session.accept(),
                    Event::Data(data) => current.extend_from_slice(&data),
                    Event::Discard | Event::Reset => current.clear(),
                    Event::EndOfMessage => {
                        stored.push(std::mem::take(&mut current));
                        session.accept();
                    }
                    Event::StartTls | Event::Closed => {}
                }
                hold(current.len() <= 10_000, "more is stored than allowed")?;
            }
            output.extend(session.take_output());
            if rest.is_empty() {
                break;
            }
        }
    }
    Ok((output, stored))
}

/// A header takes no more bytes than there are.
fn proxy(input: &[u8]) -> Result<(), String> {
    match proxy::read(input) {
        proxy::Proxied::Header { bytes, .. } => {
            hold(bytes <= input.len(), "a header is longer than its bytes")
        }
        proxy::Proxied::Incomplete | proxy::Proxied::Invalid => Ok(()),
    }
}

/// What a server says is read the same, whole and byte by byte: of the input as it is, of a dialogue that
/// it spoils, and of a mail, which must come out as it went in.
fn imap(input: &[u8]) -> Result<(), String> {
    let head = format!("* 1 FETCH (UID 7 BODY[] {{{}}}\r\n", input.len());
    let fetched = [head.as_bytes(), input, b")\r\na1 OK done\r\n"].concat();
    for said in [input.to_vec(), spoiled(input), fetched.clone()] {
        let single: Vec<&[u8]> = std::iter::once(&b""[..]).chain(said.chunks(1)).collect();
        hold(
            heard(&single) == heard(&[&said]),
            "it matters how the bytes are cut",
        )?;
    }
    let (events, violation) = heard(&[&fetched]);
    let is_whole = |event: &imap::Event| matches!(event, imap::Event::Fetch(mail) if mail.uid == Some(7) && mail.body.as_deref() == Some(input));
    hold(
        violation.is_none() && events.len() == 2 && events.first().is_some_and(is_whole),
        "a mail is not as it was",
    )
}

fn heard(pieces: &[&[u8]]) -> (Vec<imap::Event>, Option<imap::Violation>) {
    let (mut decoder, mut events) = (imap::Decoder::default(), Vec::new());
    decoder.expect_body(1_000_000);
    for piece in pieces {
        decoder.feed(piece);
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(violation) => return (events, Some(violation)),
            }
        }
    }
    (events, None)
}

/// A dialogue in which bytes are replaced as the input says: a place, and a byte.
fn spoiled(input: &[u8]) -> Vec<u8> {
    let mut said =
        b"* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n* 3 EXISTS\r\n\
        * OK [UIDVALIDITY 3857529045] valid\r\n* SEARCH 2 84 882\r\n* LIST (\\Marked) \"/\" {4}\r\nSent\r\n\
        * 1 FETCH (FLAGS (\\Seen) UID 7 RFC822.SIZE 12 INTERNALDATE \"27-Nov-2026 05:20:34 +0100\" \
        ENVELOPE (NIL ((\"a\" NIL)) {2}\r\nab) BODY[HEADER.FIELDS (DATE)] \"x\" BODY[] {4}\r\nabcd)\r\n\
        + go on\r\n* BYE gone\r\na1 NO [TRYCREATE] none\r\n"
            .to_vec();
    for pair in input.chunks_exact(3).take(8) {
        if let [high, low, byte] = pair {
            let at = (usize::from(*high) * 256 + usize::from(*low)) % said.len();
            if let Some(place) = said.get_mut(at) {
                *place = *byte;
            }
        }
    }
    said
}

/// Nothing holds that was not signed, and what was signed here holds until its text is another.
fn dkim(input: &[u8]) -> Result<(), String> {
    const NOW_SECONDS: i64 = 1_780_000_000;
    let secret = SecretKey::ed25519(&[7; 32]);
    let key = DkimKey::new(&secret, "s1", "b.example").map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(input).into_owned();
    let records = [key.record().value, text];
    let passes = |mail: &[u8]| {
        let mail = SignedMail::read(mail);
        let mut checks = mail
            .signatures()
            .iter()
            .map(|one| mail.check(one, &records, NOW_SECONDS));
        checks.any(|check| check == Check::Pass)
    };
    let terms: &[u8] = b"DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=s1; h=from; bh=AAAA; b=AAAA;";
    for unsigned in [
        input.to_vec(),
        [terms, b"\n", input].concat(),
        [terms, input].concat(),
    ] {
        hold(!passes(&unsigned), "what nobody signed holds")?;
    }
    let signed = key.sign(input, NOW_SECONDS);
    // Only mail with one author can hold.
    if passes(&signed) {
        hold(
            !passes(&[signed.as_slice(), b"\n\nx"].concat()),
            "a longer text holds",
        )?;
        hold(
            !passes(&[b"From: b@b.example\r\n", signed.as_slice()].concat()),
            "two authors hold",
        )?;
    }
    Ok(())
}
