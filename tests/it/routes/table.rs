//! Who gets what from each route: a status for anonymous, contact A (whose conversation stands in
//! the path), contact B, foreign contact, operator, foreign operator, admin and owner.

/// What a route answers: one status for each caller.
pub(super) struct Line {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) statuses: [u16; 8],
}

const fn line(method: &'static str, path: &'static str, statuses: [u16; 8]) -> Line {
    Line {
        method,
        path,
        statuses,
    }
}

/// Nothing personal: the same for everybody.
const fn for_all(path: &'static str, status: u16) -> Line {
    line("GET", path, [status; 8])
}

/// Each contact for themselves; a session of an operator is nothing here.
const EACH_CONTACT: [u16; 8] = [401, 200, 200, 200, 401, 401, 401, 401];
/// The owner of the conversation alone; for other contacts it does not exist.
const OWN_CONVERSATION: [u16; 8] = [401, 200, 404, 404, 401, 401, 401, 401];

/// Members of the helpdesk; for operators of another one it does not exist, and whoever is signed
/// out is sent to the sign-in page.
const MEMBERS: [u16; 8] = [303, 303, 303, 303, 200, 404, 200, 200];
/// The same for a form, which leads on to a page.
const MEMBERS_FORM: [u16; 8] = [303, 303, 303, 303, 303, 404, 303, 303];
/// Admins and owners.
const ADMINS: [u16; 8] = [303, 303, 303, 303, 403, 404, 200, 200];
const ADMINS_FORM: [u16; 8] = [303, 303, 303, 303, 403, 404, 303, 303];

