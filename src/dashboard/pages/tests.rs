//! Renders every page from its sample and holds the result against the rules all pages share.

use super::audit_log::AuditLogPage;
use super::contact::ContactPage;
use super::contact_form::{ContactFormPage, FormPreviewPage};
use super::contacts::ContactsPage;
use super::email_settings::EmailSettingsPage;
use super::general_settings::GeneralSettingsPage;
use super::inbox::{Entry, InboxPage, LetterLine};
use super::incoming::IncomingPage;
use super::join::JoinPage;
use super::mailboxes::{MailboxPage, MailboxesPage, RemoveMailboxPage};
use super::mails::{MailPage, MailsPage};
use super::members::MembersPage;
use super::messages_settings::MessagesSettingsPage;
use super::new_helpdesk::NewHelpdeskPage;
use super::notification_settings::NotificationSettingsPage;
use super::outbox::OutboxPage;
use super::preview::PreviewPage;
use super::profile::ProfilePage;
use super::remove_member::RemoveMemberPage;
use super::reset::ResetPage;
use super::retire_secret::RetireSecretPage;
use super::search::SearchPage;
use super::setup::SetupPage;
use super::shortcuts::ShortcutsPage;
use super::sign_in::SignInPage;
use super::sign_in_link::SignInLinkPage;
use super::ticket_center::TicketCenterPage;
use crate::web::error_page;
use crate::web::page_rules::offences;
use askama::Template;

