//! The Verification Tool is no oracle: it answers administrators, from its own page, and is on record.

use super::browser::{Browser, PASSWORD, operator, owner};
use super::ticket_center::{audited, generate};
use crate::support::TestApp;
use crate::support::signing::sign;
use helpdesky::operators::Role;

both_engines!(nobody_but_an_administrator_on_its_page_is_told_a_signature);

async fn nobody_but_an_administrator_on_its_page_is_told_a_signature(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = generate(&mut browser, &helpdesk).await.expect("a secret");
    let (email, right) = ("victim@example.com", sign(&helpdesk.secret, "victim@example.com"));
    let address = format!("/h/{}/ticket-center", helpdesk.id);
    let tool = format!("{address}/verification");
    let page = browser.get(&address).await;
    let csrf = page.hidden("csrf");

    // Another site sends the administrator's browser, with cookies and even with the token.
    let fields = [("csrf", csrf.as_str()), ("email", email), ("signature", "")];
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("sec-fetch-site", "none")],
        [("origin", "https://evil.example")],
        [("origin", "null")],
    ] {
        let refused = browser.post_with(&tool, &fields, &headers).await;
        assert_eq!(refused.status, 403, "{headers:?}");
        assert!(!refused.html.contains(&right));
    }
    for wrong in ["", "AAAA", &csrf[1..]] {
        let refused = browser.post(&tool, &[("csrf", wrong), ("email", email)]).await;
        assert_eq!(refused.status, 403, "{wrong}");
    }
    assert_eq!(
        browser.get(&format!("{tool}?email={email}")).await.status,
        405,
        "no link does it"
    );

    operator(&app, &helpdesk, "op@acme.example", Role::Operator).await;
    let other = app.helpdesk_without_secret("Globex").await;
    operator(&app, &other, "foreign@globex.example", Role::Owner).await;
    for (who, status) in [("op@acme.example", 403), ("foreign@globex.example", 404)] {
        let mut browser = Browser::new(&app);
        browser.sign_in(who, PASSWORD).await;
        let home = browser.get("/").await.location();
        let page = browser.get(&home).await;
        let refused = browser.submit(&page, &tool, &[("email", email)]).await;
        assert_eq!(refused.status, status, "{who}");
        assert!(!refused.html.contains(&right));
    }
    let checks = audited(&app)
        .await
        .into_iter()
        .filter(|(action, _, _)| action == "signature checked");
    assert_eq!(checks.count(), 0, "nothing was checked");

    // Ids of one millisecond are in no order.
    app.advance(1);
    let told = browser.submit(&page, &tool, &[("email", email)]).await;
    assert!(told.html.contains(&right) && !told.html.contains(&helpdesk.secret));
    assert_eq!(told.answer.header("cache-control"), Some("no-store"));
    let last = audited(&app).await.pop().expect("an entry");
    assert_eq!((last.0.as_str(), last.2.as_str()), ("signature checked", email));
}
