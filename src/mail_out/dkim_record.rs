//! Whether the key that mail is signed with stands in the DNS, where receivers look for it.

use super::settings;
use crate::app::App;
use crate::dns;
use crate::error::{Error, Kind, Result};
use crate::ids::HelpdeskId;
use mail::dkim::Record;

/// What the DNS says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InDns {
    /// The key is there.
    Good,
    /// There is no record of this name.
    Missing,
    /// There is another one.
    Other {
        /// What it says.
        text: String,
    },
    /// Several of that name; receivers may take any (RFC 6376 3.6.2.2).
    Several,
    /// It could not be asked.
    Unanswered {
        /// Why.
        words: String,
    },
}

/// Looks the key of a helpdesk up.
///
/// # Errors
/// When the helpdesk's mail is not signed (`not_signed`), or its settings cannot be read.
pub async fn look_up(app: &App, id: HelpdeskId) -> Result<InDns> {
    let settings = settings::of(app, id).await?;
    let key = settings.dkim.ok_or_else(|| {
        let sentence = "Mail of this helpdesk is not signed";
        Error::new(Kind::Conflict, "not_signed", sentence)
    })?;
    let record = key.record();
    Ok(match dns::texts(app, &record.name).await {
        Ok(texts) => judge(&record, texts),
        Err(words) => InDns::Unanswered {
            words: format!("The DNS {words}"),
        },
    })
}

fn judge(record: &Record, mut texts: Vec<String>) -> InDns {
    match (texts.pop(), texts.is_empty()) {
        (None, _) => InDns::Missing,
        (Some(_), false) => InDns::Several,
        (Some(text), true) => {
            let same = ["p", "k"]
                .iter()
                .all(|tag| value(&text, tag) == value(&record.value, tag));
            if same { InDns::Good } else { InDns::Other { text } }
        }
    }
}

/// The value of a tag, without white space (RFC 6376 3.2); `k` is RSA where it does not stand.
fn value(text: &str, wanted: &str) -> Option<String> {
    let tags = text.split(';').filter_map(|tag| tag.split_once('='));
    let found = tags
        .filter(|(name, _)| name.trim() == wanted)
        .map(|(_, value)| value.split_whitespace().collect::<String>())
        .next();
    found.or_else(|| (wanted == "k").then(|| "rsa".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(value: &str) -> Record {
        Record {
            name: "helpdesky._domainkey.example.com".to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn a_record_is_known_however_it_is_written() {
        let ed = record("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        let rsa = record("v=DKIM1; k=rsa; p=MIIBIjAN");
        for (record, text) in [
            (
                &ed,
                "p=11qYAYKxCrfVS/7TyWQHOg7h cvPapiMlrwIaaPcHURo= ; k=ed25519;v=DKIM1;",
            ),
            (
                &ed,
                "k = ed25519; p= 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            ),
            (&rsa, "v=DKIM1; p=MIIB\tIjAN"),
        ] {
            assert_eq!(judge(record, vec![text.to_owned()]), InDns::Good, "{text}");
        }
        for text in [
            "",
            "p=",
            "v=DKIM1; k=ed25519; p=AAAA",
            "v=DKIM1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        ] {
            let text = text.to_owned();
            assert_eq!(judge(&ed, vec![text.clone()]), InDns::Other { text });
        }
        assert_eq!(judge(&ed, Vec::new()), InDns::Missing);
        assert_eq!(judge(&ed, vec![ed.value.clone(), "x".to_owned()]), InDns::Several);
    }
}