pub(super) const TABLE: &[Line] = &[
    for_all("/healthz", 200),
    for_all("/readyz", 200),
    for_all("/metrics", 200),
    for_all("/assets/{file}", 404),
    for_all("/ticket-center.js", 200),
    for_all("/ticket-center-files.js", 200),
    for_all("/portal/{helpdesk}", 200),
    for_all("/contact-form.js", 200),
    for_all("/contact-form-files.js", 200),
    for_all("/form/{helpdesk}", 200),
    // Where nothing is checked there is no such page.
    for_all("/form/{helpdesk}/check", 404),
    // The matrix's form holds no token of the Contact Form.
    line("POST", "/form/{helpdesk}", [422; 8]),
    // Links that are in no mail.
    for_all("/confirm/{token}", 404),
    line("POST", "/confirm/{token}", [404; 8]),
    for_all("/unsubscribe/{token}", 404),
    line("POST", "/unsubscribe/{token}", [404; 8]),
    line("POST", "/unsubscribe/{token}/removal", [404; 8]),
    // Nobody here holds an API key.
    line("POST", "/api/v1/mail", [401; 8]),
    for_all("/docs", 200),
    for_all("/docs/search", 200),
    for_all("/docs/{guide}", 200),
    for_all("/llms.txt", 200),
    line("POST", "/api/messaging/ticket-center/verify", EACH_CONTACT),
    line("POST", "/api/messaging/ticket-center/attachments", EACH_CONTACT),
    line(
        "POST",
        "/api/messaging/ticket-center/attachments/{attachment}",
        OWN_CONVERSATION,
    ),
    // What is not theirs to remove stays, and nobody learns whether it is there.
    line(
        "POST",
        "/api/messaging/ticket-center/attachments/{attachment}/removal",
        EACH_CONTACT,
    ),
    line(
        "POST",
        "/h/{helpdesk}/conversations/{id}/attachments",
        MEMBERS_FORM,
    ),
    line(
        "POST",
        "/h/{helpdesk}/conversations/{id}/attachments/{attachment}/removal",
        MEMBERS_FORM,
    ),
    line("GET", "/h/{helpdesk}/attachments/{attachment}", MEMBERS),
    line("GET", "/h/{helpdesk}/attachments/{attachment}/picture", MEMBERS),
    line("POST", "/api/messaging/ticket-center/message", OWN_CONVERSATION),
    line(
        "POST",
        "/api/messaging/ticket-center/conversations/{id}/messages",
        OWN_CONVERSATION,
    ),
    line(
        "POST",
        "/api/messaging/ticket-center/conversations/{id}/close",
        OWN_CONVERSATION,
    ),
    line("POST", "/api/messaging/ticket-center/conversations", EACH_CONTACT),
    line(
        "POST",
        "/api/messaging/ticket-center/conversations/{id}",
        OWN_CONVERSATION,
    ),
    line(
        "POST",
        "/api/messaging/ticket-center/conversations/{id}/read",
        OWN_CONVERSATION,
    ),
    line("POST", "/api/messaging/ticket-center/stream", EACH_CONTACT),
    // Anybody may ask for the form. The matrix sends a form of the dashboard, which is no JSON.
    line("POST", "/api/messaging/contact-form/form", [415; 8]),
    line("POST", "/api/messaging/contact-form/message", [415; 8]),
    line("GET", "/", [303; 8]),
    // Links that nobody was given.
    for_all("/setup/{token}", 404),
    line("POST", "/setup/{token}", [403, 403, 403, 403, 404, 404, 404, 404]),
    for_all("/sign-in/{token}", 404),
    line(
        "POST",
        "/sign-in/{token}",
        [403, 403, 403, 403, 404, 404, 404, 404],
    ),
    // Who is signed in is led on; a form without its token is refused, a wrong password too.
    line("GET", "/sign-in", [200, 200, 200, 200, 303, 303, 303, 303]),
    line("POST", "/sign-in", [403, 403, 403, 403, 422, 422, 422, 422]),
    line("POST", "/sign-out", [303; 8]),
    for_all("/join/{helpdesk}/{token}", 404),
    line(
        "POST",
        "/join/{helpdesk}/{token}",
        [403, 403, 403, 403, 404, 404, 404, 404],
    ),
    for_all("/reset/{token}", 404),
    line("POST", "/reset/{token}", [403, 403, 403, 403, 404, 404, 404, 404]),
    // Whoever owns a helpdesk, whichever.
    line("GET", "/helpdesks/new", [303, 303, 303, 303, 403, 200, 403, 200]),
    line("POST", "/helpdesks", [303, 303, 303, 303, 403, 303, 403, 303]),
    line("GET", "/h/{helpdesk}/live", MEMBERS),
    line("GET", "/h/{helpdesk}/shortcuts", MEMBERS),
    line("GET", "/h/{helpdesk}/conversations", MEMBERS),
    line("GET", "/h/{helpdesk}/conversations/{id}", MEMBERS),
    line("POST", "/h/{helpdesk}/conversations/{id}/replies", MEMBERS_FORM),
    line("POST", "/h/{helpdesk}/conversations/{id}/notes", MEMBERS_FORM),
    line(
        "POST",
        "/h/{helpdesk}/conversations/{id}/assignment",
        MEMBERS_FORM,
    ),
    line("POST", "/h/{helpdesk}/conversations/{id}/closure", MEMBERS_FORM),
    line("POST", "/h/{helpdesk}/conversations/{id}/reopening", MEMBERS_FORM),
    line(
        "POST",
        "/h/{helpdesk}/conversations/{id}/seen",
        [303, 303, 303, 303, 204, 404, 204, 204],
    ),
    // The conversation's sender is verified: it cannot be spam, and to take it out changes nothing.
    line(
        "POST",
        "/h/{helpdesk}/conversations/{id}/spam",
        [303, 303, 303, 303, 409, 404, 409, 409],
    ),
    line(
        "POST",
        "/h/{helpdesk}/conversations/{id}/spam/removal",
        MEMBERS_FORM,
    ),
    // It waits for nobody, so that nothing changes.
    line("POST", "/h/{helpdesk}/conversations/{id}/admission", MEMBERS_FORM),
    line("POST", "/h/{helpdesk}/conversations/{id}/draft", MEMBERS_FORM),
    line("GET", "/h/{helpdesk}/conversations/{id}/viewers", MEMBERS),
    line("POST", "/h/{helpdesk}/conversations/{id}/viewers", MEMBERS),
    line(
        "POST",
        "/h/{helpdesk}/conversations/{id}/replies/withdrawal",
        MEMBERS_FORM,
    ),
    line(
        "POST",
        "/h/{helpdesk}/conversations/{id}/mail/dispatch",
        MEMBERS_FORM,
    ),
    line(
        "POST",
        "/h/{helpdesk}/conversations/{id}/mail/cancellation",
        MEMBERS_FORM,
    ),
    line(
        "POST",
        "/h/{helpdesk}/conversations/{id}/mail/restoration",
        MEMBERS_FORM,
    ),
    line("GET", "/h/{helpdesk}/mails", MEMBERS),
    line("GET", "/h/{helpdesk}/mails/{letter}", MEMBERS),
    line("GET", "/h/{helpdesk}/mails/{letter}/body", MEMBERS),
    line("GET", "/h/{helpdesk}/mails/{letter}/raw", MEMBERS),
    // It stands in a conversation, which is told on the page.
    line("POST", "/h/{helpdesk}/mails/{letter}/retry", MEMBERS_FORM),
    line("POST", "/h/{helpdesk}/mails/{letter}/delivery", MEMBERS_FORM),
    line("POST", "/h/{helpdesk}/mails/{letter}/removal", ADMINS_FORM),
    line("POST", "/h/{helpdesk}/mails/{letter}/acceptance", MEMBERS_FORM),
    line("GET", "/h/{helpdesk}/outbox", MEMBERS),
    // A mail that moved on meanwhile is told on the page.
    line("POST", "/h/{helpdesk}/outbox/{mail}/retry", MEMBERS_FORM),
    line("POST", "/h/{helpdesk}/outbox/{mail}/removal", MEMBERS_FORM),
    line("POST", "/h/{helpdesk}/guide/dismissal", MEMBERS_FORM),
    line("GET", "/h/{helpdesk}/search", MEMBERS),
    line("GET", "/h/{helpdesk}/contacts", MEMBERS),
    line("GET", "/h/{helpdesk}/contacts/{contact}", MEMBERS),
    line("POST", "/h/{helpdesk}/contacts/{contact}/name", MEMBERS_FORM),
    line("POST", "/h/{helpdesk}/contacts/{contact}/mail", MEMBERS_FORM),
    line("GET", "/h/{helpdesk}/ticket-center", MEMBERS),
    // The new secret is shown; the owner asks for a third and is told that two are live. To revoke
    // one asks for a confirmation, which the form here does not hold.
    line(
        "POST",
        "/h/{helpdesk}/ticket-center/secrets",
        [303, 303, 303, 303, 403, 404, 200, 409],
    ),
    line("GET", "/h/{helpdesk}/ticket-center/secrets/{secret}", ADMINS),
    line(
        "POST",
        "/h/{helpdesk}/ticket-center/secrets/{secret}/revocation",
        [303, 303, 303, 303, 403, 404, 422, 422],
    ),
    line(
        "POST",
        "/h/{helpdesk}/ticket-center/secrets/{secret}/revocation/removal",
        ADMINS_FORM,
    ),
    line("POST", "/h/{helpdesk}/ticket-center/appearance", ADMINS_FORM),
    line("GET", "/h/{helpdesk}/ticket-center/preview", ADMINS),
    line("POST", "/h/{helpdesk}/ticket-center/verification", ADMINS),
    line("GET", "/h/{helpdesk}/contact-form", MEMBERS),
    line("GET", "/h/{helpdesk}/contact-form/preview", ADMINS),
    line("POST", "/h/{helpdesk}/contact-form/fields", ADMINS_FORM),
    line("POST", "/h/{helpdesk}/contact-form/protection", ADMINS_FORM),
    // No keys were typed.
    line(
        "POST",
        "/h/{helpdesk}/contact-form/turnstile",
        [303, 303, 303, 303, 403, 404, 422, 422],
    ),
    line("GET", "/h/{helpdesk}/settings/messages", ADMINS),
    line("POST", "/h/{helpdesk}/settings/messages/messaging", ADMINS_FORM),
    line("POST", "/h/{helpdesk}/settings/messages/domains", ADMINS_FORM),
    line(
        "POST",
        "/h/{helpdesk}/settings/messages/domains/removal",
        ADMINS_FORM,
    ),
    line("GET", "/h/{helpdesk}/settings/general", ADMINS),
    line("POST", "/h/{helpdesk}/settings/general", ADMINS_FORM),
    line("GET", "/h/{helpdesk}/settings/email", ADMINS),
    line("POST", "/h/{helpdesk}/settings/email/sender", ADMINS_FORM),
    line("POST", "/h/{helpdesk}/settings/email/relay", ADMINS_FORM),
    // There is no mail server to send it by.
    line(
        "POST",
        "/h/{helpdesk}/settings/email/trial",
        [303, 303, 303, 303, 403, 404, 409, 409],
    ),
    line("POST", "/h/{helpdesk}/settings/email/dkim", ADMINS_FORM),
    // What was found stands on the page.
    line(
        "POST",
        "/h/{helpdesk}/settings/email/dkim/check",
        [303, 303, 303, 303, 403, 404, 200, 200],
    ),
    line("POST", "/h/{helpdesk}/settings/email/dkim/removal", ADMINS_FORM),
    line("GET", "/h/{helpdesk}/settings/mailboxes", ADMINS),
    // The form names no server.
    line(
        "POST",
        "/h/{helpdesk}/settings/mailboxes",
        [303, 303, 303, 303, 403, 404, 422, 422],
    ),
    line("GET", "/h/{helpdesk}/settings/mailboxes/{mailbox}", ADMINS),
    line(
        "POST",
        "/h/{helpdesk}/settings/mailboxes/{mailbox}",
        [303, 303, 303, 303, 403, 404, 422, 422],
    ),
    // What came of it stands on the page.
    line("POST", "/h/{helpdesk}/settings/mailboxes/{mailbox}/trial", ADMINS),
    line(
        "POST",
        "/h/{helpdesk}/settings/mailboxes/{mailbox}/pause",
        ADMINS_FORM,
    ),
    line(
        "POST",
        "/h/{helpdesk}/settings/mailboxes/{mailbox}/pause/removal",
        ADMINS_FORM,
    ),
    line(
        "POST",
        "/h/{helpdesk}/settings/mailboxes/{mailbox}/rescan",
        ADMINS_FORM,
    ),
    line(
        "GET",
        "/h/{helpdesk}/settings/mailboxes/{mailbox}/removal",
        ADMINS,
    ),
    // The admin removes it; for the owner after that there is nothing to remove.
    line(
        "POST",
        "/h/{helpdesk}/settings/mailboxes/{mailbox}/removal",
        [303, 303, 303, 303, 403, 404, 303, 404],
    ),
    line("GET", "/h/{helpdesk}/settings/incoming", ADMINS),
    line(
        "POST",
        "/h/{helpdesk}/settings/incoming/acknowledgement",
        ADMINS_FORM,
    ),
    line("POST", "/h/{helpdesk}/settings/incoming/address", ADMINS_FORM),
    // The key is shown in the answer.
    line("POST", "/h/{helpdesk}/settings/incoming/keys", ADMINS),
    line(
        "POST",
        "/h/{helpdesk}/settings/incoming/keys/removal",
        ADMINS_FORM,
    ),
    line("POST", "/h/{helpdesk}/settings/incoming/senders", ADMINS_FORM),
    line(
        "POST",
        "/h/{helpdesk}/settings/incoming/senders/removal",
        ADMINS_FORM,
    ),
    line("GET", "/h/{helpdesk}/settings/notifications", MEMBERS),
    line("POST", "/h/{helpdesk}/settings/notifications", ADMINS_FORM),
    line("POST", "/h/{helpdesk}/settings/notifications/mine", MEMBERS_FORM),
    line("GET", "/h/{helpdesk}/settings/operators", ADMINS),
    // Links are shown in the answer. The address in the form is good for each of them again.
    line("POST", "/h/{helpdesk}/settings/operators/invitations", ADMINS),
    line(
        "POST",
        "/h/{helpdesk}/settings/operators/invitations/{invitation}/renewal",
        ADMINS,
    ),
    line(
        "POST",
        "/h/{helpdesk}/settings/operators/invitations/{invitation}/revocation",
        ADMINS_FORM,
    ),
    line("GET", "/h/{helpdesk}/settings/operators/{operator}", ADMINS),
    line(
        "POST",
        "/h/{helpdesk}/settings/operators/{operator}/role",
        ADMINS_FORM,
    ),
    // The admin removes them; for the owner after that there is nobody to remove.
    line(
        "POST",
        "/h/{helpdesk}/settings/operators/{operator}/removal",
        [303, 303, 303, 303, 403, 404, 303, 404],
    ),
    line("GET", "/h/{helpdesk}/settings/audit", ADMINS),
    line("GET", "/h/{helpdesk}/profile", MEMBERS),
    line("POST", "/h/{helpdesk}/profile/name", MEMBERS_FORM),
    // The form holds no present password.
    line(
        "POST",
        "/h/{helpdesk}/profile/password",
        [303, 303, 303, 303, 422, 404, 422, 422],
    ),
    line("POST", "/h/{helpdesk}/profile/shortcuts", MEMBERS_FORM),
    line("POST", "/h/{helpdesk}/profile/sessions/revocation", MEMBERS_FORM),
    line(
        "POST",
        "/h/{helpdesk}/profile/sessions/others/revocation",
        MEMBERS_FORM,
    ),
];
