//! HTML of mail, made safe to show.
//!
//! A tokenizer and an allow-list write a small language anew: elements that browsers read by the rules
//! of text only, every attribute quoted, every element closed. There is no script, form, frame, SVG,
//! MathML or comment in it, so that no browser can read it otherwise than it was written (mutation), and
//! what was made once is made the same again. Depth and length are bounded, and the time is that of one
//! reading.
//!
//! Show it in a frame of its own without scripts all the same.

mod style;

use crate::SafeHtml;
use crate::entities;
use crate::text::escape;
use crate::tokens::{Tag, Token, Tokens};

/// Elements that are written, besides `a` and `img`.
const ELEMENTS: &[&str] = &[
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];
const EMPTY: &[&str] = &["br", "col", "hr", "img", "wbr"];
/// Attributes of any element whose values are words or numbers.
const PLAIN: &[&str] = &[
    "align",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "color",
    "cols",
    "colspan",
    "dir",
    "face",
    "height",
    "lang",
    "rows",
    "rowspan",
    "size",
    "span",
    "start",
    "title",
    "type",
    "valign",
    "width",
    "alt",
    "role",
    "nowrap",
    "reversed",
];
const SCHEMES: &[&str] = &["http:", "https:", "mailto:", "tel:"];
/// Deeper elements lose their tags and keep their text.
const DEEPEST: usize = 100;
const VALUE_BYTES: usize = 2_000;
/// A picture of one transparent dot, in place of those that are not loaded.
const DOT: &str = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/// What becomes of pictures.
#[derive(Clone, Copy)]
pub struct Pictures<'a> {
    /// The address of an attached picture by its Content-ID; `None` when there is none.
    pub attached: &'a dyn Fn(&str) -> Option<String>,
    /// True to load pictures from elsewhere, which tells their servers who reads when. Otherwise their
    /// address waits in `data-remote-src`.
    pub loads_remote: bool,
}

/// HTML that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanMail {
    /// The HTML.
    pub html: SafeHtml,
    /// How many pictures from elsewhere it has, loaded or not.
    pub remote_pictures: usize,
}

/// Makes the HTML of a mail safe.
pub fn clean(html: &str, pictures: Pictures<'_>) -> CleanMail {
    let mut writer = Writer {
        html: String::with_capacity(html.len()),
        open: Vec::new(),
        pictures,
        remote_pictures: 0,
    };
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => escape(&entities::decode(text), &mut writer.html),
            Token::Start(tag) => writer.start(&tag),
            Token::End(name) => writer.end(&name),
        }
    }
    while let Some(name) = writer.open.pop() {
        writer.close(name);
    }
    CleanMail {
        html: SafeHtml(writer.html),
        remote_pictures: writer.remote_pictures,
    }
}

struct Writer<'a> {
    html: String,
    /// The elements that are open.
    open: Vec<&'static str>,
    pictures: Pictures<'a>,
    remote_pictures: usize,
}

