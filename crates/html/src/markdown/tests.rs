use super::*;
use proptest::prelude::*;

const RULES: Rules<'static> = Rules {
    folder: "/docs/",
    blanks: &["{{BASE_URL}}", "{{HELPDESK_ID}}"],
};

fn parse(markdown: &str) -> Document {
    Document::parse(markdown, &RULES)
}

/// The HTML of a text below a title, for a reader with plain values.
fn html(markdown: &str) -> String {
    let document = parse(&format!("# T\n\nD.\n\n{markdown}"));
    let html = document.fill(&["https://a.example", "the-id"], "");
    let body = html.as_str().split_once("<p class=\"lead\">D.</p>\n").unwrap().1;
    body.trim_end().to_owned()
}

#[test]
fn markdown_becomes_plain_elements() {
    for (markdown, wanted) in [
        (
            "a *b* **c** `d` ~~e~~",
            "<p>a <em>b</em> <strong>c</strong> <code>d</code> <s>e</s></p>",
        ),
        ("- a\n- b", "<ul><li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", "<ol start=\"3\"><li>a</li>\n<li>b</li>\n</ol>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("***", "<hr>"),
        ("> a", "<blockquote><p>a</p>\n</blockquote>"),
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
        (
            "![The *panel*](https://x.example/a.png)",
            "<p>The <em>panel</em></p>",
        ),
    ] {
        assert_eq!(html(markdown), wanted, "{markdown:?}");
    }
}

#[test]
fn headings_carry_an_id_and_a_link_to_it() {
    assert_eq!(
        html("## Sign the `email`\n\n### Sign the email\n\n# Another top"),
        "<div class=\"heading\"><h2 id=\"sign-the-email\">Sign the <code>email</code></h2>\
         <a class=\"heading-link\" href=\"#sign-the-email\" aria-label=\"Link to Sign the email\">#</a></div>\n\
         <div class=\"heading\"><h3 id=\"sign-the-email-1\">Sign the email</h3>\
         <a class=\"heading-link\" href=\"#sign-the-email-1\" aria-label=\"Link to Sign the email\">#</a></div>\n\
         <div class=\"heading\"><h2 id=\"another-top\">Another top</h2>\
         <a class=\"heading-link\" href=\"#another-top\" aria-label=\"Link to Another top\">#</a></div>"
    );
}

#[test]
fn title_description_and_sections_are_plain_text() {
    let document = parse(
        "# The `Guide`\n\nWhat it\nis [for](wix.md).\n\nMore.\n\n## One\n\n- a\n- b\n\n```sh\nrun me\n```\n",
    );
    assert_eq!(document.title, "The Guide");
    assert_eq!(document.description, "What it is for.");
    let section = |level, anchor: &str, title: &str, text: &str| Section {
        level,
        anchor: anchor.to_owned(),
        title: title.to_owned(),
        text: text.to_owned(),
    };
    assert_eq!(
        document.sections,
        [
            section(1, "the-guide", "The Guide", "What it is for. More."),
            section(2, "one", "One", "a b run me"),
        ]
    );
}

#[test]
fn a_table_can_be_scrolled_by_keyboard() {
    assert_eq!(
        html("| a | b |\n|---|--:|\n| 1 | `2` |"),
        "<div class=\"table-wrap\" tabindex=\"0\" role=\"group\" aria-label=\"Table 1\"><table class=\"table\">\
         <thead><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></thead><tbody>\
         <tr><td>1</td><td><code>2</code></td></tr>\n</tbody></table></div>"
    );
}

#[test]
fn an_empty_cell_heads_no_column() {
    let shown = html("| a |  |\n|---|---|\n| 1 |  |");
    let head = "<thead><tr><th scope=\"col\">a</th><td></td></tr></thead>";
    assert!(
        shown.contains(head) && shown.contains("<tr><td>1</td><td></td></tr>"),
        "{shown}"
    );
}

#[test]
fn code_stands_under_its_file_or_language_and_what_is_for_tests_is_not_shown() {
    for (info, name) in [
        ("python title=\"sign.py\" test=python-sign", "sign.py"),
        ("python test=python-sign", "Python"),
        ("sh", "Terminal"),
        ("unheard-of", "Code"),
        ("", "Code"),
        ("js title=\"\"", "JavaScript"),
        ("js title=\"<b>.js\"", "&lt;b&gt;.js"),
    ] {
        let html = html(&format!("```{info}\nif (a < b) {{}}\n\nend\n```"));
        assert!(
            html.contains(&format!("<span class=\"clip\">{name}</span>")),
            "{info}: {html}"
        );
        assert!(html.contains(&format!("aria-label=\"{name}\"")), "{info}: {html}");
        assert!(
            html.contains(">if (a &lt; b) {}\n\nend</code></pre>"),
            "{info}: {html}"
        );
        assert!(!html.contains("python-sign"), "{info}: {html}");
    }
}

#[test]
fn a_note_and_a_warning_are_marked_as_such() {
    for (markdown, start) in [
        ("> **Note** Mind it.", "<blockquote class=\"callout\">"),
        ("> **Note**\n> Mind it.", "<blockquote class=\"callout\">"),
        (
            "> **Warning** Mind it.",
            "<blockquote class=\"callout callout-warn\">",
        ),
        ("> **Notes** Mind it.", "<blockquote>"),
        ("> Mind the **Note**.", "<blockquote>"),
    ] {
        assert!(
            html(markdown).starts_with(start),
            "{markdown:?}: {}",
            html(markdown)
        );
    }
}

#[test]
fn links_lead_to_documents_headings_and_https_alone() {
    let markdown = "[a](wix.md#test-it) [b](#here) [c](/sign-in) [d](https://d.example/?x=1&y=2) [e]({{BASE_URL}}/x) [f](javascript:alert(1)) [g](http://g.example) <https://h.example>";
    assert_eq!(
        html(markdown),
        "<p><a href=\"/docs/wix#test-it\">a</a> <a href=\"#here\">b</a> <a href=\"/sign-in\">c</a> \
         <a href=\"https://d.example/?x=1&amp;y=2\">d</a> <a href=\"https://a.example/x\">e</a> f g \
         <a href=\"https://h.example\">https://h.example</a></p>"
    );
    let document = parse(&format!("# T\n\n{markdown}"));
    assert_eq!(document.links.len(), 8);
    let refused: Vec<_> = document
        .links
        .iter()
        .filter(|link| matches!(link, Target::Refused(_)))
        .collect();
    assert_eq!(refused.len(), 2);
    let chosen = document.fill(&["", ""], "?helpdesk=a&b");
    assert!(
        chosen
            .as_str()
            .contains("href=\"/docs/wix?helpdesk=a&amp;b#test-it\""),
        "{chosen}"
    );
}

#[test]
fn blanks_are_filled_exactly_and_escaped_everywhere() {
    let document = parse(
        "# T\n\nAt {{BASE_URL}}, `{{HELPDESK_ID}}` and {{ email }} or {{BASE_URL }} or {{OTHER}}.\n\n```html title=\"{{HELPDESK_ID}}\"\n<script src=\"{{BASE_URL}}/x.js\" data-id=\"{{HELPDESK_ID}}\">\n```\n\n[a]({{BASE_URL}}/y)",
    );
    let hostile = "\"><script>{{HELPDESK_ID}}'&";
    let shown = document.fill(&[hostile, "i<d"], "").as_str().to_owned();
    let escaped = "&quot;&gt;&lt;script&gt;{{HELPDESK_ID}}&#39;&amp;";
    assert!(
        shown.contains(&format!(
            "At {escaped}, <code>i&lt;d</code> and {{{{ email }}}} or {{{{BASE_URL }}}} or {{{{OTHER}}}}."
        )),
        "{shown}"
    );
    assert!(
        shown.contains(&format!(
            "src=&quot;{escaped}/x.js&quot; data-id=&quot;i&lt;d&quot;"
        )),
        "{shown}"
    );
    assert!(shown.contains(&format!("<a href=\"{escaped}/y\">")), "{shown}");
    assert!(!shown.contains("<script"), "{shown}");
    assert!(document.has_blank(0) && document.has_blank(1));
    assert!(!parse("# T\n\n{{HELPDESK_ID }}").has_blank(1));
}

#[test]
fn no_html_of_the_document_passes() {
    for hostile in [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<div\nonclick=\"x\">\n\n*a*\n\n</div>",
        "<!-- x -->",
        "# <b>x</b>",
        "[<i>x</i>](<javascript:alert(1)>)",
        "[x](https://a.example/\"onmouseover=alert(1))",
        "```\"><script>\n</code></pre><script>\n```",
        "| <b>a</b> |\n|---|\n| <script> |",
        "![<script>](javascript:x)",
    ] {
        let shown = html(hostile);
        let foreign = [
            "<script",
            "<img",
            "<div\n",
            "<b>",
            "<i>",
            "<!--",
            " onmouseover=",
            "href=\"javascript",
        ];
        for piece in foreign {
            assert!(!shown.contains(piece), "{hostile:?}: {shown}");
        }
    }
}

/// The elements that this crate writes.
const OURS: &[&str] = &[
    "a",
    "blockquote",
    "br",
    "button",
    "code",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

proptest! {
    #[test]
    fn any_text_becomes_whole_elements_of_ours(
        text in r##"([a-z <>"'&\[\]()#*_`{}|~=:/\n-]|<b>|\n\n|\n- |\n> |```|\]\(|\|---\||!\[|\{\{BASE_URL\}\}){0,60}"##
    ) {
        let document = parse(&text);
        let shown = document.fill(&["<&\"'", "<x>"], "").as_str().to_owned();
        let mut open = Vec::new();
        for tag in shown.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').expect("every < begins a tag");
            let name = tag.split([' ', '\n']).next().unwrap();
            match name.strip_prefix('/') {
                Some(name) => prop_assert_eq!(open.pop(), Some(name), "{}", shown),
                None => {
                    prop_assert!(OURS.contains(&name), "<{}> in {}", tag, shown);
                    prop_assert_eq!(tag.matches('"').count() % 2, 0, "{}", shown);
                    if !matches!(name, "br" | "hr") {
                        open.push(name);
                    }
                }
            }
        }
        prop_assert!(open.is_empty(), "{:?} in {}", open, shown);
    }
}
