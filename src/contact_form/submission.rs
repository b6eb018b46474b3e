//! A form that was sent, from the script or from the hosted page: checked, held against everything that
//! keeps robots out, and put where it belongs.

use super::files::{self, Taken};
use crate::app::App;
use crate::contacts;
use crate::conversations::by_visitor::{self, Answer, Opening, Outcome, Sent};
use crate::conversations::text::Body;
use crate::embeds::Visit;
use crate::error::{Error, Kind, Result};
use crate::forms::limits::{self, Limit};
use crate::forms::refusals::{self, Reason};
use crate::forms::settings::{FormSettings, Select};
use crate::forms::token::{FormToken, GOOD_MS};
use crate::forms::{self, block_list, proof, turnstile};
use crate::helpdesks::Helpdesk;
use crate::ids::HelpdeskId;
use crate::notifications::{self, Asking};
use crate::web::multipart::Multipart;
use db::Tx;
use mail::Address;

const LONGEST_LOCAL_PART: usize = 64;
/// So long a token keeps its price, however the price has risen meanwhile.
const PRICE_KEPT_MS: i64 = 10 * 60 * 1000;
const LONGEST_SUBJECT_BYTES: usize = 2_000;

/// What was typed.
pub(super) struct Typed<'a> {
    pub(super) email: &'a str,
    pub(super) message: &'a str,
    pub(super) name: &'a str,
    pub(super) subject: &'a str,
    /// By the names of the form's own fields.
    pub(super) answers: &'a [(String, String)],
    pub(super) token: &'a str,
    /// Nothing where no script ran.
    pub(super) proof: Option<&'a str>,
    /// Turnstile's token, where it checks.
    pub(super) check: Option<&'a str>,
    /// What stands in the field that people do not see.
    pub(super) honeypot: &'a str,
}

/// A token at the price of this moment.
pub(super) fn fresh_token(app: &App, helpdesk_id: HelpdeskId) -> FormToken {
    FormToken::new(app, helpdesk_id, proof::price(app, helpdesk_id))
}

/// Takes a form in, with the files that are still to be read of it. What it answers is the same for what was sent
/// before and for what goes into spam.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) async fn submit(
    app: &App,
    helpdesk: &Helpdesk,
    visit: &Visit,
    typed: &Typed<'_>,
    with_files: Option<&mut Multipart>,
) -> Result<()> {
    let with_files = with_files.filter(|form| form.file.is_some());
    let note = |reason: Reason| {
        let network = visit.client.network().to_string();
        refusals::note(app, helpdesk.id, reason, typed.email, visit.origin(), &network);
    };
    visit.may_write(helpdesk)?;
    proof::count(app, helpdesk.id);
    let settings = forms::get(app, helpdesk.id).await?;
    files::check_wanted(&settings, with_files.is_some())?;
    let email = address(typed.email).inspect_err(|_| note(Reason::BadAddress))?;
    let mut sent = Sent {
        email,
        name: contacts::checked_name(typed.name)?.unwrap_or_default(),
        subject: subject(typed.subject)?,
        body: Body::parse(typed.message)?,
        answers: answers(&settings.selects, typed.answers)?,
        has_files: with_files.is_some(),
        token: typed.token.to_owned(),
        is_spam: false,
        waits_for_confirmation: settings.protection.confirms_address,
        most_a_day: i64::from(settings.protection.per_address_a_day.max(1)),
    };
    let is_proved = check_token(app, helpdesk.id, &settings, typed).map_err(|(reason, error)| {
        note(reason);
        error
    })?;
    let limited = |(limit, error): (Limit, Error)| {
        note(match limit {
            Limit::Network => Reason::Network,
            Limit::Unproved => Reason::Unproved,
            Limit::Helpdesk => Reason::Helpdesk,
        });
        error
    };
    let protection = &settings.protection;
    let unchecked = |error: &Error| {
        note(match error.kind {
            Kind::Unavailable => Reason::CheckUnavailable,
            _ => Reason::Check,
        });
    };
    let check = protection.turnstile.as_ref().map(|turnstile| {
        let token = turnstile::Token::new(typed.check)?;
        Ok((turnstile, token))
    });
    // Before it counts for its network: people press the button before the check is through.
    let check = check.transpose().inspect_err(unchecked)?;
    limits::network(app, helpdesk.id, visit.client, is_proved, protection).map_err(limited)?;
    if let Some((turnstile, token)) = check {
        let sent = (typed.token, visit.client.0);
        turnstile::verify(app, helpdesk.id, turnstile, token, sent)
            .await
            .inspect_err(unchecked)?;
    }
    if sent.has_files {
        limits::files(app, helpdesk.id, visit.client).map_err(limited)?;
    }
    limits::helpdesk(app, helpdesk.id, protection).map_err(limited)?;
    if let Some(reason) = spam(&settings, &sent, typed) {
        note(reason);
        sent.is_spam = true;
    }
    match open(app, helpdesk.id, visit, sent, with_files).await? {
        Outcome::Opened(_) | Outcome::Waits(..) => Ok(()),
        Outcome::Repeated => {
            note(Reason::Repeated);
            Ok(())
        }
        Outcome::TooMany => {
            note(Reason::Address);
            Err(limits::too_many(60 * 60 * 1000))
        }
    }
}

