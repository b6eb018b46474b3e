//! The stream that keeps open screens in step.

use std::time::Duration;

use super::browser::owner;
use crate::support::TestApp;
use helpdesky::audit::By;
use helpdesky::operators;

both_engines!(
    a_new_message_is_announced_within_a_second,
    a_screen_that_comes_back_learns_that_it_missed_something,
    a_session_that_ended_loses_its_stream,
    a_screen_left_open_does_not_keep_its_session_alive,
);

/// Reads until such an event has come, or the stream ends, or the time is up. As in a browser, an event
/// without data is none (HTML, "Interpreting an event stream").
pub(super) async fn hears(stream: &mut reqwest::Response, wanted: &str, within: Duration) -> bool {
    let mut heard = String::new();
    let reading = async {
        while let Ok(Some(bytes)) = stream.chunk().await {
            heard.push_str(&String::from_utf8_lossy(&bytes));
            let mut events = heard.split("\n\n");
            if events.any(|event| event.contains(wanted) && event.contains("data: ")) {
                return true;
            }
        }
        false
    };
    tokio::time::timeout(within, reading).await.unwrap_or(false)
}

async fn a_new_message_is_announced_within_a_second(app: TestApp) {
    let (helpdesk, browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let mut stream = browser.open(&format!("/h/{}/live?after=0", helpdesk.id)).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.headers()["cache-control"], "no-store");
    assert!(hears(&mut stream, "event: ready", Duration::from_secs(5)).await);
    app.contact(&helpdesk, "a@example.com").open("Hello").await;
    assert!(hears(&mut stream, "event: change", Duration::from_secs(1)).await);
}

async fn a_screen_that_comes_back_learns_that_it_missed_something(app: TestApp) {
    let (helpdesk, browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    app.contact(&helpdesk, "a@example.com").open("Hello").await;
    let mut stream = browser.open(&format!("/h/{}/live?after=0", helpdesk.id)).await;
    assert!(hears(&mut stream, "event: change", Duration::from_secs(5)).await);
}

async fn a_session_that_ended_loses_its_stream(app: TestApp) {
    let (helpdesk, browser) = owner(&app).await;
    let mut stream = browser.open(&format!("/h/{}/live", helpdesk.id)).await;
    assert!(hears(&mut stream, "event: ready", Duration::from_secs(5)).await);
    operators::reset_password(&app.app, &By::console(), "noor@acme.example", "another good one")
        .await
        .expect("a new password");
    assert!(hears(&mut stream, "event: end", Duration::from_secs(8)).await);
    assert_eq!(
        browser.open(&format!("/h/{}/live", helpdesk.id)).await.status(),
        303
    );
}

async fn a_screen_left_open_does_not_keep_its_session_alive(app: TestApp) {
    let (helpdesk, browser) = owner(&app).await;
    let mut stream = browser.open(&format!("/h/{}/live", helpdesk.id)).await;
    assert!(hears(&mut stream, "event: ready", Duration::from_secs(5)).await);
    for _ in 0..2 {
        app.advance(8 * 24 * 60 * 60 * 1000);
        // Long enough for the stream to look at its session.
        let ended = hears(&mut stream, "event: end", Duration::from_secs(4)).await;
        if ended {
            return;
        }
    }
    panic!("the stream goes on after 16 days without use");
}
