//! Renders every page from its sample and holds the result against the rules all pages share.

use super::audit_log::AuditLogPage;
use super::contact::ContactPage;
use super::contacts::ContactsPage;
use super::general_settings::GeneralSettingsPage;
use super::inbox::InboxPage;
use super::join::JoinPage;
use super::members::MembersPage;
use super::messages_settings::MessagesSettingsPage;
use super::new_helpdesk::NewHelpdeskPage;
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
use askama::Template;
use std::collections::HashSet;

fn all() -> Vec<(&'static str, String)> {
    let mut closed = InboxPage::sample();
    if let Some(open) = &mut closed.conversation {
        (open.is_open, open.proved_ms, open.is_mine, open.unread) = (false, None, false, false);
        open.composer.error = Some("Not sent: too long".to_owned());
        (open.composer.answered_after, open.composer.answered_by) = (Some(3), vec!["Ines".to_owned()]);
        open.earlier = Some("/earlier".to_owned());
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
        ("inbox, closed conversation", closed.render().unwrap()),
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

/// The opening tags of a page, each as written.
fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(|tag| tag.split('>').next().unwrap_or(tag))
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

fn offences(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut ids = HashSet::new();
    for tag in tags(html) {
        let element = tag.split([' ', '\n']).next().unwrap_or(tag);
        if attribute(tag, "style").is_some() {
            found.push(format!("inline style: <{tag}>"));
        }
        if tag
            .split([' ', '\n'])
            .any(|part| part.starts_with("on") && part.contains('='))
        {
            found.push(format!("inline handler: <{tag}>"));
        }
        if element == "script" && attribute(tag, "src").is_none() {
            found.push("inline script".to_owned());
        }
        if attribute(tag, "href")
            .is_some_and(|href| href == "#" || href.is_empty() || href.starts_with("javascript:"))
        {
            found.push(format!("dead link: <{tag}>"));
        }
        if let Some(id) = attribute(tag, "id")
            && (id.is_empty() || !ids.insert(id))
        {
            found.push(format!("id not unique: {id:?}"));
        }
        if element == "img" && attribute(tag, "alt").is_none() {
            found.push(format!("image without text: <{tag}>"));
        }
        if element == "svg" && !tag.contains("aria-hidden=\"true\"") && attribute(tag, "aria-label").is_none()
        {
            found.push(format!("drawing without name: <{tag}>"));
        }
    }
    for form in html.split("<form").skip(1) {
        let form = form.split("</form>").next().unwrap_or(form);
        if form.contains("method=\"post\"") && !form.contains("name=\"csrf\" value=\"") {
            found.push(format!("form without token: {form}"));
        }
    }
    for button in html.split("<button").skip(1) {
        let button = button.split("</button>").next().unwrap_or(button);
        let (tag, content) = button.split_once('>').unwrap_or((button, ""));
        let text: String = content
            .split('<')
            .filter_map(|part| part.split_once('>').map_or(Some(part), |(_, text)| Some(text)))
            .collect();
        if text.trim().is_empty() && attribute(tag, "aria-label").is_none() {
            found.push(format!("button without name: {button}"));
        }
        if attribute(tag, "type").is_none() {
            found.push(format!("button without type: {button}"));
        }
    }
    for target in html
        .split("href=\"#i-")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        if !html.contains(&format!("<symbol id=\"i-{target}\"")) {
            found.push(format!("icon not in the sprite: {target}"));
        }
    }
    found
}

#[test]
fn every_page_keeps_the_rules() {
    for (name, html) in all() {
        assert_eq!(offences(&html), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_rules_find_what_breaks_them() {
    for broken in [
        "<p style=\"color:red\">",
        "<p onclick=\"x()\">",
        "<script>x()</script>",
        "<a href=\"#\">",
        "<a id=\"a\"></a><b id=\"a\"></b>",
        "<img src=\"x\">",
        "<svg viewBox=\"0 0 1 1\">",
        "<form method=\"post\" action=\"/x\"></form>",
        "<button type=\"button\"><svg aria-hidden=\"true\"></svg></button>",
        "<button>Go</button>",
        "<use href=\"#i-nowhere\"/>",
    ] {
        assert!(!offences(broken).is_empty(), "{broken}");
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
