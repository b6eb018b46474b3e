//! Roles, removal, and what a removed operator leaves behind.

use std::time::Duration;

use super::browser::{Browser, PASSWORD, operator, owner};
use super::invitations::invite;
use super::live::hears;
use crate::support::{TestApp, TestContact, TestHelpdesk, count};
use helpdesky::operators::members::{self, Changer};
use helpdesky::operators::{self, Role};

both_engines!(
    admins_manage_operators_and_admins_but_no_owners,
    the_last_owner_is_neither_demoted_nor_removed,
    two_owners_who_demote_each_other_leave_one,
    two_owners_who_remove_each_other_leave_one,
    however_often_two_owners_demote_each_other_one_stays,
    a_removed_operator_is_out_at_once_and_loses_the_stream,
    a_demoted_admin_administers_no_more,
    open_conversations_of_a_removed_operator_become_unassigned,
    a_closed_conversation_of_somebody_gone_comes_back_to_nobody,
    what_a_removed_operator_wrote_keeps_their_name,
    invitations_of_somebody_removed_or_demoted_are_void,
);

async fn id_of(app: &TestApp, helpdesk: &TestHelpdesk, email: &str) -> String {
    let helpdesk_id = helpdesk.id.parse().expect("an id");
    let found = operators::member_by_email(&app.app, helpdesk_id, email)
        .await
        .expect("members");
    found.expect("a member").operator.id.to_string()
}

async fn role_of(app: &TestApp, helpdesk: &TestHelpdesk, email: &str) -> Option<Role> {
    let helpdesk_id = helpdesk.id.parse().expect("an id");
    let found = operators::member_by_email(&app.app, helpdesk_id, email)
        .await
        .expect("members");
    found.map(|member| member.role)
}

async fn signed_in<'app>(app: &'app TestApp, email: &str) -> Browser<'app> {
    let mut browser = Browser::new(app);
    assert_eq!(browser.sign_in(email, PASSWORD).await.status, 303);
    browser
}

/// Sends the form of the row of one operator; the status of the answer.
async fn change(browser: &mut Browser<'_>, helpdesk: &TestHelpdesk, id: &str, what: &str, role: &str) -> u16 {
    let address = format!("/h/{}/settings/operators", helpdesk.id);
    let page = browser.get(&format!("/h/{}/conversations", helpdesk.id)).await;
    browser
        .submit(&page, &format!("{address}/{id}/{what}"), &[("role", role)])
        .await
        .status
}

async fn admins_manage_operators_and_admins_but_no_owners(app: TestApp) {
    let (helpdesk, _) = owner(&app).await;
    for (email, role) in [
        ("ada@acme.example", Role::Admin),
        ("adi@acme.example", Role::Admin),
        ("op@acme.example", Role::Operator),
    ] {
        operator(&app, &helpdesk, email, role).await;
    }
    let mut ada = signed_in(&app, "ada@acme.example").await;
    let (boss, me) = (
        id_of(&app, &helpdesk, "noor@acme.example").await,
        id_of(&app, &helpdesk, "ada@acme.example").await,
    );
    let (adi, op) = (
        id_of(&app, &helpdesk, "adi@acme.example").await,
        id_of(&app, &helpdesk, "op@acme.example").await,
    );
    let page = ada.get(&format!("/h/{}/settings/operators", helpdesk.id)).await;
    assert!(!page.html.contains("value=\"owner\""), "no owner can be made");
    assert!(
        !page.html.contains(&format!("operators/{boss}")),
        "and none removed"
    );
    for (id, what, role, wanted) in [
        (&op, "role", "admin", 303),
        (&op, "role", "operator", 303),
        (&op, "role", "owner", 403),
        (&me, "role", "owner", 403),
        (&boss, "role", "operator", 403),
        (&boss, "role", "owner", 403),
        (&boss, "removal", "", 403),
        (&adi, "role", "operator", 303),
        (&adi, "removal", "", 303),
    ] {
        assert_eq!(
            change(&mut ada, &helpdesk, id, what, role).await,
            wanted,
            "{what} {role}"
        );
    }
    assert_eq!(
        role_of(&app, &helpdesk, "noor@acme.example").await,
        Some(Role::Owner)
    );
    assert_eq!(
        role_of(&app, &helpdesk, "op@acme.example").await,
        Some(Role::Operator)
    );
    assert_eq!(role_of(&app, &helpdesk, "adi@acme.example").await, None);
    let mut plain = signed_in(&app, "op@acme.example").await;
    for (id, role) in [(&op, "admin"), (&me, "operator")] {
        assert_eq!(change(&mut plain, &helpdesk, id, "role", role).await, 403);
        assert_eq!(change(&mut plain, &helpdesk, id, "removal", "").await, 403);
    }
    let invited = {
        let page = ada.get(&format!("/h/{}/settings/operators", helpdesk.id)).await;
        let path = format!("/h/{}/settings/operators/invitations", helpdesk.id);
        let fields = [("email", "new@acme.example"), ("role", "owner")];
        ada.submit(&page, &path, &fields).await
    };
    assert_eq!(invited.status, 403, "an admin invites no owner");
}

