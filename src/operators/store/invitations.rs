//! SQL of invitations.

use crate::ids::{HelpdeskId, InvitationId, OperatorId};
use crate::operators::Role;
use crate::operators::invitations::Invitation;
use db::{Error, Row, Tx};

macro_rules! invitations {
    () => {
        "SELECT id, email, role, invited_by_name, created_at, expires_at FROM invitations WHERE helpdesk_id = $1"
    };
}

pub(in crate::operators) async fn insert_invitation(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    new: &Invitation,
    invited_by: Option<OperatorId>,
    token_hash: &[u8; 32],
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO invitations (helpdesk_id, id, email, role, token_hash, invited_by, invited_by_name, created_at,
             expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &helpdesk_id,
            &new.id,
            &new.email,
            &new.role.name(),
            token_hash,
            &invited_by,
            &new.invited_by,
            &new.created_at,
            &new.expires_at,
        ],
    )
    .await?;
    Ok(())
}

pub(in crate::operators) async fn invitations(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
) -> Result<Vec<Invitation>, Error> {
    tx.all(
        concat!(invitations!(), " ORDER BY id DESC"),
        &[&helpdesk_id],
        read_invitation,
    )
    .await
}

pub(in crate::operators) async fn invitation(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: InvitationId,
) -> Result<Option<Invitation>, Error> {
    tx.first(
        concat!(invitations!(), " AND id = $2"),
        &[&helpdesk_id, &id],
        read_invitation,
    )
    .await
}

/// The invitation that a link's token opens, while it can be used.
pub(in crate::operators) async fn invitation_by_token(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    token_hash: &[u8; 32],
    now_ms: i64,
) -> Result<Option<Invitation>, Error> {
    tx.first(
        concat!(invitations!(), " AND token_hash = $2 AND expires_at > $3"),
        &[&helpdesk_id, token_hash, &now_ms],
        read_invitation,
    )
    .await
}

/// Puts a new link in the place of the old one, which is dead from then on.
pub(in crate::operators) async fn renew_invitation(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    renewed: &Invitation,
    invited_by: Option<OperatorId>,
    token_hash: &[u8; 32],
) -> Result<(), Error> {
    tx.execute(
        "UPDATE invitations SET token_hash = $3, expires_at = $4, invited_by = $5, invited_by_name = $6
         WHERE helpdesk_id = $1 AND id = $2",
        &[
            &helpdesk_id,
            &renewed.id,
            token_hash,
            &renewed.expires_at,
            &invited_by,
            &renewed.invited_by,
        ],
    )
    .await?;
    Ok(())
}

/// Deletes an invitation; false when another transaction was first.
pub(in crate::operators) async fn delete_invitation(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: InvitationId,
) -> Result<bool, Error> {
    let deleted = tx
        .execute(
            "DELETE FROM invitations WHERE helpdesk_id = $1 AND id = $2",
            &[&helpdesk_id, &id],
        )
        .await?;
    Ok(deleted == 1)
}

/// Deletes the invitation of an address, if there is one.
pub(in crate::operators) async fn delete_invitation_of(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    email: &str,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM invitations WHERE helpdesk_id = $1 AND email = $2",
        &[&helpdesk_id, &email],
    )
    .await?;
    Ok(())
}

/// Deletes what somebody invited who may not invite any more.
pub(in crate::operators) async fn delete_invitations_by(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    invited_by: OperatorId,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM invitations WHERE helpdesk_id = $1 AND invited_by = $2",
        &[&helpdesk_id, &invited_by],
    )
    .await?;
    Ok(())
}

pub(in crate::operators) async fn delete_expired_invitations(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    before_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM invitations WHERE helpdesk_id = $1 AND expires_at < $2",
        &[&helpdesk_id, &before_ms],
    )
    .await?;
    Ok(())
}

fn read_invitation(row: &Row<'_>) -> Result<Invitation, Error> {
    let role: String = row.get(2)?;
    let role: Role = role
        .parse()
        .map_err(|_| Error::Internal(format!("unknown role {role}")))?;
    Ok(Invitation {
        id: row.get(0)?,
        email: row.get(1)?,
        role,
        invited_by: row.get(3)?,
        created_at: row.get(4)?,
        expires_at: row.get(5)?,
    })
}
