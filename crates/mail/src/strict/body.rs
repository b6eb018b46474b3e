//! The body: two alternatives between boundaries, each decoded from its transfer encoding.

use super::words::hex;
use super::{Offence, base64, headers};

const LONGEST_ENCODED_LINE: usize = 76;

/// The text and the HTML of a multipart/alternative.
pub(super) fn alternatives(content_type: &str, body: &[&[u8]]) -> Result<(String, String), Offence> {
    let (kind, boundary) = content_type.split_once(';').ok_or("there is no boundary")?;
    if kind != "multipart/alternative" {
        return Err(format!("the body is {kind}"));
    }
    let boundary = boundary
        .trim()
        .strip_prefix("boundary=\"")
        .and_then(|rest| rest.strip_suffix('"'));
    let boundary = boundary.ok_or_else(|| format!("no quoted boundary: {content_type}"))?;
    if boundary.is_empty() || boundary.len() > 70 {
        return Err(format!("a boundary of {} bytes", boundary.len()));
    }
    let (open, close) = (format!("--{boundary}"), format!("--{boundary}--"));
    let is = |line: &[u8], delimiter: &str| line.strip_suffix(b" ").unwrap_or(line) == delimiter.as_bytes();
    let mut parts: Vec<Vec<&[u8]>> = Vec::new();
    let mut closed = false;
    for line in body {
        if is(line, &close) {
            closed = true;
        } else if is(line, &open) {
            parts.push(Vec::new());
        } else if closed && !line.is_empty() {
            return Err("there is something after the last boundary".to_owned());
        } else if let Some(part) = parts.last_mut() {
            part.push(line);
        }
    }
    match parts.as_slice() {
        [text, html] if closed => Ok((part(text, "text/plain")?, part(html, "text/html")?)),
        _ => Err(format!("{} parts, closed: {closed}", parts.len())),
    }
}

fn part(lines: &[&[u8]], wanted: &str) -> Result<String, Offence> {
    let (headers, body) = headers(lines, false)?;
    let value = |name: &str| {
        headers
            .iter()
            .find(|h| h.name.eq_ignore_ascii_case(name))
            .map(|h| h.value.as_str())
    };
    let content_type = value("content-type").unwrap_or_default().replace('"', "");
    if content_type != format!("{wanted}; charset=utf-8") {
        return Err(format!("a part is {content_type}, not {wanted}"));
    }
    // The line break before a boundary belongs to the boundary.
    let body = body.strip_suffix(&[b"".as_slice()]).unwrap_or(body);
    let bytes = match value("content-transfer-encoding") {
        Some("7bit") | None => seven_bit(body)?,
        Some("quoted-printable") => quoted_printable(body)?,
        Some("base64") => base_64(body)?,
        other => return Err(format!("an unknown transfer encoding: {other:?}")),
    };
    String::from_utf8(bytes).map_err(|_| format!("{wanted} is not UTF-8"))
}

fn seven_bit(lines: &[&[u8]]) -> Result<Vec<u8>, Offence> {
    if lines.iter().any(|line| !line.is_ascii()) {
        return Err("7bit holds a byte above 127".to_owned());
    }
    Ok(lines
        .iter()
        .flat_map(|line| line.iter().chain(b"\r\n"))
        .copied()
        .collect())
}

fn quoted_printable(lines: &[&[u8]]) -> Result<Vec<u8>, Offence> {
    let mut bytes = Vec::new();
    for line in lines {
        if line.len() > LONGEST_ENCODED_LINE {
            return Err(format!("a quoted-printable line of {} bytes", line.len()));
        }
        if line.ends_with(b" ") || line.ends_with(b"\t") {
            return Err("a quoted-printable line ends in white space".to_owned());
        }
        let soft = line.strip_suffix(b"=");
        let mut rest = soft.unwrap_or(line).iter().copied();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'=' => hex(rest.next(), rest.next()).ok_or("broken quoted-printable")?,
                b'\t' | b' '..=b'~' => byte,
                other => return Err(format!("quoted-printable holds byte {other}")),
            });
        }
        if soft.is_none() {
            bytes.extend_from_slice(b"\r\n");
        }
    }
    Ok(bytes)
}

fn base_64(lines: &[&[u8]]) -> Result<Vec<u8>, Offence> {
    if let Some(long) = lines.iter().find(|line| line.len() > LONGEST_ENCODED_LINE) {
        return Err(format!("a base 64 line of {} bytes", long.len()));
    }
    let joined = lines.concat();
    base64(std::str::from_utf8(&joined).map_err(|_| "base 64 is not ASCII")?)
}
