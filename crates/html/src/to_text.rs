//! HTML as plain text, in the shape a reader would have written it.

use crate::entities;
use crate::tokens::{Tag, Token, Tokens};

const BLOCKS: &str = " address article aside blockquote body center dd details dir div dl dt fieldset figcaption figure \
    footer form h1 h2 h3 h4 h5 h6 header hr html li main menu nav ol p pre section summary table tbody tfoot thead tr ul ";
const WITH_SPACE: &str = " blockquote dl h1 h2 h3 h4 h5 h6 ol p pre table ul ";
const DEEPEST_QUOTE: usize = 20;

/// Makes text: blocks become lines, quotations begin with `> `, list items with `- `, and a link that
/// shows something else than where it leads has its address behind it.
pub fn to_text(html: &str) -> String {
    let mut writer = Writer::default();
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => writer.text(&entities::decode(text)),
            Token::Start(tag) => writer.start(&tag),
            Token::End(name) => writer.end(&name),
        }
    }
    writer.finish()
}

#[derive(Default)]
struct Writer {
    text: String,
    line: String,
    /// Lines that stand empty before the next one.
    gap: usize,
    quote: usize,
    pre: usize,
    has_space: bool,
    link: Option<(String, usize)>,
    cells: usize,
}

fn is_in(list: &str, name: &str) -> bool {
    !name.is_empty() && list.split(' ').any(|known| known == name)
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.pre > 0 {
            for (index, piece) in text.split('\n').enumerate() {
                if index > 0 {
                    self.break_line();
                }
                self.line.push_str(piece);
            }
            return;
        }
        for character in text.chars() {
            if character.is_ascii_whitespace() {
                self.has_space = true;
            } else if !matches!(character, '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{34f}') {
                self.space();
                self.line
                    .push(if character == '\u{a0}' { ' ' } else { character });
            }
        }
    }

    /// White space that was seen counts between words only.
    fn space(&mut self) {
        if std::mem::take(&mut self.has_space) && !self.line.is_empty() && !self.line.ends_with([' ', '\t']) {
            self.line.push(' ');
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        match name {
            "br" => self.break_line(),
            "img" => {
                let alternative = tag.attribute("alt").unwrap_or_default();
                if !alternative.trim().is_empty() {
                    self.text(&format!(" {} ", alternative.trim()));
                }
            }
            "td" | "th" => {
                if self.cells > 0 && !self.line.is_empty() {
                    self.has_space = true;
                }
                self.cells += 1;
            }
            "a" => {
                let address = tag.attribute("href").unwrap_or_default();
                self.space();
                self.link = Some((address.trim().to_owned(), self.line.len()));
            }
            _ => {}
        }
        if !is_in(BLOCKS, name) {
            return;
        }
        self.end_block(is_in(WITH_SPACE, name));
        match name {
            "blockquote" => self.quote += 1,
            "pre" => self.pre += 1,
            "li" => self.line.push_str("- "),
            "hr" => {
                self.line.push_str("-----");
                self.end_block(false);
            }
            "tr" => self.cells = 0,
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if name == "a" {
            self.end_link();
        }
        if !is_in(BLOCKS, name) {
            return;
        }
        self.end_block(is_in(WITH_SPACE, name));
        match name {
            "blockquote" => self.quote = self.quote.saturating_sub(1),
            "pre" => self.pre = self.pre.saturating_sub(1),
            _ => {}
        }
    }

    fn end_link(&mut self) {
        let Some((address, from)) = self.link.take() else {
            return;
        };
        let shown = self.line.get(from..).unwrap_or_default().trim();
        let is_web = ["http://", "https://"]
            .iter()
            .any(|scheme| address.starts_with(scheme));
        let bare = |text: &str| -> String {
            let text = text.trim_start_matches("https://").trim_start_matches("http://");
            text.trim_start_matches("www.")
                .trim_end_matches('/')
                .to_ascii_lowercase()
        };
        if is_web && !shown.is_empty() && address.len() <= 2_000 && bare(shown) != bare(&address) {
            self.line.push_str(&format!(" <{address}>"));
        }
    }

    fn break_line(&mut self) {
        if self.line.is_empty() {
            self.gap += 1;
        } else {
            self.write_line();
        }
        self.has_space = false;
        // A link over several lines is given up: its text is there.
        self.link = None;
    }

    fn end_block(&mut self, has_space: bool) {
        if self.line.trim().is_empty() {
            self.line.clear();
        } else {
            self.write_line();
        }
        self.has_space = false;
        self.link = None;
        if has_space {
            self.gap = self.gap.max(1);
        }
    }

    fn write_line(&mut self) {
        let depth = self.quote.min(DEEPEST_QUOTE);
        if !self.text.is_empty() {
            for _ in 0..self.gap.min(2) {
                self.text.extend(std::iter::repeat_n('>', depth));
                self.text.push('\n');
            }
        }
        self.gap = 0;
        if depth > 0 {
            self.text.extend(std::iter::repeat_n('>', depth));
            self.text.push(' ');
        }
        let line = if self.pre > 0 {
            self.line.as_str()
        } else {
            self.line.trim()
        };
        self.text.push_str(line.trim_end());
        self.text.push('\n');
        self.line.clear();
    }

    fn finish(mut self) -> String {
        self.end_block(false);
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::to_text;

    #[test]
    fn html_is_told_as_text() {
        for (html, text) in [
            ("<p>Hello&nbsp;<b>there</b></p><p>Bye</p>", "Hello there\n\nBye\n"),
            ("a<br>b<br><br>c", "a\nb\n\nc\n"),
            ("<div>a</div><div><br></div><div>b</div>", "a\n\nb\n"),
            (
                "<blockquote>q1<blockquote>q2</blockquote></blockquote>x",
                "> q1\n>>\n>> q2\n\nx\n",
            ),
            ("<ul><li>a<li>b</ul>", "- a\n- b\n"),
            (
                "<a href='https://x.example/'>x.example</a> <a href=\"https://y.example\">here</a>",
                "x.example here <https://y.example>\n",
            ),
            ("<a href='javascript:x'>no</a>", "no\n"),
            (
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
                "a b\nc\n",
            ),
            ("<pre>a\n  b</pre>", "a\n  b\n"),
            ("<style>x</style><script>y</script><!-- z -->", ""),
            (
                "1 &lt; 2 &amp;amp; <img alt='A pic' src=x>",
                "1 < 2 &amp; A pic\n",
            ),
            ("a\n  b\tc", "a b c\n"),
            ("<html><head><title>t</title></head><body>b", "b\n"),
        ] {
            assert_eq!(to_text(html), text, "{html}");
        }
    }

    #[test]
    fn deep_and_endless_documents_are_read_in_one_go() {
        for piece in [
            "<blockquote>",
            "<blockquote>a",
            "<pre>\n",
            "<li>",
            "<a href=x>a",
            "<td>x",
            "<br>",
            "<div>&",
        ] {
            let html = piece.repeat(400_000 / piece.len());
            assert!(to_text(&html).len() <= 20 * html.len());
        }
    }
}