/// Opens the conversation with its files, and asks the reader of the address to confirm it where it waits for
/// that: in one transaction, so that all are there, or none.
async fn open(
    app: &App,
    helpdesk_id: HelpdeskId,
    visit: &Visit,
    sent: Sent,
    with_files: Option<&mut Multipart>,
) -> Result<Outcome> {
    if let Some(outcome) = by_visitor::sent_before(app, helpdesk_id, &sent).await? {
        return Ok(outcome);
    }
    let taken = match with_files {
        Some(form) => files::take(app, helpdesk_id, visit.client, form).await?,
        None => Taken::default(),
    };
    let (email, asking) = (sent.email.clone(), Asking::new(app));
    let (opening, files) = (Opening::new(app, helpdesk_id, sent), taken.files.clone());
    let outcome = app
        .db()
        .write(async move |tx: &mut Tx| {
            let outcome = by_visitor::open(tx, &opening, &files).await?;
            if let Outcome::Waits(conversation_id, contact_id) = outcome {
                let to = (conversation_id, contact_id, email.as_str());
                notifications::ask_to_confirm(tx, helpdesk_id, to, &asking).await?;
            }
            Ok::<_, Error>(outcome)
        })
        .await?;
    if matches!(outcome, Outcome::Opened(_) | Outcome::Waits(..)) {
        taken.kept();
    }
    Ok(outcome)
}

/// One address that mail can be sent to. Stricter than the address of a signed call: nobody has vouched
/// for it, and nothing in it may look like two addresses or like a header.
fn address(text: &str) -> Result<Address> {
    let refused = |why: &str| Error::unprocessable("invalid_email", format!("The field email {why}"));
    let address = Address::parse(text).map_err(|reason| refused(&reason.to_string()))?;
    let Some((local, domain)) = address.as_str().rsplit_once('@') else {
        return Err(refused("must have one @ with something on both sides"));
    };
    if local.len() > LONGEST_LOCAL_PART {
        return Err(refused("has more than 64 bytes before the @"));
    }
    if address
        .as_str()
        .contains([',', ';', ':', '<', '>', '(', ')', '[', ']', '"', '\\', '/'])
    {
        return Err(refused("must be one plain address"));
    }
    let good_label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && label.chars().all(|c| c == '-' || c.is_alphanumeric())
    };
    if !domain.contains('.') || !domain.split('.').all(good_label) {
        return Err(refused("must have a domain such as example.com after the @"));
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(refused("must not have dots in a row or at the edge before the @"));
    }
    Ok(address)
}

fn subject(text: &str) -> Result<String> {
    if text.len() > LONGEST_SUBJECT_BYTES {
        return Err(Error::unprocessable(
            "subject_too_long",
            "The subject is too long",
        ));
    }
    Ok(text.replace('\0', " ").trim().to_owned())
}

