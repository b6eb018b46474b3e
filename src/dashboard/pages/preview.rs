//! The page inside the preview's frame.

use crate::helpdesks::appearance::{Appearance, Typed};
use askama::Template;

/// A bare page with the embed and its looks.
#[derive(Template)]
#[template(path = "dashboard/preview.html")]
pub struct PreviewPage {
    /// The looks as they are kept.
    pub looks: Typed,
    /// `light`, `dark`, or nothing for the system's.
    pub theme: Option<&'static str>,
}

impl PreviewPage {
    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            looks: Typed::from(&Appearance::default()),
            theme: Some("dark"),
        }
    }
}
