//! From the events of the Markdown reader to pieces of HTML, sections and links.

use super::anchors::Anchors;
use super::link::Target;
use super::writer::Writer;
use super::{Document, Rules, Section};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};

/// A document while it is read.
pub(super) struct Reading<'a> {
    rules: &'a Rules<'a>,
    out: Writer<'a>,
    anchors: Anchors,
    sections: Vec<Section>,
    links: Vec<Target>,
    description: Option<String>,
    /// Whether each link that is still open was written as one.
    open_links: Vec<bool>,
    in_table_head: bool,
    in_heading_cell: bool,
    /// Inside an image, whose description stands for it.
    words_only: usize,
    tables: usize,
}

impl<'a> Reading<'a> {
    pub(super) fn new(rules: &'a Rules<'a>) -> Self {
        Self {
            rules,
            out: Writer::new(rules.blanks),
            anchors: Anchors::default(),
            sections: vec![Section::default()],
            links: Vec::new(),
            description: None,
            open_links: Vec::new(),
            in_table_head: false,
            in_heading_cell: false,
            words_only: 0,
            tables: 0,
        }
    }

    pub(super) fn read(mut self, events: &[Event<'_>]) -> Document {
        let mut rest = events;
        while let Some((event, after)) = rest.split_first() {
            rest = after;
            match event {
                Event::Start(Tag::Heading { level, .. }) => rest = self.heading(*level, rest),
                Event::Start(Tag::CodeBlock(kind)) => rest = self.code(kind, rest),
                Event::Start(Tag::BlockQuote(_)) => self.quote(rest),
                Event::Start(Tag::Paragraph) => self.paragraph(rest),
                Event::Start(Tag::TableCell) => self.cell(rest),
                Event::Start(tag) => self.start(tag),
                Event::End(tag) => self.end(*tag),
                inline => self.inline(inline),
            }
        }
        // What stands before the title, or in a document without one, is a section only if it is there.
        let first = self.sections.first();
        if first.is_some_and(|first| first.level == 0 && first.text.trim().is_empty()) {
            self.sections.remove(0);
        }
        for section in &mut self.sections {
            section.text = squeezed(&section.text);
        }
        let title = self.sections.iter().find(|section| section.level == 1);
        Document {
            title: title.map(|title| title.title.clone()).unwrap_or_default(),
            description: self.description.unwrap_or_default(),
            sections: self.sections,
            links: self.links,
            pieces: self.out.finish(),
        }
    }

    /// A heading, with a link to itself beside it. The first one is the title and has none.
    fn heading<'e>(&mut self, level: HeadingLevel, rest: &'e [Event<'e>]) -> &'e [Event<'e>] {
        let length = rest
            .iter()
            .position(|event| matches!(event, Event::End(TagEnd::Heading(_))));
        let (content, after) = rest
            .split_at_checked(length.unwrap_or(rest.len()))
            .unwrap_or_default();
        let title = words(content);
        let anchor = self.anchors.of(&title);
        let is_title = !self.sections.iter().any(|section| section.level == 1);
        let level = if is_title { 1 } else { (level as usize).max(2) };
        self.sections.push(Section {
            level,
            anchor: anchor.clone(),
            title: title.clone(),
            text: String::new(),
        });
        if !is_title {
            self.out.raw("<div class=\"heading\">");
        }
        self.out.raw(&format!("<h{level} id=\""));
        self.out.text(&anchor);
        self.out.raw("\">");
        for event in content {
            match event {
                Event::Start(tag) => self.start(tag),
                Event::End(tag) => self.end(*tag),
                inline => self.inline_unheard(inline),
            }
        }
        self.out.raw(&format!("</h{level}>"));
        if !is_title {
            self.out.raw("<a class=\"heading-link\" href=\"#");
            self.out.text(&anchor);
            self.out.raw("\" aria-label=\"Link to ");
            self.out.text(&title);
            self.out.raw("\">#</a></div>");
        }
        self.out.raw("\n");
        after.get(1..).unwrap_or_default()
    }

    /// A block of code under the name of its file, with a button that a script brings to life.
    fn code<'e>(&mut self, kind: &CodeBlockKind<'_>, rest: &'e [Event<'e>]) -> &'e [Event<'e>] {
        let length = rest
            .iter()
            .position(|event| matches!(event, Event::End(TagEnd::CodeBlock)));
        let (content, after) = rest
            .split_at_checked(length.unwrap_or(rest.len()))
            .unwrap_or_default();
        let code = words(content);
        let info = match kind {
            CodeBlockKind::Fenced(info) => info.as_ref(),
            CodeBlockKind::Indented => "",
        };
        let name = name_of_code(info);
        self.out.raw(
            "<div class=\"code\" data-controller=\"copy\"><div class=\"code-head\"><span class=\"clip\">",
        );
        self.out.text(&name);
        self.out.raw("</span><button class=\"btn btn-ghost btn-sm\" type=\"button\" data-scripted hidden data-copy-target=\"button\" data-copies=\"");
        self.out.text(&name);
        self.out.raw(
            "\" data-action=\"copy#copy\"><span data-copy-target=\"label\">Copy</span><span class=\"vh\"> ",
        );
        self.out.text(&name);
        self.out
            .raw("</span></button></div><pre tabindex=\"0\" role=\"group\" aria-label=\"");
        self.out.text(&name);
        self.out.raw("\"><code data-copy-target=\"source\">");
        self.out.text(code.trim_end_matches('\n'));
        self.out.raw("</code></pre></div>\n");
        self.hear(&code);
        self.hear("\n");
        after.get(1..).unwrap_or_default()
    }

    /// A quotation. One that begins with **Note** or **Warning** is that.
    fn quote(&mut self, rest: &[Event<'_>]) {
        let label = match rest {
            [
                Event::Start(Tag::Paragraph),
                Event::Start(Tag::Strong),
                Event::Text(label),
                Event::End(TagEnd::Strong),
                ..,
            ] => label.as_ref(),
            _ => "",
        };
        self.out.raw(match label {
            "Note" => "<blockquote class=\"callout\">",
            "Warning" => "<blockquote class=\"callout callout-warn\">",
            _ => "<blockquote>",
        });
    }

    fn paragraph(&mut self, rest: &[Event<'_>]) {
        let has_title = self.sections.iter().any(|section| section.level == 1);
        if has_title && self.description.is_none() {
            let length = rest
                .iter()
                .position(|event| matches!(event, Event::End(TagEnd::Paragraph)));
            let content = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
            self.description = Some(squeezed(&words(content)));
            self.out.raw("<p class=\"lead\">");
        } else {
            self.out.raw("<p>");
        }
    }

    /// A cell of a table. An empty one at the head of a column heads nothing.
    fn cell(&mut self, rest: &[Event<'_>]) {
        let is_empty = matches!(rest.first(), Some(Event::End(TagEnd::TableCell)));
        self.in_heading_cell = self.in_table_head && !is_empty;
        self.out.raw(if self.in_heading_cell {
            "<th scope=\"col\">"
        } else {
            "<td>"
        });
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::List(None) => self.out.raw("<ul>"),
            Tag::List(Some(1)) => self.out.raw("<ol>"),
            Tag::List(Some(first)) => self.out.raw(&format!("<ol start=\"{first}\">")),
            Tag::Item => self.out.raw("<li>"),
            Tag::Emphasis => self.out.raw("<em>"),
            Tag::Strong => self.out.raw("<strong>"),
            Tag::Strikethrough => self.out.raw("<s>"),
            Tag::Link { dest_url, .. } => self.link(dest_url),
            Tag::Image { .. } => self.words_only += 1,
            Tag::Table(_) => {
                self.tables += 1;
                let number = self.tables;
                self.out.raw(&format!(
                    "<div class=\"table-wrap\" tabindex=\"0\" role=\"group\" aria-label=\"Table {number}\"><table class=\"table\">"
                ));
            }
            Tag::TableHead => {
                self.in_table_head = true;
                self.out.raw("<thead><tr>");
            }
            Tag::TableRow => self.out.raw("<tr>"),
            Tag::HtmlBlock => self.out.raw("<p>"),
            // Handled before, or not switched on.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        self.out.raw(match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => "</p>\n",
            TagEnd::BlockQuote(_) => "</blockquote>\n",
            TagEnd::List(true) => "</ol>\n",
            TagEnd::List(false) => "</ul>\n",
            TagEnd::Item => "</li>\n",
            TagEnd::Emphasis => "</em>",
            TagEnd::Strong => "</strong>",
            TagEnd::Strikethrough => "</s>",
            TagEnd::Link if self.open_links.pop() == Some(true) => "</a>",
            TagEnd::Table => "</tbody></table></div>\n",
            TagEnd::TableHead => "</tr></thead><tbody>",
            TagEnd::TableRow => "</tr>\n",
            TagEnd::TableCell if self.in_heading_cell => "</th>",
            TagEnd::TableCell => "</td>",
            _ => "",
        });
        match tag {
            TagEnd::TableHead => self.in_table_head = false,
            TagEnd::Image => self.words_only = self.words_only.saturating_sub(1),
            TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell | TagEnd::HtmlBlock => self.hear("\n"),
            _ => {}
        }
    }

    fn inline(&mut self, event: &Event<'_>) {
        self.hear(&words(std::slice::from_ref(event)));
        self.inline_unheard(event);
    }

    fn inline_unheard(&mut self, event: &Event<'_>) {
        match event {
            Event::Code(code) if self.words_only == 0 => {
                self.out.raw("<code>");
                self.out.text(code);
                self.out.raw("</code>");
            }
            // HTML of the document is text like any other.
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.out.text(text);
            }
            Event::SoftBreak => self.out.raw("\n"),
            Event::HardBreak => self.out.raw("<br>\n"),
            Event::Rule => self.out.raw("<hr>\n"),
            _ => {}
        }
    }

    fn link(&mut self, destination: &str) {
        // A link inside the words of an image has no place of its own.
        let target = Target::of(destination, self.rules);
        let is_shown = self.words_only == 0 && !matches!(target, Target::Refused(_));
        self.open_links.push(is_shown);
        if is_shown {
            self.out.raw("<a href=\"");
            self.address(&target);
            self.out.raw("\">");
        }
        self.links.push(target);
    }

    fn address(&mut self, target: &Target) {
        match target {
            Target::Document { slug, anchor } => {
                self.out.text(self.rules.folder);
                self.out.text(slug);
                self.out.query();
                if !anchor.is_empty() {
                    self.out.text("#");
                    self.out.text(anchor);
                }
            }
            Target::Here(anchor) => {
                self.out.text("#");
                self.out.text(anchor);
            }
            Target::Path(address) | Target::Elsewhere(address) => self.out.text(address),
            Target::Refused(_) => {}
        }
    }

    /// Keeps plain text for the present section.
    fn hear(&mut self, text: &str) {
        if let Some(section) = self.sections.last_mut() {
            section.text.push_str(text);
        }
    }
}

