//! The URLs of the dashboard, with who may call them.

use super::{Caller, Route, form, page};
use axum::routing::{get, post};

/// The dashboard's part of the table.
pub(super) fn routes() -> Vec<Route> {
    [conversing(), administering(), own_account()]
        .into_iter()
        .flatten()
        .collect()
}

fn conversing() -> Vec<Route> {
    use crate::dashboard as d;
    use Caller::*;
    vec![
        page("/", SignedIn, get(d::home::show)),
        page("/setup/{token}", LinkHolder, get(d::setup::show)),
        form("/setup/{token}", LinkHolder, post(d::setup::create)),
        page("/sign-in", Anyone, get(d::sign_in::show)),
        form("/sign-in", Anyone, post(d::sign_in::create)),
        page("/sign-in/{token}", LinkHolder, get(d::sign_in_link::show)),
        form("/sign-in/{token}", LinkHolder, post(d::sign_in_link::create)),
        form("/sign-out", SignedIn, post(d::sign_out::create)),
        page("/join/{helpdesk}/{token}", LinkHolder, get(d::join::show)),
        form("/join/{helpdesk}/{token}", LinkHolder, post(d::join::create)),
        page("/reset/{token}", LinkHolder, get(d::reset::show)),
        form("/reset/{token}", LinkHolder, post(d::reset::create)),
        page("/helpdesks/new", SignedIn, get(d::helpdesks::show)),
        form("/helpdesks", SignedIn, post(d::helpdesks::create)),
        page("/h/{helpdesk}/live", Operator, get(d::live::show)),
        page("/h/{helpdesk}/shortcuts", Operator, get(d::shortcuts::show)),
        page(
            "/h/{helpdesk}/conversations",
            Operator,
            get(d::conversations::list),
        ),
        page(
            "/h/{helpdesk}/conversations/{id}",
            Operator,
            get(d::conversations::show),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/replies",
            Operator,
            post(d::replies::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/notes",
            Operator,
            post(d::notes::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/assignment",
            Operator,
            post(d::assignment::update),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/closure",
            Operator,
            post(d::closure::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/reopening",
            Operator,
            post(d::closure::remove),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/spam",
            Operator,
            post(d::spam::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/spam/removal",
            Operator,
            post(d::spam::remove),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/admission",
            Operator,
            post(d::admission::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/seen",
            Operator,
            post(d::seen::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/draft",
            Operator,
            post(d::draft::update),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/attachments",
            Operator,
            post(d::attachments::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/attachments/{attachment}/removal",
            Operator,
            post(d::attachments::remove),
        ),
        page(
            "/h/{helpdesk}/attachments/{attachment}",
            Operator,
            get(d::attachments::show),
        ),
        page(
            "/h/{helpdesk}/attachments/{attachment}/picture",
            Operator,
            get(d::attachments::picture),
        ),
        page(
            "/h/{helpdesk}/conversations/{id}/viewers",
            Operator,
            get(d::viewers::show),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/viewers",
            Operator,
            post(d::viewers::update),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/replies/withdrawal",
            Operator,
            post(d::withdrawal::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/mail/dispatch",
            Operator,
            post(d::mail::create),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/mail/cancellation",
            Operator,
            post(d::mail::cancel),
        ),
        form(
            "/h/{helpdesk}/conversations/{id}/mail/restoration",
            Operator,
            post(d::mail::restore),
        ),
        page("/h/{helpdesk}/mails", Operator, get(d::mails::list)),
        page("/h/{helpdesk}/mails/{letter}", Operator, get(d::mails::show)),
        page("/h/{helpdesk}/mails/{letter}/body", Operator, get(d::mails::body)),
        page("/h/{helpdesk}/mails/{letter}/raw", Operator, get(d::mails::raw)),
        form(
            "/h/{helpdesk}/mails/{letter}/retry",
            Operator,
            post(d::mails::retry),
        ),
        form(
            "/h/{helpdesk}/mails/{letter}/delivery",
            Operator,
            post(d::mails::deliver),
        ),
        form(
            "/h/{helpdesk}/mails/{letter}/removal",
            Admin,
            post(d::mails::remove),
        ),
        form(
            "/h/{helpdesk}/mails/{letter}/acceptance",
            Operator,
            post(d::mails::accept),
        ),
        page("/h/{helpdesk}/outbox", Operator, get(d::outbox::show)),
        form(
            "/h/{helpdesk}/outbox/{mail}/retry",
            Operator,
            post(d::outbox::retry),
        ),
        form(
            "/h/{helpdesk}/outbox/{mail}/removal",
            Operator,
            post(d::outbox::remove),
        ),
        form("/h/{helpdesk}/guide/dismissal", Operator, post(d::guide::remove)),
        page("/h/{helpdesk}/search", Operator, get(d::search::show)),
        page("/h/{helpdesk}/contacts", Operator, get(d::contacts::list)),
        page(
            "/h/{helpdesk}/contacts/{contact}",
            Operator,
            get(d::contacts::show),
        ),
        form(
            "/h/{helpdesk}/contacts/{contact}/name",
            Operator,
            post(d::contacts::update),
        ),
        form(
            "/h/{helpdesk}/contacts/{contact}/mail",
            Operator,
            post(d::contacts::forgive),
        ),
    ]
}

fn administering() -> Vec<Route> {
    use crate::dashboard as d;
    use Caller::*;
    vec![
        page(
            "/h/{helpdesk}/ticket-center",
            Operator,
            get(d::ticket_center::show),
        ),
        form(
            "/h/{helpdesk}/ticket-center/secrets",
            Admin,
            post(d::secrets::create),
        ),
        page(
            "/h/{helpdesk}/ticket-center/secrets/{secret}",
            Admin,
            get(d::revocation::show),
        ),
        form(
            "/h/{helpdesk}/ticket-center/secrets/{secret}/revocation",
            Admin,
            post(d::revocation::create),
        ),
        form(
            "/h/{helpdesk}/ticket-center/secrets/{secret}/revocation/removal",
            Admin,
            post(d::revocation::remove),
        ),
        form(
            "/h/{helpdesk}/ticket-center/appearance",
            Admin,
            post(d::appearance::update),
        ),
        page(
            "/h/{helpdesk}/ticket-center/preview",
            Admin,
            get(d::preview::show),
        ),
        form(
            "/h/{helpdesk}/ticket-center/verification",
            Admin,
            post(d::verification::create),
        ),
        page("/h/{helpdesk}/contact-form", Operator, get(d::contact_form::show)),
        page(
            "/h/{helpdesk}/contact-form/preview",
            Admin,
            get(d::contact_form::preview),
        ),
        form(
            "/h/{helpdesk}/contact-form/fields",
            Admin,
            post(d::contact_form_settings::update),
        ),
        form(
            "/h/{helpdesk}/contact-form/turnstile",
            Admin,
            post(d::contact_form_settings::check),
        ),
        form(
            "/h/{helpdesk}/contact-form/protection",
            Admin,
            post(d::contact_form_settings::protect),
        ),
        page(
            "/h/{helpdesk}/settings/messages",
            Admin,
            get(d::messages_settings::show),
        ),
        form(
            "/h/{helpdesk}/settings/messages/messaging",
            Admin,
            post(d::messages_settings::update),
        ),
        form(
            "/h/{helpdesk}/settings/messages/domains",
            Admin,
            post(d::domains::create),
        ),
        form(
            "/h/{helpdesk}/settings/messages/domains/removal",
            Admin,
            post(d::domains::remove),
        ),
        page(
            "/h/{helpdesk}/settings/general",
            Admin,
            get(d::general_settings::show),
        ),
        form(
            "/h/{helpdesk}/settings/general",
            Admin,
            post(d::general_settings::update),
        ),
        page(
            "/h/{helpdesk}/settings/email",
            Admin,
            get(d::email_settings::show),
        ),
        form(
            "/h/{helpdesk}/settings/email/sender",
            Admin,
            post(d::email_settings::sender),
        ),
        form(
            "/h/{helpdesk}/settings/email/relay",
            Admin,
            post(d::email_settings::relay),
        ),
        form(
            "/h/{helpdesk}/settings/email/trial",
            Admin,
            post(d::email_settings::trial),
        ),
        form("/h/{helpdesk}/settings/email/dkim", Admin, post(d::signing::sign)),
        form(
            "/h/{helpdesk}/settings/email/dkim/check",
            Admin,
            post(d::signing::check),
        ),
        form(
            "/h/{helpdesk}/settings/email/dkim/removal",
            Admin,
            post(d::signing::unsign),
        ),
        page("/h/{helpdesk}/settings/incoming", Admin, get(d::incoming::show)),
        form(
            "/h/{helpdesk}/settings/incoming/acknowledgement",
            Admin,
            post(d::acknowledgement::update),
        ),
        form(
            "/h/{helpdesk}/settings/incoming/address",
            Admin,
            post(d::incoming::renew),
        ),
        form(
            "/h/{helpdesk}/settings/incoming/keys",
            Admin,
            post(d::incoming::make_key),
        ),
        form(
            "/h/{helpdesk}/settings/incoming/keys/removal",
            Admin,
            post(d::incoming::remove_key),
        ),
        form(
            "/h/{helpdesk}/settings/incoming/senders",
            Admin,
            post(d::incoming::set_sender),
        ),
        form(
            "/h/{helpdesk}/settings/incoming/senders/removal",
            Admin,
            post(d::incoming::remove_sender),
        ),
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
        page(
            "/h/{helpdesk}/settings/notifications",
            Operator,
            get(d::notification_settings::show),
        ),
        form(
            "/h/{helpdesk}/settings/notifications",
            Admin,
            post(d::notification_settings::update),
        ),
        form(
            "/h/{helpdesk}/settings/notifications/mine",
            Operator,
            post(d::notification_settings::switch),
        ),
        page("/h/{helpdesk}/settings/operators", Admin, get(d::members::list)),
        form(
            "/h/{helpdesk}/settings/operators/invitations",
            Admin,
            post(d::invitations::create),
        ),
        form(
            "/h/{helpdesk}/settings/operators/invitations/{invitation}/renewal",
            Admin,
            post(d::invitations::update),
        ),
        form(
            "/h/{helpdesk}/settings/operators/invitations/{invitation}/revocation",
            Admin,
            post(d::invitations::remove),
        ),
        page(
            "/h/{helpdesk}/settings/operators/{operator}",
            Admin,
            get(d::members::show),
        ),
        form(
            "/h/{helpdesk}/settings/operators/{operator}/role",
            Admin,
            post(d::members::update),
        ),
        form(
            "/h/{helpdesk}/settings/operators/{operator}/removal",
            Admin,
            post(d::members::remove),
        ),
        page("/h/{helpdesk}/settings/audit", Admin, get(d::audit_log::list)),
    ]
}

fn own_account() -> Vec<Route> {
    use crate::dashboard as d;
    use Caller::*;
    vec![
        page("/h/{helpdesk}/profile", Operator, get(d::profile::show)),
        form("/h/{helpdesk}/profile/name", Operator, post(d::profile::update)),
        form(
            "/h/{helpdesk}/profile/password",
            Operator,
            post(d::profile::update_password),
        ),
        form(
            "/h/{helpdesk}/profile/shortcuts",
            Operator,
            post(d::profile::update_shortcuts),
        ),
        form(
            "/h/{helpdesk}/profile/sessions/revocation",
            Operator,
            post(d::profile_sessions::remove),
        ),
        form(
            "/h/{helpdesk}/profile/sessions/others/revocation",
            Operator,
            post(d::profile_sessions::remove_others),
        ),
    ]
}
