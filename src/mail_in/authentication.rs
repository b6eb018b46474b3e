//! Whether a mail is its author's.

use crate::app::App;
use mail::parsed::ParsedMail;
use mail::verdict::{self, Authentication};

/// What a server that is trusted found out. `authserv_id` is what it calls itself; `None` when the mail did
/// not come through it.
#[expect(
    clippy::unused_async,
    reason = "the mail's own signatures are looked up in the DNS"
)]
pub(super) async fn authenticate(
    _app: &App,
    _raw: &[u8],
    mail: &ParsedMail,
    authserv_id: Option<&str>,
) -> Authentication {
    match authserv_id {
        Some(id) => verdict::verdict(mail, id, &|domain| Some(domain.to_owned())),
        None => Authentication::UNKNOWN,
    }
}