impl Writer<'_> {
    fn start(&mut self, tag: &Tag<'_>) {
        if tag.name == "img" {
            self.picture(tag);
            return;
        }
        let Some(name) = written(&tag.name) else {
            return;
        };
        let is_empty = EMPTY.contains(&name);
        // A link within a link would end the outer one in a browser, and not here.
        let is_nested_link = name == "a" && self.open.contains(&"a");
        if is_nested_link || (!is_empty && self.open.len() >= DEEPEST) {
            return;
        }
        self.html.push('<');
        self.html.push_str(name);
        if name == "a" {
            self.link(tag);
        }
        self.attributes(tag);
        self.html.push('>');
        if !is_empty {
            self.open.push(name);
        }
    }

    fn end(&mut self, name: &str) {
        let Some(at) = self.open.iter().rposition(|open| *open == name) else {
            return;
        };
        // What a table holds cannot close what stands around the table.
        let cells = ["td", "th", "table"];
        let is_outside = self.open.iter().skip(at + 1).any(|open| cells.contains(open));
        if is_outside && !matches!(name, "table" | "tbody" | "thead" | "tfoot" | "tr" | "td" | "th") {
            return;
        }
        while self.open.len() > at {
            if let Some(open) = self.open.pop() {
                self.close(open);
            }
        }
    }

    fn close(&mut self, name: &str) {
        self.html.push_str("</");
        self.html.push_str(name);
        self.html.push('>');
    }

    fn link(&mut self, tag: &Tag<'_>) {
        if let Some(address) = tag.attribute("href").and_then(|address| link_address(&address)) {
            self.attribute("href", &address);
            self.attribute("target", "_blank");
            self.attribute("rel", "noopener noreferrer nofollow");
        }
    }

    fn picture(&mut self, tag: &Tag<'_>) {
        // What was made before carries where it came from, so that it is made the same again. A path
        // of this site is never taken from a mail.
        let given = ["data-cid", "data-remote-src", "src"].iter().find_map(|name| {
            let value = tag.attribute(name)?;
            Some(if *name == "data-cid" {
                format!("cid:{value}")
            } else {
                value
            })
        });
        let given = without_blanks(&given.unwrap_or_default());
        let (id, remote) = (cid(&given), remote_address(&given));
        let attached = id
            .as_deref()
            .and_then(|id| (self.pictures.attached)(id))
            .filter(|address| is_path(address));
        let shown = match &remote {
            _ if id.is_some() => attached,
            Some(address) if self.pictures.loads_remote => Some(address.clone()),
            Some(_) => Some(DOT.to_owned()),
            None => None,
        };
        self.remote_pictures += usize::from(remote.is_some());
        let alternative = tag.attribute("alt").unwrap_or_default();
        let Some(shown) = shown else {
            escape(&alternative, &mut self.html);
            return;
        };
        self.html.push_str("<img");
        self.attribute("src", &shown);
        if let Some(id) = id {
            self.attribute("data-cid", &id);
        } else if let Some(remote) = remote.filter(|_| !self.pictures.loads_remote) {
            self.attribute("data-remote-src", &remote);
        }
        self.attribute("referrerpolicy", "no-referrer");
        self.attributes(tag);
        self.html.push('>');
    }

    fn attributes(&mut self, tag: &Tag<'_>) {
        for name in PLAIN {
            if let Some(value) = tag.attribute(name).filter(|value| value.len() <= VALUE_BYTES) {
                self.attribute(name, &value);
            }
        }
        if let Some(style) = tag
            .attribute("style")
            .map(|style| style::clean(&style))
            .filter(|style| !style.is_empty())
        {
            self.attribute("style", &style);
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.html.push(' ');
        self.html.push_str(name);
        self.html.push_str("=\"");
        escape(value, &mut self.html);
        self.html.push('"');
    }
}

/// The name to write for an element that may be written.
fn written(name: &str) -> Option<&'static str> {
    if name == "a" {
        return Some("a");
    }
    ELEMENTS.iter().find(|known| **known == name).copied()
}

/// Browsers skip white space and controls within an address.
fn without_blanks(address: &str) -> String {
    address
        .chars()
        .filter(|c| !c.is_control() && !c.is_whitespace())
        .collect()
}

/// An address that may be followed: of the web, mail or telephone, and written out.
fn link_address(address: &str) -> Option<String> {
    let address = address.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let address: String = address
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .collect();
    let address = address.replace(' ', "%20");
    let lower = address
        .get(..address.floor_char_boundary(10))?
        .to_ascii_lowercase();
    let is_known = SCHEMES.iter().any(|scheme| lower.starts_with(scheme));
    let is_plain = !address.chars().any(|c| c.is_control() || c == '\\');
    (is_known && is_plain && address.len() <= VALUE_BYTES).then_some(address)
}

/// The address of a picture on another server.
fn remote_address(address: &str) -> Option<String> {
    let lower = address
        .get(..address.floor_char_boundary(8))?
        .to_ascii_lowercase();
    let is_remote = lower.starts_with("https:") || lower.starts_with("http:") || address.starts_with("//");
    let address = if address.starts_with("//") {
        format!("https:{address}")
    } else {
        address.to_owned()
    };
    (is_remote && address.len() <= VALUE_BYTES && !address.contains('\\')).then_some(address)
}

fn cid(address: &str) -> Option<String> {
    let (scheme, id) = address.split_once(':')?;
    scheme
        .eq_ignore_ascii_case("cid")
        .then(|| id.trim_matches(['<', '>']).to_owned())
}

/// A path of this site: what the caller makes of an attached picture.
fn is_path(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//") && !address.contains('\\')
}

#[cfg(test)]
mod tests;
