//! SQL of the settings of outgoing mail.

use crate::ids::HelpdeskId;
use db::{Error, Tx};

/// A helpdesk's row; secrets are sealed.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) from_name: String,
    pub(super) from_address: String,
    pub(super) support_url: String,
    pub(super) relay_host: Option<String>,
    pub(super) relay_port: Option<i64>,
    pub(super) relay_tls: Option<String>,
    pub(super) relay_user: Option<String>,
    pub(super) relay_auth: Option<String>,
    pub(super) relay_password: Option<Vec<u8>>,
    pub(super) per_minute: Option<i64>,
    pub(super) connections: Option<i64>,
    pub(super) dkim_selector: Option<String>,
    pub(super) dkim_algorithm: Option<String>,
    pub(super) dkim_key: Option<Vec<u8>>,
}

pub(super) async fn find(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<Option<Row>, Error> {
    tx.first(
        "SELECT from_name, from_address, support_url, relay_host, relay_port, relay_tls, relay_user,
                relay_auth, relay_password, per_minute, connections, dkim_selector, dkim_algorithm, dkim_key
         FROM mail_settings WHERE helpdesk_id = $1",
        &[&helpdesk_id],
        |row| {
            Ok(Row {
                from_name: row.get(0)?,
                from_address: row.get(1)?,
                support_url: row.get(2)?,
                relay_host: row.get(3)?,
                relay_port: row.get(4)?,
                relay_tls: row.get(5)?,
                relay_user: row.get(6)?,
                relay_auth: row.get(7)?,
                relay_password: row.get(8)?,
                per_minute: row.get(9)?,
                connections: row.get(10)?,
                dkim_selector: row.get(11)?,
                dkim_algorithm: row.get(12)?,
                dkim_key: row.get(13)?,
            })
        },
    )
    .await
}

pub(super) async fn put(tx: &mut Tx, helpdesk_id: HelpdeskId, row: &Row, now_ms: i64) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO mail_settings (helpdesk_id, from_name, from_address, support_url, relay_host, relay_port,
             relay_tls, relay_user, relay_auth, relay_password, per_minute, connections, dkim_selector,
             dkim_algorithm, dkim_key, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         ON CONFLICT (helpdesk_id) DO UPDATE SET from_name = $2, from_address = $3, support_url = $4,
             relay_host = $5, relay_port = $6, relay_tls = $7, relay_user = $8, relay_auth = $9,
             relay_password = $10, per_minute = $11, connections = $12, dkim_selector = $13,
             dkim_algorithm = $14, dkim_key = $15, changed_at = $16",
        &[
            &helpdesk_id,
            &row.from_name,
            &row.from_address,
            &row.support_url,
            &row.relay_host,
            &row.relay_port,
            &row.relay_tls,
            &row.relay_user,
            &row.relay_auth,
            &row.relay_password,
            &row.per_minute,
            &row.connections,
            &row.dkim_selector,
            &row.dkim_algorithm,
            &row.dkim_key,
            &now_ms,
        ],
    )
    .await?;
    Ok(())
}
