//! Which parts are the text, which are files.

use super::structure::Part;
use super::{Attachment, Limits, charset, file_name::safe_file_name, flowed};
use std::borrow::Cow;

/// What a mail holds below its headers.
#[derive(Default)]
pub(super) struct Body {
    pub(super) text: String,
    pub(super) is_from_html: bool,
    pub(super) html: Option<String>,
    pub(super) attachments: Vec<Attachment>,
}

/// A stretch of the text: what belongs to one alternative, or a part that stands alone.
#[derive(Default)]
struct Block {
    alternative: Option<usize>,
    plain: String,
    html: String,
}

/// Reads the parts, in order.
pub(super) fn read(mail: &[u8], parts: &[Part], limits: &Limits) -> Body {
    let mut blocks: Vec<Block> = Vec::new();
    let mut attachments = Vec::new();
    let (mut plain_bytes, mut html_bytes) = (0, 0);
    for (index, part) in parts.iter().enumerate() {
        if part.is_container || part.kind.is("text", "x-amp-html") {
            continue;
        }
        let body = mail.get(part.body.clone()).unwrap_or_default();
        // A multipart without parts is the text it holds.
        let is_html = part.kind.is("text", "html");
        let is_plain = part.kind.is("text", "plain") || part.kind.is_multipart();
        let is_shown = (is_html || is_plain) && !part.kind.is_attachment() && part.kind.file_name().is_none();
        let content = part.kind.decode(body);
        if !is_shown {
            attachments.push(attachment(part, content));
            continue;
        }
        let text = if is_html {
            html_text(part, &content)
        } else {
            plain_text(part, &content)
        };
        let bytes = if is_html {
            &mut html_bytes
        } else {
            &mut plain_bytes
        };
        let room = limits.text_bytes.saturating_sub(*bytes);
        let shown = cut(&text, room);
        *bytes += shown.len();
        if shown.len() < text.len() {
            attachments.push(attachment(part, content));
        }
        let alternative = alternative_of(parts, index);
        let is_same = blocks
            .last()
            .is_some_and(|last| alternative.is_some() && last.alternative == alternative);
        if !is_same {
            blocks.push(Block {
                alternative,
                ..Block::default()
            });
        }
        if let Some(block) = blocks.last_mut() {
            join(
                if is_html {
                    &mut block.html
                } else {
                    &mut block.plain
                },
                shown,
            );
        }
    }
    let mut body = Body {
        attachments,
        ..Body::default()
    };
    assemble(&blocks, limits, &mut body);
    body
}

fn assemble(blocks: &[Block], limits: &Limits, body: &mut Body) {
    let has_html = blocks.iter().any(|block| !block.html.is_empty());
    let mut html = String::new();
    body.is_from_html = has_html && blocks.iter().all(|block| block.plain.trim().is_empty());
    for block in blocks {
        match block.plain.trim().is_empty() {
            false => join(&mut body.text, &block.plain),
            true => join(
                &mut body.text,
                cut(&html::to_text(&block.html), limits.text_bytes),
            ),
        }
        if !block.html.is_empty() {
            html.push_str(&block.html);
        } else if has_html && !block.plain.trim().is_empty() {
            html.push_str("<div style=\"white-space: pre-wrap\">");
            html.push_str(html::from_text(&block.plain).as_str());
            html.push_str("</div>");
        }
    }
    body.html = has_html.then_some(html);
}

/// The outermost alternative that a part belongs to: all in it is one text.
fn alternative_of(parts: &[Part], index: usize) -> Option<usize> {
    let mut found = None;
    let mut above = parts.get(index).and_then(|part| part.parent);
    while let Some(at) = above {
        let part = parts.get(at)?;
        if part.kind.is("multipart", "alternative") {
            found = Some(at);
        }
        above = part.parent;
    }
    found
}

/// Two pieces of text with a line between them.
fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push('\n');
    }
    text.push_str(more);
}

/// At most so many bytes.
fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
}

fn plain_text(part: &Part, content: &[u8]) -> String {
    let text = lines(&charset::decode(
        content,
        part.kind.parameter("charset").unwrap_or_default(),
    ));
    let is_flowed = part
        .kind
        .parameter("format")
        .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    let deletes_space = part
        .kind
        .parameter("delsp")
        .is_some_and(|value| value.eq_ignore_ascii_case("yes"));
    if is_flowed {
        flowed::unflow(&text, deletes_space)
    } else {
        text
    }
}

/// The set is that of the header, or else the one the document names in its head.
fn html_text(part: &Part, content: &[u8]) -> String {
    let named = match part.kind.parameter("charset") {
        Some(label) => Some(label.to_owned()),
        None => {
            let head = String::from_utf8_lossy(content.get(..1_024).unwrap_or(content)).to_ascii_lowercase();
            let after = head
                .split_once("charset=")
                .map(|(_, after)| after.trim_start_matches(['"', '\'']).to_owned());
            after.map(|after| {
                after
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
                    .collect()
            })
        }
    };
    lines(&charset::decode(content, &named.unwrap_or_default()))
}

/// Every line ends in LF, and what neither a page nor a database can hold becomes U+FFFD.
fn lines(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                '\n'
            }
            '\n' | '\t' => character,
            '\u{c}' | '\u{b}' => '\n',
            control if control.is_control() => char::REPLACEMENT_CHARACTER,
            other => other,
        });
    }
    plain
}

fn attachment(part: &Part, content: Cow<'_, [u8]>) -> Attachment {
    let content_type = if part.kind.is_multipart() {
        "text/plain".to_owned()
    } else {
        part.kind.name()
    };
    let content_id = part.kind.content_id.clone();
    Attachment {
        name: safe_file_name(&part.kind.file_name().unwrap_or_default(), &content_type),
        is_inline: content_id.is_some() && !part.kind.is_attachment() && !part.kind.is_text(),
        content_type,
        content: content.into_owned(),
        content_id,
    }
}