/// What was chosen, by the labels of the fields. Only what a field offers can be chosen.
fn answers(selects: &[Select], given: &[(String, String)]) -> Result<Vec<Answer>> {
    let refused = |select: &Select, why: &str| {
        Error::unprocessable("invalid_choice", format!("The field {}: {why}", select.name))
    };
    let mut answers = Vec::new();
    for select in selects {
        let chosen = given.iter().find(|(name, _)| *name == select.name);
        match chosen
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
        {
            None if select.required => return Err(refused(select, "choose one of its options")),
            None => {}
            Some(value) if select.options.iter().any(|option| option == value) => answers.push(Answer {
                label: select.label.clone(),
                value: value.to_owned(),
            }),
            Some(_) => return Err(refused(select, "this is none of its options")),
        }
    }
    Ok(answers)
}

/// Whether the token's proof was given; a form without a script has none.
fn check_token(
    app: &App,
    helpdesk_id: HelpdeskId,
    settings: &FormSettings,
    typed: &Typed<'_>,
) -> std::result::Result<bool, (Reason, Error)> {
    let expired = || {
        let sentence = "This form is not good any more; load it again and send once more";
        (Reason::BadToken, Error::unprocessable("form_expired", sentence))
    };
    let token = FormToken::decode(app.sealing_key(), typed.token).ok_or_else(expired)?;
    let age = app.now_ms() - token.issued_at;
    // A clock that was set back makes no form good for longer.
    if token.helpdesk_id != helpdesk_id || !(0..GOOD_MS).contains(&age) {
        return Err(expired());
    }
    let wait = i64::from(settings.protection.minimum_seconds) * 1_000 - age;
    if wait > 0 {
        return Err((Reason::TooFast, too_fast(wait)));
    }
    if !settings.protection.looks_at_proof() {
        return Ok(true);
    }
    let Some(number) = typed.proof else {
        return Ok(false);
    };
    let bits = if age > PRICE_KEPT_MS {
        token.bits.max(proof::price(app, helpdesk_id))
    } else {
        token.bits
    };
    if proof::is_proof(typed.token, number, bits) {
        return Ok(true);
    }
    let sentence = "The proof of work is not good for this form; load it again and send once more";
    Err((Reason::BadProof, Error::unprocessable("proof_refused", sentence)))
}

fn too_fast(wait_ms: i64) -> Error {
    let seconds = u64::try_from(wait_ms).unwrap_or(0).div_ceil(1_000).max(1);
    Error::new(
        Kind::TooMany {
            retry_after_seconds: seconds,
        },
        "too_fast",
        "This form was sent very fast; wait a moment and send it again",
    )
}

fn spam(settings: &FormSettings, sent: &Sent, typed: &Typed<'_>) -> Option<Reason> {
    let protection = &settings.protection;
    if !typed.honeypot.is_empty() {
        return Some(Reason::Honeypot);
    }
    if block_list::blocks_address(&protection.blocked_domains, sent.email.as_str()) {
        return Some(Reason::BlockedDomain);
    }
    let texts = [sent.name.as_str(), &sent.subject, sent.body.as_str()];
    block_list::blocks_text(&protection.blocked_words, &texts).then_some(Reason::BlockedWord)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plain_address_is_taken() {
        for good in [
            "marta@oliveira.example",
            " A.B+c@Mail.Example ",
            "\u{fc}n\u{ef}@b\u{fc}cher.example",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "a@b.com,c@d.com",
            "a@b.com;c@d.com",
            "a@b.com c@d.com",
            "a@b.com\nBcc: c@d.com",
            "<a@b.com>",
            "a,b@c.com",
            "\"a b\"@c.com",
            "a@localhost",
            "a@b..com",
            "a@[127.0.0.1]",
            ".a@b.com",
            "a@-",
            "",
            long.as_str(),
        ] {
            assert_eq!(address(bad).unwrap_err().code, "invalid_email", "{bad}");
        }
    }

    #[test]
    fn only_what_is_offered_can_be_chosen() {
        let topic = Select {
            name: "topic".to_owned(),
            label: "Topic".to_owned(),
            options: vec!["Billing".to_owned(), "Other".to_owned()],
            required: true,
        };
        let selects = [topic];
        let given = |value: &str| vec![("topic".to_owned(), value.to_owned())];
        assert_eq!(answers(&selects, &given("Billing")).unwrap()[0].value, "Billing");
        assert!(answers(&selects, &given("billing")).is_err());
        assert!(answers(&selects, &given("")).is_err() && answers(&selects, &[]).is_err());
    }
}
