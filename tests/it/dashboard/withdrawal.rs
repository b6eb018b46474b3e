//! An answer that nobody has read is taken back: out of the mail, the Ticket Center, the search, and
//! into the box again.

use std::time::Duration;

use helpdesky::mail_out::mailer;
use helpdesky::operators::Role;
use helpdesky::search::indexing;

use super::browser::{self, Browser};
use crate::support::events::EventStream;
use crate::support::{TestApp, TestHelpdesk};

both_engines!(
    an_answer_is_taken_back_before_anybody_reads_it,
    what_else_the_mail_carries_still_leaves,
    what_was_read_mailed_or_answered_stays,
    only_its_author_takes_an_answer_back,
);

const MINUTE: i64 = 60_000;

struct Desk<'app> {
    helpdesk: TestHelpdesk,
    browser: Browser<'app>,
    id: String,
    at: String,
}

impl<'app> Desk<'app> {
    /// A helpdesk that sends, with a conversation that its owner has seen.
    async fn open(app: &'app TestApp) -> Self {
        let (helpdesk, mut browser) = browser::owner(app).await;
        let helpdesk = app.with_new_secret(&helpdesk).await;
        let id = app
            .contact(&helpdesk, "ann@example.com")
            .open("The VAT line")
            .await;
        let at = format!("/h/{}/conversations/{id}", helpdesk.id);
        let page = browser.get(&at).await;
        browser
            .submit(&page, &format!("{at}/seen"), &[("position", "1")])
            .await;
        Self {
            helpdesk,
            browser,
            id,
            at,
        }
    }

    async fn reply(&mut self, body: &str) {
        let page = self.browser.get(&self.at).await;
        let key = page.hidden("key");
        let fields = [("body", body), ("key", key.as_str()), ("mode", "reply")];
        let sent = self
            .browser
            .submit(&page, &format!("{}/replies", self.at), &fields)
            .await;
        assert_eq!(sent.status, 303, "{}", sent.html);
    }

    /// Takes the answer at this position back; what the page says then.
    async fn take_back(&mut self, position: &str) -> String {
        let page = self.browser.get(&self.at).await;
        let path = format!("{}/replies/withdrawal", self.at);
        let done = self.browser.submit(&page, &path, &[("position", position)]).await;
        assert_eq!(done.status, 303, "{}", done.html);
        self.page().await
    }

    async fn page(&mut self) -> String {
        self.browser.get(&self.at).await.html
    }
}

