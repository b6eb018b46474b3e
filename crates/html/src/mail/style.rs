//! What a `style` attribute may say: how text and boxes look, in words and numbers. Nothing that loads,
//! nothing that leaves its place.

const PROPERTIES: &[&str] = &[
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "color",
    "direction",
    "display",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "max-width",
    "min-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "unicode-bidi",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
    "overflow-wrap",
];
const MOST: usize = 60;
const VALUE_BYTES: usize = 200;

/// The declarations that may stay, written anew.
pub(super) fn clean(style: &str) -> String {
    let mut clean = String::new();
    for declaration in style.split(';').take(MOST) {
        let Some((name, value)) = declaration.split_once(':') else {
            continue;
        };
        let name = name.trim().to_ascii_lowercase();
        let property = match name.as_str() {
            // The short form is common for a colour, and loads pictures otherwise.
            "background" => "background-color",
            name => name,
        };
        let value = value.trim();
        if !PROPERTIES.contains(&property) || !is_harmless(property, value) {
            continue;
        }
        if !clean.is_empty() {
            clean.push(';');
        }
        clean.push_str(property);
        clean.push(':');
        clean.push_str(value);
    }
    clean
}

fn is_harmless(property: &str, value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_plain = |c: char| c.is_alphanumeric() || " #%.,()-+!'\"_".contains(c);
    // The only functions are those of colours.
    let functions = lower.match_indices('(').all(|(at, _)| {
        ["rgb", "rgba", "hsl", "hsla"]
            .iter()
            .any(|name| lower.get(..at).is_some_and(|before| last_word(before) == *name))
    });
    let is_bounded = match property {
        "display" => lower != "contents",
        // Text pulled out of its place covers what stands there.
        "margin" | "margin-top" | "margin-left" | "margin-bottom" | "margin-right" | "text-indent"
        | "letter-spacing" | "word-spacing" => !lower.contains('-'),
        _ => true,
    };
    !value.is_empty() && value.len() <= VALUE_BYTES && value.chars().all(is_plain) && functions && is_bounded
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn looks_stay_and_everything_else_goes() {
        for (style, cleaned) in [
            ("color: #f00; FONT-SIZE:12px", "color:#f00;font-size:12px"),
            ("background:#fff", "background-color:#fff"),
            ("color:rgba(1,2,3,.5)", "color:rgba(1,2,3,.5)"),
            ("font-family:'Segoe UI',Arial", "font-family:'Segoe UI',Arial"),
            ("background:url(https://x.example/a)", ""),
            ("background-image:url(x)", ""),
            ("color:u\\72l(x)", ""),
            ("width:expression(alert(1))", ""),
            ("width:calc(1px)", ""),
            ("color:var(--x)", ""),
            ("position:fixed;top:0;z-index:9", ""),
            ("margin-left:-9999px", ""),
            ("color:red/*x*/", ""),
            ("behavior:url(x);-moz-binding:url(x)", ""),
            ("@import 'x'", ""),
            ("color:red}body{color:blue", ""),
            ("font:12px \u{0}x", ""),
            ("content:'x';list-style:url(x)", ""),
            ("mso-line-height-rule:exactly;opacity:0", ""),
        ] {
            assert_eq!(clean(style), cleaned, "{style}");
        }
    }
}
