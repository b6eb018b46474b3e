//! The Contact Form's calls, tested from what is promised to site owners and to nobody else's code.

mod abuse;
mod answering;
mod confirmation;
mod files;
mod files_refused;
mod hosted;
mod identity;
mod refusals;
mod sending;
mod spam;
mod turnstile;

use helpdesky::forms::{self, FormSettings};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Answer, TestApp, TestHelpdesk, merged, string};

/// The prefix of the form's calls.
const PREFIX: &str = "/api/messaging/contact-form";

/// Longer than any form asks to wait.
const A_WHILE_MS: i64 = 5_000;

/// A form as a visitor's page got it, with its proof worked out.
struct Filled {
    helpdesk: String,
    token: String,
    proof: String,
}

impl Filled {
    /// A message in it; more fields replace these.
    fn with(&self, email: &str, message: &str, more: &Value) -> Value {
        let fields = json!({
            "helpdeskId": self.helpdesk,
            "email": email,
            "message": message,
            "token": self.token,
            "proof": self.proof,
        });
        merged(fields, more)
    }
}

/// The proof as a page works it out, written from the guide and not with the program's code.
fn proof(token: &str, bits: u64) -> String {
    let leading_zeros = |number: &u64| {
        let hash = Sha256::digest(format!("{token}:{number}"));
        let first = u64::from_be_bytes(hash[..8].try_into().unwrap());
        u64::from(first.leading_zeros())
    };
    let found = (0..u64::MAX).find(|number| leading_zeros(number) >= bits);
    found.unwrap().to_string()
}

impl TestApp {
    pub(crate) async fn form(&self, helpdesk: &TestHelpdesk) -> Value {
        let body = json!({"helpdeskId": helpdesk.id});
        self.post_with(&format!("{PREFIX}/form"), &body, &[]).await.ok()
    }

    /// A form that somebody looked at for a while.
    async fn filled(&self, helpdesk: &TestHelpdesk) -> Filled {
        let form = self.form(helpdesk).await;
        self.advance(A_WHILE_MS);
        let token = string(&form["token"]);
        Filled {
            helpdesk: helpdesk.id.clone(),
            proof: form["proofBits"]
                .as_u64()
                .map_or_else(String::new, |bits| proof(&token, bits)),
            token,
        }
    }

    async fn send_form(&self, body: &Value) -> Answer {
        self.send_form_from(body, &[]).await
    }

    async fn send_form_from(&self, body: &Value, headers: &[(&str, &str)]) -> Answer {
        self.post_with(&format!("{PREFIX}/message"), body, headers).await
    }

    /// Fills in a fresh form and sends it.
    pub(crate) async fn write_by_form(
        &self,
        helpdesk: &TestHelpdesk,
        email: &str,
        message: &str,
        more: Value,
    ) -> Answer {
        let filled = self.filled(helpdesk).await;
        self.send_form(&filled.with(email, message, &more)).await
    }

    async fn set_form(&self, helpdesk: &TestHelpdesk, change: impl FnOnce(&mut FormSettings)) {
        let id = helpdesk.id.parse().expect("an id");
        let mut settings = (*forms::get(&self.app, id).await.expect("settings")).clone();
        change(&mut settings);
        forms::set(&self.app, id, &helpdesky::audit::By::console(), &settings)
            .await
            .expect("settings are kept");
    }

    /// The conversations of a list, newest first.
    async fn inbox(
        &self,
        helpdesk: &TestHelpdesk,
        list: helpdesky::conversations::inbox::List,
    ) -> Vec<helpdesky::conversations::inbox::Row> {
        let member = self.member(helpdesk).await;
        let filter = helpdesky::conversations::inbox::Filter::default();
        helpdesky::conversations::inbox::list(&self.app, &member, list, filter, None)
            .await
            .expect("a list")
            .items
    }

    pub(crate) async fn open_list(
        &self,
        helpdesk: &TestHelpdesk,
    ) -> Vec<helpdesky::conversations::inbox::Row> {
        self.inbox(helpdesk, helpdesky::conversations::inbox::List::AllOpen)
            .await
    }

    async fn spam_list(&self, helpdesk: &TestHelpdesk) -> Vec<helpdesky::conversations::inbox::Row> {
        self.inbox(helpdesk, helpdesky::conversations::inbox::List::Spam)
            .await
    }

    /// The reasons of the refusals that an administrator sees.
    async fn form_refusals(&self, helpdesk: &TestHelpdesk) -> Vec<&'static str> {
        let id = helpdesk.id.parse().expect("an id");
        let recent = forms::refusals::recent(&self.app, id).await.expect("refusals");
        recent.iter().map(|refusal| refusal.reason.name()).collect()
    }
}

/// What every accepted form is answered.
#[track_caller]
fn received(answer: &Answer) {
    assert_eq!(answer.ok(), json!({"received": true}));
}
