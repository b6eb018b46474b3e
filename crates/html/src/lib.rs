//! The only place that makes raw HTML.
