//! How the embeds look. Values travel into style sheets of other people's pages, so only plain
//! lengths and colours are taken.

use std::collections::BTreeMap;

/// How the embeds look unless the script tag says otherwise. Absent fields mean the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Appearance {
    /// left, center or right.
    pub align: Option<String>,
    /// CSS length.
    pub max_width: Option<String>,
    /// CSS colour.
    pub accent: Option<String>,
    /// auto, light or dark.
    pub theme: Option<String>,
    /// `none` hides the outer border.
    pub border: Option<String>,
}

/// The same as somebody typed it; empty means the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// left, center or right.
    pub align: String,
    /// A length.
    pub max_width: String,
    /// A colour.
    pub accent: String,
    /// auto, light or dark.
    pub theme: String,
    /// `none` or nothing.
    pub border: String,
}

/// What is wrong, by field.
pub type Wrong = BTreeMap<&'static str, &'static str>;

const UNITS: &[&str] = &["px", "rem", "em", "ch", "vw", "%"];
const NARROWEST_PX: f64 = 280.0;
const WIDEST: f64 = 9_999.0;
const FUNCTIONS: &[&str] = &["rgb(", "hsl(", "oklch("];

impl Typed {
    /// The looks to keep.
    ///
    /// # Errors
    /// What is wrong with each field that cannot be kept.
    pub fn checked(&self) -> Result<Appearance, Wrong> {
        let mut wrong = Wrong::new();
        let mut choice = |field, value: &str, allowed: &[&str], default: &str| {
            let value = value.trim();
            if value.is_empty() || value == default {
                return None;
            }
            if !allowed.contains(&value) {
                wrong.insert(field, "Choose one of the offered values");
            }
            Some(value.to_owned())
        };
        let align = choice("align", &self.align, &["left", "right"], "center");
        let theme = choice("theme", &self.theme, &["light", "dark"], "auto");
        let border = choice("border", &self.border, &["none"], "");
        let max_width = optional(&self.max_width, length).unwrap_or_else(|why| {
            wrong.insert("max_width", why);
            None
        });
        let accent = optional(&self.accent, colour).unwrap_or_else(|why| {
            wrong.insert("accent", why);
            None
        });
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Appearance {
            align,
            max_width,
            accent,
            theme,
            border,
        })
    }
}

impl From<&Appearance> for Typed {
    fn from(kept: &Appearance) -> Self {
        let text = |value: &Option<String>, default: &str| value.as_deref().unwrap_or(default).to_owned();
        Self {
            align: text(&kept.align, "center"),
            max_width: text(&kept.max_width, ""),
            accent: text(&kept.accent, ""),
            theme: text(&kept.theme, "auto"),
            border: text(&kept.border, ""),
        }
    }
}

type Read = Result<String, &'static str>;

fn optional(text: &str, read: fn(&str) -> Read) -> Result<Option<String>, &'static str> {
    let text = text.trim().to_ascii_lowercase();
    if text.is_empty() {
        return Ok(None);
    }
    read(&text).map(Some)
}

/// A length as style sheets write it; a bare number counts pixels.
fn length(text: &str) -> Read {
    const WRONG: &str = "Write a width such as 720px, 48rem or 100%";
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = if unit.is_empty() { "px" } else { unit };
    let plain =
        number.len() <= 8 && number.starts_with(|c: char| c.is_ascii_digit()) && !number.ends_with('.');
    let value: f64 = number.parse().map_err(|_| WRONG)?;
    if !plain || !UNITS.contains(&unit) || value <= 0.0 || value > WIDEST {
        return Err(WRONG);
    }
    if unit == "px" && value < NARROWEST_PX {
        return Err("The panel needs at least 280px");
    }
    if unit == "%" && value > 100.0 {
        return Err("A share of the page is at most 100%");
    }
    Ok(format!("{number}{unit}"))
}

/// A colour in hex, or by one of the common functions with plain numbers.
fn colour(text: &str) -> Read {
    const WRONG: &str = "Write a colour such as #0f6471 or rgb(15 100 113)";
    if let Some(digits) = text.strip_prefix('#') {
        let good = matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        return if good { Ok(text.to_owned()) } else { Err(WRONG) };
    }
    let inside = FUNCTIONS
        .iter()
        .find_map(|function| text.strip_prefix(function)?.strip_suffix(')'))
        .ok_or(WRONG)?;
    let numbers: Vec<&str> = inside
        .split([' ', ','])
        .filter(|number| !number.is_empty())
        .collect();
    let is_number = |number: &&str| {
        let bare = number.trim_end_matches("deg").trim_end_matches('%');
        bare.len() <= 8
            && bare.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && bare.parse::<f64>().is_ok()
            && bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    if numbers.len() == 3 && numbers.iter().all(is_number) {
        return Ok(text.to_owned());
    }
    Err(WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_colours_are_taken_when_they_are_plain() {
        for (given, kept) in [
            ("720px", "720px"),
            (" 48REM ", "48rem"),
            ("640", "640px"),
            ("100%", "100%"),
            ("62.5ch", "62.5ch"),
        ] {
            assert_eq!(
                length(&given.trim().to_ascii_lowercase()).as_deref(),
                Ok(kept),
                "{given}"
            );
        }
        for bad in [
            "0",
            "0px",
            "12px",
            "-5px",
            "1e3px",
            "calc(100% - 1px)",
            "var(--x)",
            "none",
            "720 px",
            "720px;color:red",
            "99999px",
            "101%",
            "px",
            ".px",
            "5.",
            "720px}",
            "\u{663}px",
        ] {
            assert!(length(bad).is_err(), "{bad}");
        }
        for good in [
            "#0f6471",
            "#abc",
            "rgb(15 100 113)",
            "hsl(190deg, 77%, 25%)",
            "oklch(0.5 0.1 210)",
        ] {
            assert_eq!(colour(good).as_deref(), Ok(good));
        }
        for bad in [
            "#0f64",
            "#ggg",
            "0f6471",
            "red;background:url(x)",
            "url(https://x.example)",
            "rgb(1 2)",
            "rgb(1 2 3) url(x)",
            "rgb(var(--x) 2 3)",
            "rgb(nan inf 3)",
            "teal",
            "expression(1)",
        ] {
            assert!(colour(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn defaults_are_not_kept_and_each_fault_is_named() {
        let typed = Typed::from(&Appearance::default());
        assert_eq!(typed.checked(), Ok(Appearance::default()));
        let wrong = Typed {
            align: "top".to_owned(),
            max_width: "wide".to_owned(),
            accent: "teal".to_owned(),
            theme: "blue".to_owned(),
            border: "thick".to_owned(),
        };
        let fields: Vec<_> = wrong.checked().unwrap_err().into_keys().collect();
        assert_eq!(fields, ["accent", "align", "border", "max_width", "theme"]);
    }
}
