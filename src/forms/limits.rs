//! How often forms are sent: by one network, without a proof, and to one helpdesk. What one address may
//! open within a day is counted in the inbox, where all nodes see it.

use super::settings::Protection;
use crate::app::App;
use crate::error::{Error, Kind};
use crate::ids::HelpdeskId;
use crate::web::client::ClientAddress;
use crate::web::throttle::Throttle;
use std::net::IpAddr;
use std::sync::Arc;

const HOUR_MS: i64 = 60 * 60 * 1000;
/// Forms asked for and mistakes made by one network: an office full of people behind one address.
const CALLS_BURST: i64 = 300;
const CALLS_EVERY_MS: i64 = 200;
/// Messages without a proof, by one network.
const UNPROVED_BURST: i64 = 3;
const UNPROVED_EVERY_MS: i64 = 10 * 60 * 1000;

/// Messages with files by one network, and to one helpdesk: their bytes stay.
const FILES_BURST: i64 = 10;
const FILES_EVERY_MS: i64 = HOUR_MS / 10;
const ALL_FILES_BURST: i64 = 100;
const ALL_FILES_EVERY_MS: i64 = HOUR_MS / 100;

struct Limits {
    calls: Throttle<IpAddr>,
    networks: Throttle<(HelpdeskId, IpAddr)>,
    unproved: Throttle<(HelpdeskId, IpAddr)>,
    helpdesks: Throttle<HelpdeskId>,
    files: Throttle<(HelpdeskId, IpAddr)>,
    all_files: Throttle<HelpdeskId>,
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// One network sent too much.
    Network,
    /// One network sent too much without a proof.
    Unproved,
    /// The helpdesk is sent too much.
    Helpdesk,
}

fn limits(app: &App) -> Arc<Limits> {
    app.room(|_| Limits {
        calls: Throttle::new(CALLS_BURST, CALLS_EVERY_MS),
        networks: Throttle::new(1, HOUR_MS),
        unproved: Throttle::new(UNPROVED_BURST, UNPROVED_EVERY_MS),
        helpdesks: Throttle::new(1, HOUR_MS),
        files: Throttle::new(FILES_BURST, FILES_EVERY_MS),
        all_files: Throttle::new(ALL_FILES_BURST, ALL_FILES_EVERY_MS),
    })
}

/// Counts any call of a form.
///
/// # Errors
/// `rate_limited`.
pub fn call(app: &App, client: ClientAddress) -> Result<(), Error> {
    limits(app)
        .calls
        .try_once(client.network(), app.now_ms())
        .map_err(too_many)
}

/// Counts a message of a network that is about to be accepted.
///
/// # Errors
/// Which limit it meets, and the refusal to answer with.
pub fn network(
    app: &App,
    helpdesk_id: HelpdeskId,
    client: ClientAddress,
    is_proved: bool,
    protection: &Protection,
) -> Result<(), (Limit, Error)> {
    let (limits, now) = (limits(app), app.now_ms());
    let key = (helpdesk_id, client.network());
    let an_hour = i64::from(protection.per_network_an_hour.max(1));
    limits
        .networks
        .try_within(key, now, an_hour, HOUR_MS / an_hour)
        .map_err(|wait| (Limit::Network, too_many(wait)))?;
    if !is_proved {
        limits
            .unproved
            .try_once(key, now)
            .map_err(|wait| (Limit::Unproved, too_many(wait)))?;
    }
    Ok(())
}

/// Counts a message with files, besides counting it as a message.
///
/// # Errors
/// The limit, and the refusal to answer with.
pub fn files(app: &App, helpdesk_id: HelpdeskId, client: ClientAddress) -> Result<(), (Limit, Error)> {
    let (limits, now) = (limits(app), app.now_ms());
    limits
        .files
        .try_once((helpdesk_id, client.network()), now)
        .map_err(|wait| (Limit::Network, too_many(wait)))?;
    limits
        .all_files
        .try_once(helpdesk_id, now)
        .map_err(|wait| (Limit::Helpdesk, too_many(wait)))
}

/// Counts a message to a helpdesk that is about to be accepted, after all else: what is refused uses up
/// nothing of it.
///
/// # Errors
/// The limit, and the refusal to answer with.
pub fn helpdesk(app: &App, helpdesk_id: HelpdeskId, protection: &Protection) -> Result<(), (Limit, Error)> {
    let an_hour = i64::from(protection.per_helpdesk_an_hour.max(1));
    limits(app)
        .helpdesks
        .try_within(helpdesk_id, app.now_ms(), an_hour, HOUR_MS / an_hour)
        .map_err(|wait| (Limit::Helpdesk, too_many(wait)))
}

/// The refusal of what comes too often, with the seconds after which it may come again.
pub fn too_many(wait_ms: i64) -> Error {
    let seconds = u64::try_from(wait_ms).unwrap_or(0).div_ceil(1_000).max(1);
    Error::new(
        Kind::TooMany {
            retry_after_seconds: seconds,
        },
        "rate_limited",
        "Too many messages; try again later",
    )
}
