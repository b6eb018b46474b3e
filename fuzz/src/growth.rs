//! Inputs that made parsers slow elsewhere, each at a size and at twice that size: the time may double,
//! with some allowance, and not square.

use crate::Target;
use std::time::{Duration, Instant};

/// Beginnings, and what is repeated behind them.
const PATTERNS: &[(&str, &str)] = &[
    ("Subject: x\n\n", "> quoted\n"),
    ("Subject: x\n\n", "On 20.11.25 11:00, Ann wrote:\n"),
    ("Subject: x\n\n", "--\n"),
    ("Subject: x\n\n", "From: a@b.example\n"),
    ("Subject: x\n\n", "https://x.example/((((("),
    ("Subject: x\n\n", "a+@"),
    ("Content-Type: text/html\n\n", "<div>"),
    ("Content-Type: text/html\n\n", "<a href=x>"),
    ("Content-Type: text/html\n\n", "&lt;"),
    ("Content-Type: text/html\n\n", "&notanentity"),
    ("Content-Type: text/html\n\n", "<!--"),
    ("Content-Type: text/html\n\n", "<p style='color:red;color:red"),
    ("Content-Type: text/html\n\n", "<table><tr><td></b></td>"),
    ("Content-Type: text/html\n\n", "<svg><style>"),
    ("Content-Transfer-Encoding: base64\n\n", "=A=!"),
    ("Content-Transfer-Encoding: quoted-printable\n\n", "= ="),
    (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n",
        "--b \n-- b\n",
    ),
    (
        "Content-Type: message/rfc822\n\n",
        "Content-Type: message/rfc822\n\n",
    ),
    ("Content-Type: text/plain; format=flowed\n\n", ">> a \n"),
    ("Content-Type: text/plain; charset=utf-7\n\n", "+AAA-+"),
    ("Content-Type: text/plain; charset=iso-2022-jp\n\n", "\u{1b}$B"),
    (
        "X-Failed-Recipients: a@b.example\n\nA message that you sent could not be delivered\n",
        "<a@b.example>: 550\n",
    ),
    ("DKIM-Signature: v=1; h=from", ":from"),
    ("DKIM-Signature: v=1; b=", "AAAA "),
    ("", "DKIM-Signature: v=1\n"),
    (DKIM, "a: b\n"),
    (DKIM, "\n"),
    (DKIM, "\n \n\t"),
    (DKIM, "\nFrom: a\n\na \t"),
];
/// Enough to have the text hashed.
const DKIM: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=b.example; s=s1; h=a:b:from; bh=AAAA; b=AAAA\nFrom: a@b.example\n";
const BYTES: usize = 1_024 * 1_024;
const MOST_TIMES: u32 = 3;
/// Times below say more about the machine than about the code.
const LEAST: Duration = Duration::from_millis(200);

/// Measures a target with every pattern, and says which grew too fast.
///
/// # Errors
/// The pattern and both times.
pub fn measure(target: &Target) -> Result<Duration, String> {
    let mut slowest = Duration::ZERO;
    for (begin, piece) in PATTERNS {
        let of = |bytes: usize| format!("{begin}{}", piece.repeat(bytes / piece.len())).into_bytes();
        let time = |input: &[u8]| -> Result<Duration, String> {
            // The better of two: other work on the machine only ever adds.
            let mut best = Duration::MAX;
            for _ in 0..2 {
                let start = Instant::now();
                (target.check)(input)?;
                best = best.min(start.elapsed());
            }
            Ok(best)
        };
        let (once, twice) = (time(&of(BYTES))?, time(&of(2 * BYTES))?);
        slowest = slowest.max(twice);
        if twice > LEAST && twice > once * MOST_TIMES {
            return Err(format!(
                "{} with {piece:?}: {} ms, and {} ms at twice the size",
                target.name,
                once.as_millis(),
                twice.as_millis()
            ));
        }
    }
    Ok(slowest)
}
