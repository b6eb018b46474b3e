//! The only place that makes raw HTML. What templates print unescaped has the type [`SafeHtml`],
//! and only this crate can make one.

mod entities;
pub mod mail;
pub mod markdown;
mod text;
mod to_text;
mod tokens;

pub use text::from_text;
pub use to_text::to_text;

use std::fmt;

/// HTML that is safe to put into a page's body: text, and the few elements that this crate writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

// Tells templates not to escape it once more.
impl askama::filters::HtmlSafe for SafeHtml {}