/// The texts that left, once there are so many mails.
async fn left(app: &TestApp, count: usize) -> Vec<String> {
    for _ in 0..200 {
        if mailer::look_into_memory(&app.app).len() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mails = mailer::take_memory(&app.app);
    assert_eq!(mails.len(), count);
    let text = |mail: &mail::ComposedMail| mail::view(&mail.bytes).expect("a mail").text;
    mails.iter().map(text).collect()
}

async fn an_answer_is_taken_back_before_anybody_reads_it(app: TestApp) {
    let app = app.sending().await;
    let mut desk = Desk::open(&app).await;
    let ann = app.contact(&desk.helpdesk, "ann@example.com");
    let token = ann.token().await;
    let mut stream = EventStream::open(&app, &token, None).await;
    desk.reply("Utterly mistaken.").await;
    indexing::catch_up(&app.app).await.unwrap();
    let listed = ann.listed(&desk.id).await;
    assert_eq!(
        (&listed["preview"], &listed["unreadCount"]),
        (&"Utterly mistaken.".into(), &1.into())
    );
    stream.next_of("message").await;

    assert!(desk.page().await.contains("Take back"));
    let html = desk.take_back("2").await;
    assert!(
        html.contains("Reply taken back") && html.contains("took an answer back"),
        "{html}"
    );
    assert!(!html.contains("Take back"), "there is nothing more to take back");
    let page = desk.browser.get(&desk.at).await;
    let text = page
        .html
        .split_once("<textarea")
        .and_then(|(_, rest)| rest.split_once("</textarea>"));
    assert!(text.unwrap().0.contains("Utterly mistaken."), "it is in the box");

    // Whoever looks sees what was there before, and open panels hear of it.
    let listed = ann.listed(&desk.id).await;
    assert_eq!(
        (&listed["preview"], &listed["unreadCount"]),
        (&"The VAT line".into(), &0.into())
    );
    let heard = stream.next_of("conversation").await;
    assert_eq!(
        heard.data["conversation"]["lastMessageAt"],
        listed["lastMessageAt"]
    );
    assert_eq!(ann.bodies(&desk.id).await, ["The VAT line"]);
    indexing::catch_up(&app.app).await.unwrap();
    let found = desk
        .browser
        .get(&format!("/h/{}/search?q=mistaken", desk.helpdesk.id))
        .await
        .html;
    assert!(!found.contains("<mark>"), "{found}");
    let found = desk
        .browser
        .get(&format!("/h/{}/search?q=VAT", desk.helpdesk.id))
        .await
        .html;
    assert!(found.contains("<mark>"), "what is left is still found");
    app.advance(5 * MINUTE);
    left(&app, 0).await;

    // The conversation goes on as ever.
    desk.reply("Quite right.").await;
    assert_eq!(ann.bodies(&desk.id).await, ["The VAT line", "Quite right."]);
    let again = desk.take_back("2").await;
    assert!(
        again.contains("written after") || again.contains("read"),
        "{again}"
    );
}

async fn what_else_the_mail_carries_still_leaves(app: TestApp) {
    let app = app.sending().await;
    let mut desk = Desk::open(&app).await;
    desk.reply("The first stays.").await;
    app.advance(30_000);
    desk.reply("The second goes.").await;
    desk.take_back("3").await;
    app.advance(29_000);
    left(&app, 0).await;
    app.advance(1_001);
    let mails = left(&app, 1).await;
    assert!(
        mails[0].contains("The first stays.") && !mails[0].contains("The second goes."),
        "{mails:?}"
    );
    app.advance(5 * MINUTE);
    left(&app, 0).await;
}

async fn what_was_read_mailed_or_answered_stays(app: TestApp) {
    let app = app.sending().await;
    let mut desk = Desk::open(&app).await;
    let ann = app.contact(&desk.helpdesk, "ann@example.com");
    desk.reply("Read at once.").await;
    ann.history(&desk.id).await;
    assert!(desk.take_back("2").await.contains("has read this answer"));
    app.advance(2 * MINUTE);
    left(&app, 0).await;

    desk.reply("Mailed.").await;
    app.advance(2 * MINUTE);
    left(&app, 1).await;
    assert!(desk.take_back("3").await.contains("on its way"));

    desk.reply("Answered.").await;
    ann.reply(&desk.id, "One moment").await;
    assert!(desk.take_back("4").await.contains("written after this answer"));
    for position in ["0", "5", "99", "-1"] {
        let html = desk.take_back(position).await;
        assert!(html.contains("answer"), "{html}");
    }
    assert_eq!(
        ann.bodies(&desk.id).await,
        [
            "The VAT line",
            "Read at once.",
            "Mailed.",
            "Answered.",
            "One moment"
        ]
    );
}

async fn only_its_author_takes_an_answer_back(app: TestApp) {
    let mut desk = Desk::open(&app).await;
    desk.reply("Mine.").await;
    browser::operator(&app, &desk.helpdesk, "other@example.com", Role::Admin).await;
    let mut other = Browser::new(&app);
    other.sign_in("other@example.com", browser::PASSWORD).await;
    let page = other.get(&desk.at).await;
    assert!(!page.html.contains("Take back"));
    let path = format!("{}/replies/withdrawal", desk.at);
    let done = other.submit(&page, &path, &[("position", "2")]).await;
    assert_eq!(done.status, 303);
    assert!(
        other
            .get(&desk.at)
            .await
            .html
            .contains("Only who wrote an answer")
    );
    let ann = app.contact(&desk.helpdesk, "ann@example.com");
    assert_eq!(ann.bodies(&desk.id).await, ["The VAT line", "Mine."]);
}