async fn the_last_owner_is_neither_demoted_nor_removed(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let me = id_of(&app, &helpdesk, "noor@acme.example").await;
    assert_eq!(change(&mut boss, &helpdesk, &me, "role", "admin").await, 422);
    assert_eq!(change(&mut boss, &helpdesk, &me, "removal", "").await, 422);
    let page = boss.get(&format!("/h/{}/settings/operators", helpdesk.id)).await;
    assert!(page.html.contains("The only owner") && !page.html.contains(&format!("operators/{me}\"")));

    operator(&app, &helpdesk, "op@acme.example", Role::Operator).await;
    let op = id_of(&app, &helpdesk, "op@acme.example").await;
    assert_eq!(change(&mut boss, &helpdesk, &op, "role", "owner").await, 303);
    // With a second owner the first may go.
    let page = boss
        .get(&format!("/h/{}/settings/operators/{me}", helpdesk.id))
        .await;
    assert!(page.html.contains("Leave Acme?"));
    assert_eq!(change(&mut boss, &helpdesk, &me, "removal", "").await, 303);
    let home = boss.get("/").await;
    assert!(home.status == 403 && home.html.contains("You belong to no helpdesk any more"));
    assert_eq!(
        role_of(&app, &helpdesk, "op@acme.example").await,
        Some(Role::Owner)
    );
}

/// Two owners act on each other at the same moment; how many owners are left.
async fn owners_left(app: &TestApp, what: &str) -> usize {
    let (helpdesk, mut noor) = owner(app).await;
    operator(app, &helpdesk, "olga@acme.example", Role::Owner).await;
    let mut olga = signed_in(app, "olga@acme.example").await;
    let (a, b) = (
        id_of(app, &helpdesk, "noor@acme.example").await,
        id_of(app, &helpdesk, "olga@acme.example").await,
    );
    let address = format!("/h/{}/settings/operators", helpdesk.id);
    let (first, second) = (noor.get(&address).await, olga.get(&address).await);
    let (first, second) = (first.hidden("csrf"), second.hidden("csrf"));
    let (to_b, to_a) = (format!("{address}/{b}/{what}"), format!("{address}/{a}/{what}"));
    let fields = |csrf| [("csrf", csrf), ("role", "operator")];
    let (first, second) = (fields(first.as_str()), fields(second.as_str()));
    let statuses = futures_util::join!(noor.post_beside(&to_b, &first), olga.post_beside(&to_a, &second));
    let done = [statuses.0, statuses.1]
        .iter()
        .filter(|status| **status == 303)
        .count();
    assert_eq!(done, 1, "{statuses:?}");
    let members = operators::list(&app.app, helpdesk.id.parse().expect("an id")).await;
    let members = members.expect("members");
    members.iter().filter(|member| member.role == Role::Owner).count()
}

async fn two_owners_who_demote_each_other_leave_one(app: TestApp) {
    assert_eq!(owners_left(&app, "role").await, 1);
}

async fn two_owners_who_remove_each_other_leave_one(app: TestApp) {
    assert_eq!(owners_left(&app, "removal").await, 1);
}

async fn however_often_two_owners_demote_each_other_one_stays(app: TestApp) {
    let helpdesk = app.helpdesk_without_secret("Acme").await;
    let id = helpdesk.id.parse().expect("an id");
    for email in ["a@acme.example", "b@acme.example"] {
        operator(&app, &helpdesk, email, Role::Owner).await;
    }
    let owners = operators::list(&app.app, id).await.expect("members");
    let by = |n: usize| Changer::Member(owners[n].clone());
    let (a, b) = (owners[0].operator.id, owners[1].operator.id);
    let (by_a, by_b) = (by(0), by(1));
    for round in 0..count(30, 300) {
        let (first, second) = futures_util::join!(
            members::set_role(&app.app, id, &by_a, b, Role::Operator),
            members::set_role(&app.app, id, &by_b, a, Role::Operator),
        );
        assert!(
            first.is_ok() != second.is_ok(),
            "round {round}: {first:?} {second:?}"
        );
        for demoted in [a, b] {
            let restored = members::set_role(&app.app, id, &Changer::Console, demoted, Role::Owner).await;
            restored.expect("an owner again");
        }
    }
}

