//! The relaxed canonical form (RFC 6376, 3.4): what mail servers change on the way does not count.

/// Headers, each with its fold and line end, and the body.
pub(super) fn split(mail: &[u8]) -> (Vec<&str>, &[u8]) {
    let end = mail.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, rest) = mail.split_at(end.map_or(mail.len(), |at| at + 2));
    let head = std::str::from_utf8(head).unwrap_or_default();
    let mut headers = Vec::new();
    let mut start = 0;
    for (at, _) in head.match_indices("\r\n") {
        let next = at + 2;
        if !head.get(next..).is_some_and(|rest| rest.starts_with([' ', '\t'])) {
            headers.extend(head.get(start..next));
            start = next;
        }
    }
    (headers, rest.get(2..).unwrap_or_default())
}

/// The name of a header.
pub(super) fn name(header: &str) -> &str {
    header.split(':').next().unwrap_or_default().trim_end()
}

/// One header: name in lower case, unfolded, white space as one space, none around the value.
pub(super) fn header(header: &str) -> Vec<u8> {
    let (name, value) = header.split_once(':').unwrap_or((header, ""));
    let words = value
        .split([' ', '\t', '\r', '\n'])
        .filter(|word| !word.is_empty());
    let value = words.collect::<Vec<_>>().join(" ");
    format!("{}:{value}\r\n", name.trim_end().to_ascii_lowercase()).into_bytes()
}

/// The headers with these names, each name taking the last one not taken yet. A name without a
/// header takes nothing: that is what over-signing means.
pub(super) fn selected(headers: &[&str], names: &[&str]) -> Vec<u8> {
    let mut left: Vec<&str> = headers.to_vec();
    let mut bytes = Vec::new();
    for wanted in names {
        if let Some(at) = left
            .iter()
            .rposition(|header| name(header).eq_ignore_ascii_case(wanted))
        {
            bytes.extend_from_slice(&header(left.remove(at)));
        }
    }
    bytes
}

/// The body: white space at the end of lines and empty lines at the end do not count.
pub(super) fn body(body: &[u8]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(body.len());
    let mut empty_lines = 0;
    let body = body.strip_suffix(b"\r\n").unwrap_or(body);
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_end();
        if line.is_empty() {
            empty_lines += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty_lines) {
            canonical.extend_from_slice(b"\r\n");
        }
        let mut in_space = false;
        for byte in line {
            let is_space = matches!(byte, b' ' | b'\t');
            match (is_space, in_space) {
                (true, true) => {}
                (true, false) => canonical.push(b' '),
                (false, _) => canonical.push(*byte),
            }
            in_space = is_space;
        }
        canonical.extend_from_slice(b"\r\n");
    }
    canonical
}
