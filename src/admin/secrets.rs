//! Commands about the HMAC secrets of helpdesks.

use super::command::Secret;
use super::helpdesks::find;
use super::{Answer, table, time};
use crate::app::App;
use crate::audit::By;
use crate::clock::iso8601;
use crate::error::{Error, Kind, Result};
use crate::ids::{HelpdeskId, SecretId};
use crate::secrets;
use serde_json::json;

pub(super) async fn run(app: &App, command: Secret) -> Result<Answer> {
    match command {
        Secret::Generate { helpdesk } => {
            let helpdesk = find(app, &helpdesk).await?;
            let made = secrets::generate(app, helpdesk.id, &By::console()).await?;
            let text = format!(
                "HELPDESKY_HMAC_SECRET={}\n\nStore it in your server's environment now: it is not shown again.",
                *made.text
            );
            Ok(Answer::new(
                json!({"id": made.secret.id, "secret": *made.text}),
                text,
            ))
        }
        Secret::List { helpdesk } => {
            let helpdesk = find(app, &helpdesk).await?;
            let (all, now) = (secrets::list(app, helpdesk.id).await?, app.now_ms());
            let state = |s: &secrets::Secret| match s.revoke_at {
                None => "live".to_owned(),
                Some(at) if at > now => format!("live until {}", time(at)),
                Some(at) => format!("revoked {}", time(at)),
            };
            let used = |s: &secrets::Secret| s.last_used_at.map_or_else(|| "never".to_owned(), time);
            let rows: Vec<_> = all
                .iter()
                .map(|s| {
                    vec![
                        s.id.to_string(),
                        s.fingerprint.clone(),
                        time(s.created_at),
                        used(s),
                        state(s),
                    ]
                })
                .collect();
            let text = if rows.is_empty() {
                "No secrets yet. Make one with: helpdesky secret generate --helpdesk ID".to_owned()
            } else {
                table(&["ID", "FINGERPRINT", "CREATED", "LAST USED", "STATE"], &rows)
            };
            let json = all.iter().map(|s| {
                json!({"id": s.id, "fingerprint": s.fingerprint, "live": s.is_live(now),
                "createdAt": iso8601(s.created_at), "lastUsedAt": s.last_used_at.map(iso8601),
                "revokeAt": s.revoke_at.map(iso8601)})
            });
            Ok(Answer::new(json!(json.collect::<Vec<_>>()), text))
        }
        Secret::Revoke {
            helpdesk,
            secret,
            after,
            at,
            yes,
        } => revoke(app, &helpdesk, &secret, after.as_deref(), at.as_deref(), yes).await,
        Secret::Keep { helpdesk, secret } => {
            let helpdesk = find(app, &helpdesk).await?;
            let found = live(app, helpdesk.id, &secret).await?;
            secrets::keep(app, helpdesk.id, found.id, &By::console()).await?;
            let text = format!("{} stays live.", found.fingerprint);
            Ok(Answer::new(json!({"id": found.id, "revokeAt": null}), text))
        }
    }
}

async fn revoke(
    app: &App,
    helpdesk: &str,
    secret: &str,
    after: Option<&str>,
    at: Option<&str>,
    yes: bool,
) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let found = live(app, helpdesk.id, secret).await?;
    let now = app.now_ms();
    let at = match (after, at) {
        (Some(after), _) => now.saturating_add(duration(after)?),
        (None, Some(at)) => moment(at, now)?,
        (None, None) => now,
    };
    let is_used = found
        .last_used_at
        .is_some_and(|used| now - used < secrets::IN_USE_MS);
    if at <= now && is_used && !yes {
        let sentence = "This secret was used in the last 24 hours: users signed in with it would be locked out. Give it time with --in 24h, or add --yes to revoke it at once all the same";
        return Err(Error::new(Kind::Conflict, "secret_in_use", sentence));
    }
    secrets::revoke(app, helpdesk.id, found.id, &By::console(), at).await?;
    if at <= now {
        return Ok(Answer::new(
            json!({"id": found.id, "revoked": true}),
            format!("Revoked {}.", found.fingerprint),
        ));
    }
    let text = format!(
        "{} is accepted until {} UTC. To take that back: helpdesky secret keep --helpdesk {} --secret {}",
        found.fingerprint,
        time(at),
        helpdesk.id,
        found.id
    );
    Ok(Answer::new(
        json!({"id": found.id, "revoked": false, "revokeAt": iso8601(at)}),
        text,
    ))
}

/// The live secret with this id.
async fn live(app: &App, helpdesk_id: HelpdeskId, id: &str) -> Result<secrets::Secret> {
    let unknown = || Error::not_found("unknown_secret", "There is no such live secret");
    let id: SecretId = id.parse().map_err(|_| unknown())?;
    let (all, now) = (secrets::list(app, helpdesk_id).await?, app.now_ms());
    all.into_iter()
        .find(|secret| secret.id == id && secret.is_live(now))
        .ok_or_else(unknown)
}

/// A while such as 30m, 24h or 7d, in milliseconds.
fn duration(text: &str) -> Result<i64> {
    let wrong = || {
        let sentence = format!("{text:?} is no while; write for example 30m, 24h or 7d");
        Error::unprocessable("invalid_duration", sentence)
    };
    let unit = text.chars().last().ok_or_else(wrong)?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        _ => return Err(wrong()),
    };
    let number = text.strip_suffix(unit).unwrap_or_default();
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let ms = number.checked_mul(minutes * 60_000).filter(|ms| *ms > 0);
    ms.ok_or_else(wrong)
}

/// A moment such as 2026-12-01T10:00Z that is yet to come.
fn moment(text: &str, now: i64) -> Result<i64> {
    let at: jiff::Timestamp = text.parse().map_err(|_| {
        let sentence = format!(
            "{text:?} is no moment; write it with its offset, for example 2030-12-01T10:00Z or 2030-12-01T10:00+01:00"
        );
        Error::unprocessable("invalid_time", sentence)
    })?;
    let at = at.as_millisecond();
    if at <= now {
        let sentence = format!("{text} is past; leave --at out to revoke the secret at once");
        return Err(Error::unprocessable("time_is_past", sentence));
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whiles_and_moments_are_read_as_they_are_written() {
        for (text, ms) in [("30m", 1_800_000), ("24h", 86_400_000), ("7d", 604_800_000)] {
            assert_eq!(duration(text).ok(), Some(ms), "{text}");
        }
        for bad in ["", "24", "h", "-1h", "0h", "1.5h", "1w", "9999999999999999d"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        let ten = 1_796_119_200_000;
        for text in ["2026-12-01T10:00Z", "2026-12-01T11:00:00+01:00"] {
            assert_eq!(moment(text, 0).ok(), Some(ten), "{text}");
        }
        for bad in ["2026-12-01T10:00", "2026-12-01", "tomorrow", ""] {
            assert!(moment(bad, 0).is_err(), "{bad}");
        }
        assert_eq!(
            moment("2026-12-01T10:00Z", ten).err().map(|error| error.code),
            Some("time_is_past")
        );
    }
}
