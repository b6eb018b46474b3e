//! The URLs of mailboxes, which the table above takes in.

use super::{Caller, Route, form, page};
use crate::dashboard as d;
use axum::routing::{get, post};

pub(super) fn routes() -> Vec<Route> {
    use Caller::Admin;
    vec![
        page("/h/{helpdesk}/settings/mailboxes", Admin, get(d::mailboxes::list)),
        form(
            "/h/{helpdesk}/settings/mailboxes",
            Admin,
            post(d::mailboxes::create),
        ),
        page(
            "/h/{helpdesk}/settings/mailboxes/{mailbox}",
            Admin,
            get(d::mailboxes::show),
        ),
        form(
            "/h/{helpdesk}/settings/mailboxes/{mailbox}",
            Admin,
            post(d::mailboxes::update),
        ),
        form(
            "/h/{helpdesk}/settings/mailboxes/{mailbox}/trial",
            Admin,
            post(d::mailbox_steps::trial),
        ),
        form(
            "/h/{helpdesk}/settings/mailboxes/{mailbox}/pause",
            Admin,
            post(d::mailbox_steps::pause),
        ),
        form(
            "/h/{helpdesk}/settings/mailboxes/{mailbox}/pause/removal",
            Admin,
            post(d::mailbox_steps::resume),
        ),
        form(
            "/h/{helpdesk}/settings/mailboxes/{mailbox}/rescan",
            Admin,
            post(d::mailbox_steps::rescan),
        ),
        page(
            "/h/{helpdesk}/settings/mailboxes/{mailbox}/removal",
            Admin,
            get(d::mailbox_steps::removal),
        ),
        form(
            "/h/{helpdesk}/settings/mailboxes/{mailbox}/removal",
            Admin,
            post(d::mailbox_steps::remove),
        ),
    ]
}
