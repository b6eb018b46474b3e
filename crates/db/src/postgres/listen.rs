//! Hints of other nodes, heard by LISTEN on a connection of its own.

use super::CHANNEL;
use crate::{Error, Hint};
use futures_util::{FutureExt, StreamExt, future, stream};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio_postgres::{AsyncMessage, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

const RECONNECT: Duration = Duration::from_secs(1);

/// Hears the hints of all nodes; after every (re)connection it tells listeners to look at everything.
pub(super) async fn listen(
    config: Config,
    tls: Option<MakeRustlsConnect>,
    hints: broadcast::Sender<Hint>,
    listening: Arc<AtomicBool>,
) {
    loop {
        let heard = match &tls {
            Some(tls) => listen_once(&config, tls.clone(), &hints, &listening).await,
            None => listen_once(&config, NoTls, &hints, &listening).await,
        };
        listening.store(false, Relaxed);
        if let Err(error) = heard {
            tracing::warn!(%error, "hints from other nodes do not arrive; trying again");
        }
        drop(hints.send(Hint::Everything));
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn listen_once<M>(
    config: &Config,
    tls: M,
    hints: &broadcast::Sender<Hint>,
    listening: &AtomicBool,
) -> Result<(), Error>
where
    M: tokio_postgres::tls::MakeTlsConnect<tokio_postgres::Socket>,
{
    let (client, mut connection) = config.connect(tls).await?;
    let mut messages = pin!(stream::poll_fn(move |context| connection.poll_message(context)));
    let subscribed = async {
        let result = client.batch_execute(&format!("LISTEN {CHANNEL}")).await;
        if result.is_ok() {
            listening.store(true, Relaxed);
            drop(hints.send(Hint::Everything));
            future::pending::<()>().await;
        }
        result
    };
    let mut subscribed = pin!(subscribed.fuse());
    loop {
        futures_util::select_biased! {
            failed = subscribed => { failed?; }
            message = messages.next().fuse() => match message {
                Some(Ok(AsyncMessage::Notification(note))) => {
                    if let Ok(topic) = note.payload().parse() {
                        drop(hints.send(Hint::Topic(topic)));
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            }
        }
    }
}