/// The plain text of some events.
fn words(events: &[Event<'_>]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(words) | Event::Code(words) | Event::Html(words) | Event::InlineHtml(words) => {
                text.push_str(words);
            }
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

/// Each stretch of white space as one space.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands above a block of code: its `title`, or else its language.
fn name_of_code(info: &str) -> String {
    let (language, attributes) = info.split_once(char::is_whitespace).unwrap_or((info, ""));
    let title = attributes
        .split_once("title=\"")
        .and_then(|(_, rest)| rest.split('"').next())
        .filter(|title| !title.trim().is_empty());
    if let Some(title) = title {
        return title.to_owned();
    }
    let known = LANGUAGES.iter().find(|(short, _)| *short == language);
    known.map_or("Code", |(_, name)| name).to_owned()
}

const LANGUAGES: &[(&str, &str)] = &[
    ("astro", "Astro"),
    ("bash", "Terminal"),
    ("blade", "Blade"),
    ("console", "Terminal"),
    ("css", "CSS"),
    ("erb", "ERB"),
    ("go", "Go"),
    ("html", "HTML"),
    ("http", "HTTP"),
    ("ini", "Settings"),
    ("java", "Java"),
    ("javascript", "JavaScript"),
    ("js", "JavaScript"),
    ("json", "JSON"),
    ("jsx", "JSX"),
    ("nginx", "nginx"),
    ("php", "PHP"),
    ("py", "Python"),
    ("python", "Python"),
    ("rb", "Ruby"),
    ("ruby", "Ruby"),
    ("sh", "Terminal"),
    ("shell", "Terminal"),
    ("sql", "SQL"),
    ("svelte", "Svelte"),
    ("text", "Text"),
    ("toml", "TOML"),
    ("ts", "TypeScript"),
    ("tsx", "TSX"),
    ("typescript", "TypeScript"),
    ("vue", "Vue"),
    ("yaml", "YAML"),
    ("yml", "YAML"),
];