fn all() -> Vec<(&'static str, String)> {
    let mut closed = InboxPage::sample();
    if let Some(open) = &mut closed.conversation {
        (open.is_open, open.proved_ms, open.is_mine, open.unread) = (false, None, false, false);
        open.composer.error = Some("Not sent: too long".to_owned());
        (open.composer.answered_after, open.composer.answered_by) = (Some(3), vec!["Ines".to_owned()]);
        open.earlier = Some("/earlier".to_owned());
    }
    let mut unverified = InboxPage::sample();
    if let Some(open) = &mut unverified.conversation {
        (open.unverified, open.proved_ms) = (true, None);
        open.known_as = Some("Priya Raman".to_owned());
        open.answers = vec![("Topic".to_owned(), "Billing".to_owned())];
    }
    let by_form = unverified.render().unwrap();
    let mut by_mail = InboxPage::sample();
    if let Some(open) = &mut by_mail.conversation {
        let to = |address: &str| format!("<{address}>");
        open.composer.copies = vec![(to("bob@x.example"), true), (to("eve@x.example"), false)];
        (open.unverified, open.is_by_mail, open.proved_ms) = (true, true, None);
        for entry in &mut open.entries {
            if let Entry::Operator(message) = entry {
                message.copies = vec![to("bob@x.example")];
            }
            if let Entry::Contact(message) = entry {
                message.copies = vec![to("bob@x.example"), to("eve@x.example")];
                message.letter = Some(LetterLine {
                    href: "/mail".to_owned(),
                    reason: "Kept apart",
                    is_verified: true,
                    is_automatic: true,
                    has_folded: true,
                    apart: Some(("/other".to_owned(), "/acceptance".to_owned())),
                    acknowledged: Some(("Acknowledged".to_owned(), Some(1_780_000_000_000))),
                });
            }
        }
    }
    if let Some(open) = &mut unverified.conversation {
        (open.is_open, open.is_spam) = (false, true);
    }
    let mut waiting = InboxPage::sample();
    if let Some(open) = &mut waiting.conversation {
        (open.is_open, open.is_waiting, open.unverified) = (false, true, true);
    }
    let mut flashed = InboxPage::sample_list();
    let say = crate::web::flash::Flash::say("Closed")
        .undone_by("/undo".to_owned(), vec![("a".to_owned(), "b".to_owned())]);
    flashed.shell.view.flash = Some(say);
    vec![
        ("error", error_page::Page::sample().render().unwrap()),
        ("sign in", SignInPage::sample().render().unwrap()),
        ("sign in by link", SignInLinkPage::sample().render().unwrap()),
        ("setup", SetupPage::sample().render().unwrap()),
        ("inbox", InboxPage::sample().render().unwrap()),
        (
            "inbox, mails in each state",
            InboxPage::sample_mailed().render().unwrap(),
        ),
        ("inbox, closed conversation", closed.render().unwrap()),
        ("inbox, by form", by_form),
        ("inbox, by mail", by_mail.render().unwrap()),
        ("inbox, spam", unverified.render().unwrap()),
        ("inbox, waiting", waiting.render().unwrap()),
        ("inbox, list only", InboxPage::sample_list().render().unwrap()),
        ("inbox, empty", InboxPage::sample_empty().render().unwrap()),
        (
            "inbox, one step left",
            InboxPage::sample_answering().render().unwrap(),
        ),
        (
            "inbox, steps for others",
            InboxPage::sample_plain().render().unwrap(),
        ),
        ("mailboxes", MailboxesPage::sample().render().unwrap()),
        ("mailboxes, none", MailboxesPage::sample_empty().render().unwrap()),
        ("mailbox", MailboxPage::sample().render().unwrap()),
        ("mailbox, connected", MailboxPage::sample_good().render().unwrap()),
        ("mailbox, paused", MailboxPage::sample_paused().render().unwrap()),
        (
            "mailbox, its removal",
            RemoveMailboxPage::sample().render().unwrap(),
        ),
        ("contacts", ContactsPage::sample().render().unwrap()),
        ("contacts, none", ContactsPage::sample_empty().render().unwrap()),
        ("contact", ContactPage::sample().render().unwrap()),
        (
            "contact, nothing known",
            ContactPage::sample_bare().render().unwrap(),
        ),
        ("search", SearchPage::sample().render().unwrap()),
        ("search, not asked", SearchPage::sample_asking().render().unwrap()),
        (
            "search, nothing found",
            SearchPage::sample_nothing().render().unwrap(),
        ),
        ("received mail", MailsPage::sample().render().unwrap()),
        ("received mail, none", MailsPage::sample_empty().render().unwrap()),
        ("mail", MailPage::sample().render().unwrap()),
        (
            "mail in quarantine",
            MailPage::sample_quarantined().render().unwrap(),
        ),
        ("incoming mail", IncomingPage::sample().render().unwrap()),
        (
            "incoming mail, not set up",
            IncomingPage::sample_empty().render().unwrap(),
        ),
        ("inbox, with a toast", flashed.render().unwrap()),
        ("shortcuts", ShortcutsPage::sample().render().unwrap()),
        ("ticket center", TicketCenterPage::sample().render().unwrap()),
        (
            "ticket center, fresh secret",
            TicketCenterPage::sample_fresh().render().unwrap(),
        ),
        (
            "ticket center, first secret",
            TicketCenterPage::sample_first().render().unwrap(),
        ),
        (
            "ticket center, plain operator",
            TicketCenterPage::sample_plain().render().unwrap(),
        ),
        ("contact form", ContactFormPage::sample().render().unwrap()),
        (
            "contact form, calm",
            ContactFormPage::sample_calm().render().unwrap(),
        ),
        (
            "contact form, plain operator",
            ContactFormPage::sample_plain().render().unwrap(),
        ),
        ("form preview", FormPreviewPage::sample().render().unwrap()),
        ("retire a secret", RetireSecretPage::sample().render().unwrap()),
        (
            "retire a secret, planned",
            RetireSecretPage::sample_planned().render().unwrap(),
        ),
        ("settings", MessagesSettingsPage::sample().render().unwrap()),
        (
            "settings, empty list",
            MessagesSettingsPage::sample_open().render().unwrap(),
        ),
        ("preview", PreviewPage::sample().render().unwrap()),
        (
            "settings, general",
            GeneralSettingsPage::sample().render().unwrap(),
        ),
        ("settings, email", EmailSettingsPage::sample().render().unwrap()),
        (
            "settings, email, new",
            EmailSettingsPage::sample_new().render().unwrap(),
        ),
        (
            "settings, notifications",
            NotificationSettingsPage::sample().render().unwrap(),
        ),
        (
            "settings, notifications, plain",
            NotificationSettingsPage::sample_plain().render().unwrap(),
        ),
        ("outbox", OutboxPage::sample().render().unwrap()),
        ("outbox, empty", OutboxPage::sample_empty().render().unwrap()),
        ("settings, operators", MembersPage::sample().render().unwrap()),
        (
            "settings, operators, a fresh link",
            MembersPage::sample_fresh().render().unwrap(),
        ),
        ("settings, audit log", AuditLogPage::sample().render().unwrap()),
        (
            "settings, audit log, empty",
            AuditLogPage::sample_empty().render().unwrap(),
        ),
        ("remove an operator", RemoveMemberPage::sample().render().unwrap()),
        (
            "leave a helpdesk",
            RemoveMemberPage::sample_leaving().render().unwrap(),
        ),
        ("join", JoinPage::sample().render().unwrap()),
        ("join, known", JoinPage::sample_known().render().unwrap()),
        ("reset", ResetPage::sample().render().unwrap()),
        ("new helpdesk", NewHelpdeskPage::sample().render().unwrap()),
        ("profile", ProfilePage::sample().render().unwrap()),
        ("profile, quiet", ProfilePage::sample_quiet().render().unwrap()),
    ]
}

#[test]
fn every_page_keeps_the_rules() {
    for (name, html) in all() {
        assert_eq!(offences(&html), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_people_wrote_is_escaped() {
    let mut page = InboxPage::sample();
    if let Some(open) = &mut page.conversation {
        open.subject = "<script>alert(1)</script>".to_owned();
    }
    page.list.groups[0].rows[0].preview = "\"><img src=x>".to_owned();
    let html = page.render().unwrap();
    assert!(!html.contains("<script>alert") && !html.contains("<img src=x>"));
}
