//! Everything that happens without a request, on one page.

use crate::app::App;
use crate::secrets::failures;
use std::time::Duration;

const FLUSH: Duration = Duration::from_secs(1);

/// Works until the application stops, then finishes what is in memory.
pub(crate) async fn run(app: App) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(FLUSH) => {}
            () = app.stopping() => break,
        }
        flush(&app).await;
    }
    flush(&app).await;
}

async fn flush(app: &App) {
    if let Err(error) = failures::flush(app).await {
        tracing::warn!(%error, "failed verifications could not be kept");
    }
}
