//! A line of the client as a command (RFC 5321, 4.1).

use super::reply::Reply;

const PATH_BYTES: usize = 256;
const LOCAL_BYTES: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Ehlo(String),
    Helo(String),
    Mail {
        /// `None` is the null sender `<>`.
        sender: Option<String>,
        size: Option<u64>,
        is_utf8: bool,
    },
    Rcpt(String),
    Data,
    Rset,
    Noop,
    Vrfy,
    Help,
    Quit,
    StartTls,
    /// A request of HTTP: a browser was sent here.
    Foreign,
}

/// Reads a line without its CRLF.
pub(super) fn parse(line: &[u8]) -> Result<Command, Reply> {
    let syntax = |text: &str| Err(Reply::new(501, "5.5.4", text));
    let Ok(line) = std::str::from_utf8(line) else {
        return Err(Reply::new(500, "5.5.2", "Commands are ASCII or UTF-8"));
    };
    if line.contains(|c: char| c.is_control() && c != '\t') {
        return Err(Reply::new(500, "5.5.2", "Control characters are not allowed"));
    }
    let line = line.trim_end_matches([' ', '\t']);
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim_matches([' ', '\t']);
    let bare = |command: Command| match rest {
        "" => Ok(command),
        _ => syntax("This command takes no parameters"),
    };
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" | "HELO" if rest.is_empty() || rest.len() > PATH_BYTES => syntax("Say who you are: EHLO name"),
        "EHLO" => Ok(Command::Ehlo(rest.to_owned())),
        "HELO" => Ok(Command::Helo(rest.to_owned())),
        "MAIL" => mail(rest),
        "RCPT" => rcpt(rest),
        "DATA" => bare(Command::Data),
        "RSET" => bare(Command::Rset),
        "QUIT" => bare(Command::Quit),
        "STARTTLS" => bare(Command::StartTls),
        "NOOP" => Ok(Command::Noop),
        "VRFY" => Ok(Command::Vrfy),
        "HELP" => Ok(Command::Help),
        "AUTH" | "EXPN" | "BDAT" | "TURN" | "ETRN" | "ATRN" => {
            Err(Reply::new(502, "5.5.1", "Command not implemented"))
        }
        "GET" | "POST" | "PUT" | "HEAD" | "OPTIONS" | "CONNECT" | "PATCH" | "DELETE" => Ok(Command::Foreign),
        _ => Err(Reply::new(500, "5.5.2", "Command unknown")),
    }
}

fn mail(rest: &str) -> Result<Command, Reply> {
    let (path, parameters) = argument(rest, "FROM:")?;
    let (mut size, mut is_utf8) = (None, false);
    for parameter in parameters.split_ascii_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match (name.to_ascii_uppercase().as_str(), value) {
            ("SIZE", digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                // A number too large to read is larger than any limit (RFC 1870 allows 20 digits).
                size = Some(digits.parse().unwrap_or(u64::MAX));
            }
            ("BODY", kind) if ["7BIT", "8BITMIME"].iter().any(|k| kind.eq_ignore_ascii_case(k)) => {}
            ("SMTPUTF8", "") => is_utf8 = true,
            ("SIZE" | "BODY" | "SMTPUTF8", _) => {
                return Err(Reply::new(501, "5.5.4", "A parameter has no good value"));
            }
            _ => return Err(Reply::new(555, "5.5.4", "A parameter is not supported")),
        }
    }
    // A route tells nothing that counts today (RFC 5321, appendix C).
    let path = match path.strip_prefix('@') {
        Some(_) => path.split_once(':').map_or("", |(_, mailbox)| mailbox),
        None => path,
    };
    let sender = match path {
        "" if !rest.contains('@') => None,
        path => Some(checked(path, "5.1.7")?),
    };
    if !is_utf8 && sender.as_ref().is_some_and(|sender| !sender.is_ascii()) {
        return Err(Reply::new(553, "5.6.7", "Such an address needs SMTPUTF8"));
    }
    Ok(Command::Mail {
        sender,
        size,
        is_utf8,
    })
}

fn rcpt(rest: &str) -> Result<Command, Reply> {
    let (path, parameters) = argument(rest, "TO:")?;
    if !parameters.trim().is_empty() {
        return Err(Reply::new(555, "5.5.4", "A parameter is not supported"));
    }
    if path.starts_with('@') {
        return Err(Reply::new(550, "5.7.1", "Mail is not carried on"));
    }
    // The one mailbox that needs no domain (RFC 5321, 4.5.1).
    if path.eq_ignore_ascii_case("postmaster") {
        return Ok(Command::Rcpt(path.to_owned()));
    }
    checked(path, "5.1.3").map(Command::Rcpt)
}

