//! The general settings of a helpdesk, and further helpdesks on one installation.

use super::browser::{Browser, PASSWORD, operator, owner};
use crate::support::TestApp;
use helpdesky::operators::Role;

both_engines!(
    the_name_is_changed_and_seen_by_contacts,
    an_owner_creates_a_further_helpdesk,
    only_owners_create_helpdesks,
);

async fn the_name_is_changed_and_seen_by_contacts(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let contact = app.contact(&helpdesk, "a@example.com");
    assert_eq!(contact.verify().await["helpdesk"]["name"], "Acme");
    let address = format!("/h/{}/settings/general", helpdesk.id);
    let page = boss.get(&address).await;
    assert!(page.html.contains(&helpdesk.id) && page.html.contains(&app.base));
    let bad = boss.submit(&page, &address, &[("name", " \r\n ")]).await;
    assert!(bad.status == 422 && bad.html.contains("id=\"name-error\""));
    let saved = boss
        .submit(&page, &address, &[("name", "Acme <script>\u{0}& Sons")])
        .await;
    assert_eq!((saved.status, saved.location()), (303, address.clone()));
    let page = boss.get(&address).await;
    assert!(page.html.contains("Acme &#60;script&#62;") && !page.html.contains("Acme <script>"));
    assert_eq!(contact.verify().await["helpdesk"]["name"], "Acme <script> & Sons");
}

async fn an_owner_creates_a_further_helpdesk(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let form = boss.get("/helpdesks/new").await;
    assert_eq!(form.status, 200);
    assert_eq!(
        boss.submit(&form, "/helpdesks", &[("name", " ")]).await.status,
        422
    );
    let made = boss.submit(&form, "/helpdesks", &[("name", "Globex")]).await;
    assert_eq!(made.status, 303);
    let inbox = boss.get(&made.location()).await;
    assert!(inbox.html.contains("Globex") && inbox.html.contains("Owner"));
    // The switcher leads to both, and to the next new one.
    for shown in [
        "Acme",
        "Globex",
        "/helpdesks/new",
        &format!("/h/{}/conversations", helpdesk.id),
    ] {
        assert!(inbox.html.contains(shown), "{shown}");
    }
    let id = made.location().split('/').nth(2).expect("an id").to_owned();
    assert_ne!(id, helpdesk.id);
    for path in [
        "settings/general",
        "settings/operators",
        "settings/audit",
        "ticket-center",
    ] {
        assert_eq!(boss.get(&format!("/h/{id}/{path}")).await.status, 200, "{path}");
    }
    let log = boss.get(&format!("/h/{id}/settings/audit")).await.html;
    assert!(log.contains("Helpdesk created") && log.contains("noor@acme.example"));
    assert!(
        !log.contains("Operator added"),
        "the other helpdesk has its own log"
    );
}

async fn only_owners_create_helpdesks(app: TestApp) {
    let (helpdesk, _) = owner(&app).await;
    operator(&app, &helpdesk, "ada@acme.example", Role::Admin).await;
    let mut ada = Browser::new(&app);
    ada.sign_in("ada@acme.example", PASSWORD).await;
    assert_eq!(ada.get("/helpdesks/new").await.status, 403);
    let page = ada.get(&format!("/h/{}/settings/general", helpdesk.id)).await;
    assert!(page.status == 200 && !page.html.contains("/helpdesks/new"));
    assert_eq!(
        ada.submit(&page, "/helpdesks", &[("name", "Mine")]).await.status,
        403
    );
    let list = helpdesky::helpdesks::list(&app.app).await.expect("helpdesks");
    assert_eq!(list.len(), 1);
}
