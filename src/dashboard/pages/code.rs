//! Code samples with a little colour: strings, comments and a few words. Text stays text; the
//! template escapes every piece.

/// A stretch of code in one colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The class of the style sheet, if it has a colour.
    pub class: Option<&'static str>,
    /// The text.
    pub text: String,
}

const WORDS: &[&str] = &[
    "import", "from", "export", "default", "const", "let", "function", "return", "async", "await", "if",
    "echo",
];

/// Cuts code into coloured pieces; put together they are the code again.
pub fn pieces(code: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let (class, length) = next(rest, first, pieces.last());
        let (text, after) = rest.split_at(length);
        match pieces.last_mut() {
            Some(last) if last.class == class => last.text.push_str(text),
            _ => pieces.push(Piece {
                class,
                text: text.to_owned(),
            }),
        }
        rest = after;
    }
    pieces
}

fn next(rest: &str, first: char, before: Option<&Piece>) -> (Option<&'static str>, usize) {
    let one = first.len_utf8();
    if first == '"' {
        let inside = rest.get(one..).unwrap_or_default();
        let end = inside.find(['"', '\n']).map_or(rest.len(), |at| one + at);
        let closed = rest.get(end..).is_some_and(|tail| tail.starts_with('"'));
        return (Some("k-s"), if closed { end + 1 } else { end });
    }
    // Two slashes inside an address are no comment.
    if rest.starts_with("// ") {
        return (Some("k-c"), rest.find('\n').unwrap_or(rest.len()));
    }
    if first.is_alphabetic() {
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        let tag = before.is_some_and(|piece| piece.text.ends_with('<') || piece.text.ends_with("</"));
        if tag && matches!(word, "div" | "script" | "template") {
            return (Some("k-t"), length);
        }
        return (WORDS.contains(&word).then_some("k-k"), length);
    }
    (None, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_code_again() {
        for code in [
            "import { a } from \"b\"; // why\nlet x = 1;",
            "<script src=\"https://a.example\"></script>",
            "\"open\nconst",
            "",
            "ü\"ü",
        ] {
            let text: String = pieces(code).into_iter().map(|piece| piece.text).collect();
            assert_eq!(text, code);
        }
        let coloured = pieces("const a = \"b\"; // c");
        let classes: Vec<_> = coloured.iter().filter_map(|piece| piece.class).collect();
        assert_eq!(classes, ["k-k", "k-s", "k-c"]);
    }
}
