//! Text with `format=flowed` (RFC 3676): lines that end in a space go on in the next one.

/// Joins the lines that belong together. Quoted lines keep their depth, written as `> ` for each level.
pub(super) fn unflow(text: &str, deletes_space: bool) -> String {
    let mut unflowed = String::with_capacity(text.len());
    // The depth of the paragraph that is open.
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let inside = line.trim_start_matches('>');
        let depth = line.len() - inside.len();
        let content = inside.strip_prefix(' ').unwrap_or(inside);
        let is_signature_mark = content == "-- ";
        if open.is_some_and(|of| of != depth || is_signature_mark) {
            unflowed.push('\n');
            open = None;
        }
        if open.is_none() && depth > 0 {
            unflowed.extend(std::iter::repeat_n('>', depth));
            if !content.is_empty() {
                unflowed.push(' ');
            }
        }
        if content.is_empty() && open.take().is_some() {
            unflowed.push('\n');
        }
        let goes_on = content.ends_with(' ') && !is_signature_mark;
        if goes_on {
            let kept = if deletes_space {
                content.strip_suffix(' ')
            } else {
                None
            };
            unflowed.push_str(kept.unwrap_or(content));
            open = Some(depth);
        } else {
            unflowed.push_str(content);
            unflowed.push('\n');
            open = None;
        }
    }
    unflowed
}

#[cfg(test)]
mod tests {
    use super::unflow;

    #[test]
    fn paragraphs_are_joined_and_quotes_and_signatures_are_not() {
        for (text, deletes, unflowed) in [
            ("a \nb\nc\n", false, "a b\nc\n"),
            ("a \nb\n", true, "ab\n"),
            ("> a \n> b\nc \n-- \nd", false, "> a b\nc \n-- \nd\n"),
            (">> a \n> b \n>c\n", false, ">> a \n> b c\n"),
            (" From here\n  two\n", false, "From here\n two\n"),
            ("a \n\nb\n", false, "a \n\nb\n"),
            (">\n", false, ">\n"),
        ] {
            assert_eq!(unflow(text, deletes), unflowed, "{text:?}");
        }
    }
}