/// Takes `FROM:<path> parameters` apart. A blank after the colon is common and tolerated.
fn argument<'a>(rest: &'a str, keyword: &str) -> Result<(&'a str, &'a str), Reply> {
    let wrong = || {
        Reply::new(
            501,
            "5.5.4",
            "The address stands in angle brackets after FROM: or TO:",
        )
    };
    let (start, after) = rest.split_at_checked(keyword.len()).ok_or_else(wrong)?;
    if !start.eq_ignore_ascii_case(keyword) {
        return Err(wrong());
    }
    let inside = after.trim_start().strip_prefix('<').ok_or_else(wrong)?;
    let end = closing_bracket(inside).ok_or_else(wrong)?;
    let (path, parameters) = inside.split_at_checked(end).ok_or_else(wrong)?;
    let parameters = parameters.strip_prefix('>').ok_or_else(wrong)?;
    if !parameters.is_empty() && !parameters.starts_with(' ') {
        return Err(wrong());
    }
    Ok((path, parameters))
}

/// Where the first `>` outside a quoted string stands.
fn closing_bracket(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (position, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => return Some(position),
            _ => {}
        }
    }
    None
}

fn checked(mailbox: &str, enhanced: &'static str) -> Result<String, Reply> {
    let is_good = mailbox.len() <= PATH_BYTES
        && crate::Address::parse(mailbox).is_ok()
        && !mailbox.contains(['<', '>', ' ', '\t'])
        && mailbox
            .rsplit_once('@')
            .is_some_and(|(local, _)| local.len() <= LOCAL_BYTES);
    match is_good {
        true => Ok(mailbox.to_owned()),
        false => Err(Reply::new(501, enhanced, "This is no address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail_from(sender: Option<&str>, size: Option<u64>, is_utf8: bool) -> Command {
        let sender = sender.map(str::to_owned);
        Command::Mail {
            sender,
            size,
            is_utf8,
        }
    }

    #[test]
    fn commands_are_read_in_any_case_and_with_their_parameters() {
        for (line, command) in [
            ("EHLO mx.example.com", Command::Ehlo("mx.example.com".to_owned())),
            ("helo [192.0.2.1] ", Command::Helo("[192.0.2.1]".to_owned())),
            ("MAIL FROM:<>", mail_from(None, None, false)),
            (
                "mail from: <A@example.com>  SIZE=12 BODY=8bitmime",
                mail_from(Some("A@example.com"), Some(12), false),
            ),
            (
                "MAIL FROM:<ü@example.com> SMTPUTF8",
                mail_from(Some("ü@example.com"), None, true),
            ),
            (
                "MAIL FROM:<@a.example,@b.example:c@example.com>",
                mail_from(Some("c@example.com"), None, false),
            ),
            (
                "MAIL FROM:<a@b.example> SIZE=99999999999999999999",
                mail_from(Some("a@b.example"), Some(u64::MAX), false),
            ),
            (
                "RCPT TO:<a+b@example.com>",
                Command::Rcpt("a+b@example.com".to_owned()),
            ),
            ("RCPT TO:<Postmaster>", Command::Rcpt("Postmaster".to_owned())),
            ("NOOP with words", Command::Noop),
            ("VRFY someone", Command::Vrfy),
            ("StartTLS", Command::StartTls),
            ("POST / HTTP/1.1", Command::Foreign),
        ] {
            assert_eq!(parse(line.as_bytes()), Ok(command), "{line}");
        }
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for line in [
            "",
            " ",
            "EHLO",
            "MAIL",
            "MAIL FROM",
            "MAIL FROM:",
            "MAIL FROM:a@b.example",
            "MAIL FROM:<a@b.example",
            "MAIL FROM:<a@b.example>x",
            "MAIL FROM:<a@b.example> AUTH=<>",
            "MAIL FROM:<a@b.example> SIZE=x",
            "MAIL FROM:<a@b.example> BODY=BINARYMIME",
            "MAIL FROM:<ü@example.com>",
            "MAIL FROM:<a@b@c>",
            "MAIL FROM:<@a.example>",
            "MAIL FROM:<\"a>b\"@c.example>",
            "MAIL FROM:<a b@c.example>",
            "RCPT TO:<>",
            "RCPT TO:<@a.example:b@c.example>",
            "RCPT TO:<a@b.example> NOTIFY=NEVER",
            "RCPT TO:<a@b.example>,<c@d.example>",
            "DATA x",
            "STARTTLS x",
            "AUTH PLAIN AAAA",
            "BDAT 3 LAST",
            "X\u{1b}[2J",
            "ehlo\u{0}x",
        ] {
            assert!(parse(line.as_bytes()).is_err(), "{line}");
        }
        assert!(parse(b"EHLO \xff").is_err());
    }
}
