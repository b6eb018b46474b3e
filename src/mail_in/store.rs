//! SQL of mail that comes in.

use super::Prepared;
use db::{Error, Tx};

pub(super) async fn insert(tx: &mut Tx, mail: &Prepared) -> Result<(), Error> {
    let hash: &[u8] = &mail.hash;
    tx.execute(
        "INSERT INTO mails (helpdesk_id, id, client, raw, content_hash) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        &[
            &mail.received.helpdesk_id,
            &mail.id,
            &mail.received.client,
            &mail.received.raw,
            &hash,
        ],
    )
    .await?;
    Ok(())
}
