//! Reaching PostgreSQL: the URL, TLS, the pool, and whether the server is one we can use.

use super::CONNECTIONS;
use crate::OpenError;
use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

const OLDEST_SERVER: i64 = 140_000;
/// A server that answers nothing, and a network that swallows packets, must become an error while
/// the reader of a page still waits; the URL can set each of these otherwise.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const FREE_CONNECTION_WITHIN: Duration = Duration::from_secs(10);
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(15);
const KEEPALIVE: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 3;

pub(super) fn config(url: &str) -> Result<Config, OpenError> {
    let mut config: Config = url.parse().map_err(|error| {
        OpenError::new(
            format!("the database URL cannot be read: {error}"),
            "write it as postgres://user:password@host/database",
        )
    })?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_WITHIN);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(ACKNOWLEDGED_WITHIN);
    }
    if config.get_keepalives_interval().is_none() {
        config
            .keepalives_idle(KEEPALIVE)
            .keepalives_interval(KEEPALIVE)
            .keepalives_retries(KEEPALIVE_RETRIES);
    }
    if config.get_application_name().is_none() {
        config.application_name("helpdesky");
    }
    Ok(config)
}

pub(super) fn pool(config: &Config, tls: Option<&MakeRustlsConnect>) -> Result<Pool, OpenError> {
    let manager_config = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = match tls {
        Some(tls) => Manager::from_config(config.clone(), tls.clone(), manager_config),
        None => Manager::from_config(config.clone(), NoTls, manager_config),
    };
    Pool::builder(manager)
        .max_size(CONNECTIONS)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(FREE_CONNECTION_WITHIN))
        .build()
        .map_err(|error| {
            OpenError::new(
                format!("cannot prepare connections: {error}"),
                "report this as a bug",
            )
        })
}

pub(super) async fn check_server(client: &Client) -> Result<(), OpenError> {
    let unreadable = |error: &dyn std::fmt::Display| {
        OpenError::new(
            format!("cannot ask PostgreSQL for its version: {error}"),
            "check the user's rights",
        )
    };
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding')",
            &[],
        )
        .await
        .map_err(|error| unreadable(&error))?;
    let version: i64 = row.try_get(0).map_err(|error| unreadable(&error))?;
    let encoding: String = row.try_get(1).map_err(|error| unreadable(&error))?;
    if version < OLDEST_SERVER {
        return Err(OpenError::new(
            format!("this PostgreSQL is version {}, too old", version / 10_000),
            "use PostgreSQL 14 or later",
        ));
    }
    if encoding != "UTF8" {
        return Err(OpenError::new(
            format!("this PostgreSQL database is encoded in {encoding}"),
            "create the database with ENCODING 'UTF8'",
        ));
    }
    Ok(())
}

pub(super) fn tls() -> Result<Option<MakeRustlsConnect>, OpenError> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in rustls_native_certs::load_native_certs().certs {
        // A certificate that rustls cannot read is one the server cannot be verified with.
        drop(roots.add(certificate));
    }
    if roots.is_empty() {
        // No trusted roots on this machine: only connections that need no TLS can be made.
        return Ok(None);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::new(format!("cannot set up TLS: {error}"), "report this as a bug"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(MakeRustlsConnect::new(config)))
}
