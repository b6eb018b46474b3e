//! The rules that all pages share, whichever surface they belong to. Each surface renders its
//! samples and holds them against these.

use std::collections::HashSet;

/// The opening tags of a page, each as written.
fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(|tag| tag.split('>').next().unwrap_or(tag))
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

/// What is wrong with a page, as readable lines.
pub(crate) fn offences(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut ids = HashSet::new();
    for tag in tags(html) {
        let element = tag.split([' ', '\n']).next().unwrap_or(tag);
        if attribute(tag, "style").is_some() {
            found.push(format!("inline style: <{tag}>"));
        }
        if tag
            .split([' ', '\n'])
            .any(|part| part.starts_with("on") && part.contains('='))
        {
            found.push(format!("inline handler: <{tag}>"));
        }
        if element == "script" && attribute(tag, "src").is_none() {
            found.push("inline script".to_owned());
        }
        if attribute(tag, "href")
            .is_some_and(|href| href == "#" || href.is_empty() || href.starts_with("javascript:"))
        {
            found.push(format!("dead link: <{tag}>"));
        }
        if let Some(id) = attribute(tag, "id")
            && (id.is_empty() || !ids.insert(id))
        {
            found.push(format!("id not unique: {id:?}"));
        }
        if element == "img" && attribute(tag, "alt").is_none() {
            found.push(format!("image without text: <{tag}>"));
        }
        if element == "svg" && !tag.contains("aria-hidden=\"true\"") && attribute(tag, "aria-label").is_none()
        {
            found.push(format!("drawing without name: <{tag}>"));
        }
    }
    for form in html.split("<form").skip(1) {
        let form = form.split("</form>").next().unwrap_or(form);
        if form.contains("method=\"post\"") && !form.contains("name=\"csrf\" value=\"") {
            found.push(format!("form without token: {form}"));
        }
    }
    for button in html.split("<button").skip(1) {
        let button = button.split("</button>").next().unwrap_or(button);
        let (tag, content) = button.split_once('>').unwrap_or((button, ""));
        let text: String = content
            .split('<')
            .filter_map(|part| part.split_once('>').map_or(Some(part), |(_, text)| Some(text)))
            .collect();
        if text.trim().is_empty() && attribute(tag, "aria-label").is_none() {
            found.push(format!("button without name: {button}"));
        }
        if attribute(tag, "type").is_none() {
            found.push(format!("button without type: {button}"));
        }
    }
    for target in html
        .split("href=\"#i-")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        if !html.contains(&format!("<symbol id=\"i-{target}\"")) {
            found.push(format!("icon not in the sprite: {target}"));
        }
    }
    found
}

#[test]
fn the_rules_find_what_breaks_them() {
    for broken in [
        "<p style=\"color:red\">",
        "<p onclick=\"x()\">",
        "<script>x()</script>",
        "<a href=\"#\">",
        "<a id=\"a\"></a><b id=\"a\"></b>",
        "<img src=\"x\">",
        "<svg viewBox=\"0 0 1 1\">",
        "<form method=\"post\" action=\"/x\"></form>",
        "<button type=\"button\"><svg aria-hidden=\"true\"></svg></button>",
        "<button>Go</button>",
        "<use href=\"#i-nowhere\"/>",
    ] {
        assert!(!offences(broken).is_empty(), "{broken}");
    }
}
