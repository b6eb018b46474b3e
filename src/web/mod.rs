//! The HTTP kit: sessions and forms, headers, pages, assets. It knows no feature: what a page is
//! about, and who may see it, is the business of the surfaces above.

pub mod assets;
pub mod client;
pub mod cookies;
pub mod csrf;
pub mod error_page;
pub mod etag;
pub mod flash;
pub mod form;
pub mod headers;
mod hosts;
pub mod live;
pub mod page;
#[cfg(test)]
pub(crate) mod page_rules;
pub mod query;
pub mod session;
pub mod status;
pub mod throttle;
pub mod time;