async fn a_removed_operator_is_out_at_once_and_loses_the_stream(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    operator(&app, &helpdesk, "op@acme.example", Role::Admin).await;
    let mut browser = signed_in(&app, "op@acme.example").await;
    let base = format!("/h/{}", helpdesk.id);
    let page = browser.get(&format!("{base}/conversations")).await;
    let mut stream = browser.open(&format!("{base}/live")).await;
    assert!(hears(&mut stream, "event: ready", Duration::from_secs(5)).await);
    let op = id_of(&app, &helpdesk, "op@acme.example").await;
    let confirm = boss.get(&format!("{base}/settings/operators/{op}")).await;
    assert!(confirm.html.contains("Remove Noor Haddad?"));
    assert_eq!(change(&mut boss, &helpdesk, &op, "removal", "").await, 303);

    for path in [
        "conversations",
        "profile",
        "settings/operators",
        "settings/audit",
        "ticket-center",
    ] {
        assert_eq!(browser.get(&format!("{base}/{path}")).await.status, 404, "{path}");
    }
    let sent = browser
        .submit(&page, &format!("{base}/profile/name"), &[("name", "x")])
        .await;
    assert_eq!(sent.status, 404);
    assert!(hears(&mut stream, "event: end", Duration::from_secs(5)).await);
    // What they sign in to is nothing.
    let mut again = Browser::new(&app);
    assert_eq!(again.sign_in("op@acme.example", PASSWORD).await.status, 303);
    assert_eq!(again.get("/").await.status, 403);
}

async fn a_demoted_admin_administers_no_more(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    operator(&app, &helpdesk, "ada@acme.example", Role::Admin).await;
    let mut ada = signed_in(&app, "ada@acme.example").await;
    let address = format!("/h/{}/settings/general", helpdesk.id);
    let page = ada.get(&address).await;
    assert_eq!(page.status, 200);
    let id = id_of(&app, &helpdesk, "ada@acme.example").await;
    assert_eq!(change(&mut boss, &helpdesk, &id, "role", "operator").await, 303);
    assert_eq!(ada.get(&address).await.status, 403);
    assert_eq!(ada.submit(&page, &address, &[("name", "Mine")]).await.status, 403);
}

/// Opens conversations that are assigned to this operator.
async fn assigned(contact: &TestContact<'_>, boss: &mut Browser<'_>, id: &str, many: usize) -> Vec<String> {
    let mut made = Vec::new();
    for n in 0..many {
        let conversation = contact.open(&format!("Question {n}")).await;
        let address = format!("/h/{}/conversations/{conversation}", contact.helpdesk.id);
        let page = boss.get(&address).await;
        let sent = boss
            .submit(&page, &format!("{address}/assignment"), &[("assignee", id)])
            .await;
        assert_eq!(sent.status, 303);
        made.push(conversation);
    }
    made
}

async fn open_conversations_of_a_removed_operator_become_unassigned(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    operator(&app, &helpdesk, "op@acme.example", Role::Operator).await;
    let op = id_of(&app, &helpdesk, "op@acme.example").await;
    let contact = app.contact(&helpdesk, "a@example.com");
    // More than one transaction lets go.
    let theirs = assigned(&contact, &mut boss, &op, 60).await;
    let list = format!("/h/{}/conversations?view=unassigned", helpdesk.id);
    assert!(!boss.get(&list).await.html.contains("id=\"row-"));
    let mut stream = boss.open(&format!("/h/{}/live", helpdesk.id)).await;
    assert!(hears(&mut stream, "event: ready", Duration::from_secs(5)).await);
    assert_eq!(change(&mut boss, &helpdesk, &op, "removal", "").await, 303);
    assert!(
        hears(&mut stream, "event: change", Duration::from_secs(10)).await,
        "lists stay live"
    );
    // Each event that comes is a reason to look again; the stream is silent once all are told.
    let shows = async |boss: &mut Browser<'_>,
                       stream: &mut reqwest::Response,
                       path: &str,
                       wanted: &dyn Fn(&str) -> bool| {
        loop {
            let page = boss.get(path).await;
            if wanted(&page.html) {
                return;
            }
            let more = hears(stream, "event: change", Duration::from_secs(10)).await;
            assert!(more, "{path}: {}", page.html);
        }
    };
    let whole_page = |html: &str| html.matches("id=\"row-").count() == 50;
    shows(&mut boss, &mut stream, &list, &whole_page).await;
    for conversation in [&theirs[0], &theirs[59]] {
        let path = format!("/h/{}/conversations/{conversation}", helpdesk.id);
        let told = |html: &str| html.contains("<b>Noor Haddad</b> unassigned this");
        shows(&mut boss, &mut stream, &path, &told).await;
    }
    assert_eq!(numbers(&app, &helpdesk).await, (60, 60, 0));
}

