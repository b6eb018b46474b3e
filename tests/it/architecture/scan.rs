//! Reads Rust source just far enough for the architecture rules: which text is
//! code, which is inside a string literal, and which rooms the code names.
//!
//! It is a scanner, not a parser. It must never mistake a comment or a literal
//! for code, because then a rule could be broken or kept by prose.

use std::collections::BTreeSet;

/// One file, taken apart.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// The file with comments, strings and characters blanked; same lines.
    pub(super) code: String,
    /// Every string literal with the line it starts on (from 1).
    pub(super) strings: Vec<(usize, String)>,
}

/// Separates code from comments and literals.
pub(super) fn scan(text: &str) -> Source {
    let chars: Vec<char> = text.chars().collect();
    let mut source = Source::default();
    let mut line = 1;
    let mut at = 0;
    while let Some(&current) = chars.get(at) {
        let end = match (current, chars.get(at + 1)) {
            ('/', Some('/')) => line_comment_end(&chars, at),
            ('/', Some('*')) => block_comment_end(&chars, at),
            ('"', _) => {
                let end = quoted_end(&chars, at);
                source
                    .strings
                    .push((line, slice(&chars, at + 1, end.saturating_sub(1))));
                end
            }
            ('r', _) if !follows_identifier(&chars, at) || prefixed_by_b_or_c(&chars, at) => {
                match raw_string(&chars, at) {
                    Some((body, end)) => {
                        source.strings.push((line, body));
                        end
                    }
                    None => at,
                }
            }
            ('\'', _) => character_end(&chars, at),
            _ => at,
        };
        if end == at {
            source.code.push(current);
            line += usize::from(current == '\n');
            at += 1;
            continue;
        }
        let newlines = chars
            .get(at..end)
            .unwrap_or_default()
            .iter()
            .filter(|c| **c == '\n')
            .count();
        source.code.push(' ');
        source.code.extend(std::iter::repeat_n('\n', newlines));
        line += newlines;
        at = end;
    }
    source
}

fn slice(chars: &[char], from: usize, to: usize) -> String {
    chars.get(from..to).unwrap_or_default().iter().collect()
}

fn line_comment_end(chars: &[char], at: usize) -> usize {
    let rest = chars.get(at..).unwrap_or_default();
    at + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
}

/// Block comments nest in Rust.
fn block_comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut i = at;
    while i < chars.len() {
        match (chars.get(i), chars.get(i + 1)) {
            (Some('/'), Some('*')) => {
                depth += 1;
                i += 2;
            }
            (Some('*'), Some('/')) => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    chars.len()
}

fn quoted_end(chars: &[char], at: usize) -> usize {
    let mut i = at + 1;
    loop {
        match chars.get(i) {
            None => return chars.len(),
            Some('\\') => i += 2,
            Some('"') => return i + 1,
            Some(_) => i += 1,
        }
    }
}

fn follows_identifier(chars: &[char], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|i| chars.get(i))
        .is_some_and(|c| is_word(*c))
}

/// `br"..."` and `cr"..."` start with a letter before the `r`.
fn prefixed_by_b_or_c(chars: &[char], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).and_then(|i| chars.get(i));
    matches!(before(1), Some('b' | 'c')) && !before(2).is_some_and(|c| is_word(*c))
}

/// The body and the end of a raw string, when one starts here.
fn raw_string(chars: &[char], at: usize) -> Option<(String, usize)> {
    let hashes = chars.get(at + 1..)?.iter().take_while(|c| **c == '#').count();
    let open = at + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closes = |i: usize| {
        chars.get(i) == Some(&'"')
            && chars
                .get(i + 1..i + 1 + hashes)
                .is_some_and(|tail| tail.iter().all(|c| *c == '#'))
    };
    let close = (open + 1..chars.len()).find(|i| closes(*i))?;
    Some((slice(chars, open + 1, close), close + 1 + hashes))
}

/// A quote opens a character or a lifetime; a lifetime stays code.
fn character_end(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        (Some('\\'), _) => {
            let rest = chars.get(at + 3..).unwrap_or_default();
            rest.iter()
                .position(|c| *c == '\'')
                .map_or(at, |n| at + 3 + n + 1)
        }
        (Some(_), Some('\'')) => at + 3,
        _ => at,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The first path segments that `code` takes from the root of the crate, with
/// their lines: `crate::a::b`, `use crate::{a, b::c}`, and as many `super::`
/// as lead out of a file `depth` modules below the root.
pub(super) fn rooms_named(code: &str, depth: usize) -> BTreeSet<(usize, String)> {
    let mut found = BTreeSet::new();
    for (position, rest) in after_each(code, "crate::") {
        collect_segments(code, position, rest, &mut found);
    }
    if depth > 0 {
        let climb = "super::".repeat(depth);
        for (position, rest) in after_each(code, &climb) {
            collect_segments(code, position, rest, &mut found);
        }
    }
    found
}

/// Every place where `needle` stands as a whole path prefix, and what follows.
fn after_each<'a>(code: &'a str, needle: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    code.match_indices(needle).filter_map(move |(at, _)| {
        let before = code.get(..at)?.chars().next_back();
        let whole = !before.is_some_and(|c| is_word(c) || c == ':');
        whole.then_some((at, code.get(at + needle.len()..)?))
    })
}

fn collect_segments(code: &str, position: usize, rest: &str, found: &mut BTreeSet<(usize, String)>) {
    let line = 1 + code.get(..position).unwrap_or_default().matches('\n').count();
    let Some(group) = rest.strip_prefix('{') else {
        let name = leading_word(rest);
        if !name.is_empty() {
            found.insert((line, name));
        }
        return;
    };
    let mut depth = 1_usize;
    let mut expects_name = true;
    let mut line = line;
    for (at, c) in group.char_indices() {
        match c {
            '\n' => line += 1,
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
            ',' if depth == 1 => expects_name = true,
            c if depth == 1 && expects_name && is_word(c) => {
                found.insert((line, leading_word(group.get(at..).unwrap_or_default())));
                expects_name = false;
            }
            _ => {}
        }
    }
}

fn leading_word(text: &str) -> String {
    text.chars().take_while(|c| is_word(*c)).collect()
}

/// Lines of `code` on which `word` stands alone as an identifier, or begins
/// one when `prefix` is set.
pub(super) fn lines_naming(code: &str, word: &str, prefix: bool) -> Vec<usize> {
    let names = |line: &str| {
        line.split(|c: char| !is_word(c))
            .any(|w| if prefix { w.starts_with(word) } else { w == word })
    };
    code.lines()
        .enumerate()
        .filter(|(_, line)| names(line))
        .map(|(n, _)| n + 1)
        .collect()
}