/// Unassigned, open and closed, as the sidebar counts them.
async fn numbers(app: &TestApp, helpdesk: &TestHelpdesk) -> (i64, i64, i64) {
    let helpdesk_id = helpdesk.id.parse().expect("an id");
    let members = operators::list(&app.app, helpdesk_id).await.expect("members");
    let counts = helpdesky::conversations::counts::of(&app.app, &members[0]).await;
    let counts = counts.expect("the numbers");
    (counts.unassigned, counts.open, counts.closed)
}

async fn a_closed_conversation_of_somebody_gone_comes_back_to_nobody(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    operator(&app, &helpdesk, "op@acme.example", Role::Operator).await;
    let op = id_of(&app, &helpdesk, "op@acme.example").await;
    let contact = app.contact(&helpdesk, "a@example.com");
    let closed = assigned(&contact, &mut boss, &op, 2).await;
    for conversation in &closed {
        contact.close(conversation).await;
    }
    assert_eq!(change(&mut boss, &helpdesk, &op, "removal", "").await, 303);
    // One is reopened by its contact, the other by an operator.
    contact.reply(&closed[0], "One more thing").await;
    app.operator_reopen(&helpdesk, &closed[1]).await;
    let list = format!("/h/{}/conversations?view=unassigned", helpdesk.id);
    assert_eq!(boss.get(&list).await.html.matches("id=\"row-").count(), 2);
    assert_eq!(numbers(&app, &helpdesk).await, (2, 2, 0));
}

async fn what_a_removed_operator_wrote_keeps_their_name(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let link = invite(&mut boss, &helpdesk, "li@acme.example", "operator").await;
    let mut li = Browser::new(&app);
    let form = li.get(&link).await;
    li.submit(&form, &link, &[("name", "Li Wei"), ("password", PASSWORD)])
        .await;
    let conversation = app.contact(&helpdesk, "a@example.com").open("Hello").await;
    let address = format!("/h/{}/conversations/{conversation}", helpdesk.id);
    let page = li.get(&address).await;
    li.submit(&page, &format!("{address}/replies"), &[("body", "An answer")])
        .await;
    let id = id_of(&app, &helpdesk, "li@acme.example").await;
    assert_eq!(change(&mut boss, &helpdesk, &id, "removal", "").await, 303);
    assert!(boss.get(&address).await.html.contains("<b>Li Wei</b>"));
    let history = app
        .contact(&helpdesk, "a@example.com")
        .history(&conversation)
        .await;
    assert_eq!(history["messages"][1]["authorName"], "Li Wei");
}

async fn invitations_of_somebody_removed_or_demoted_are_void(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    for (what, role) in [("role", "operator"), ("removal", "")] {
        let email = format!("{what}@acme.example");
        operator(&app, &helpdesk, &email, Role::Admin).await;
        let mut admin = signed_in(&app, &email).await;
        let link = invite(&mut admin, &helpdesk, "friend@evil.example", "admin").await;
        let kept = invite(&mut boss, &helpdesk, "li@acme.example", "operator").await;
        let mut friend = Browser::new(&app);
        assert_eq!(friend.get(&link).await.status, 200);
        let id = id_of(&app, &helpdesk, &email).await;
        assert_eq!(change(&mut boss, &helpdesk, &id, what, role).await, 303);
        assert_eq!(friend.get(&link).await.status, 404, "{what}");
        assert_eq!(friend.get(&kept).await.status, 200, "{what}");
    }
}
