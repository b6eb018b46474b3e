//! What operators and administrators do, for tests that are about contacts.

use db::Tx;
use helpdesky::audit::By;
use helpdesky::conversations::by_operator::{self, Mailing};
use helpdesky::conversations::text::Body;
use helpdesky::ids::{ConversationId, HelpdeskId};
use helpdesky::operators::{self, Member, Role};
use helpdesky::{helpdesks, secrets};

use super::app::Counts;
use super::{TestApp, TestHelpdesk};

impl TestHelpdesk {
    fn key(&self) -> HelpdeskId {
        self.id.parse().expect("the id of a helpdesk")
    }
}

fn conversation_id(text: &str) -> ConversationId {
    text.parse().expect("the id of a conversation")
}

fn body(text: &str) -> Body {
    Body::parse(text).expect("a good text")
}

impl TestApp {
    /// A helpdesk with one secret.
    pub(crate) async fn helpdesk(&self, name: &str) -> TestHelpdesk {
        let helpdesk = self.helpdesk_without_secret(name).await;
        self.with_new_secret(&helpdesk).await
    }

    /// A helpdesk for which no secret was ever generated; its secret here is one that it never had.
    pub(crate) async fn helpdesk_without_secret(&self, name: &str) -> TestHelpdesk {
        let added = helpdesks::add(&self.app, &By::console(), name)
            .await
            .expect("a new helpdesk");
        TestHelpdesk {
            id: added.id.to_string(),
            secret: "hdh_secret_never_given_to_anybody".to_owned(),
            secret_id: None,
        }
    }

    /// Generates a further secret: the helpdesk with that one.
    pub(crate) async fn with_new_secret(&self, helpdesk: &TestHelpdesk) -> TestHelpdesk {
        self.try_new_secret(helpdesk).await.expect("a new secret")
    }

    /// Asks for one more secret; the sentence of a refusal otherwise.
    pub(crate) async fn try_new_secret(&self, helpdesk: &TestHelpdesk) -> Result<TestHelpdesk, String> {
        let made = secrets::generate(&self.app, helpdesk.key(), &By::console())
            .await
            .map_err(|error| error.to_string())?;
        Ok(TestHelpdesk {
            id: helpdesk.id.clone(),
            secret: made.text.to_string(),
            secret_id: Some(made.secret.id),
        })
    }

    /// Revokes the secret this value holds, now.
    pub(crate) async fn revoke_secret(&self, helpdesk: &TestHelpdesk) {
        self.revoke_secret_in(helpdesk, 0).await;
    }

    /// Revokes it after so many milliseconds.
    pub(crate) async fn revoke_secret_in(&self, helpdesk: &TestHelpdesk, ms: i64) {
        let id = helpdesk.secret_id.expect("a secret");
        let at = self.app.now_ms() + ms;
        secrets::revoke(&self.app, helpdesk.key(), id, &By::console(), at)
            .await
            .expect("a live secret");
    }

    /// Sets the Allowed Embed Domains; the list as stored, or the sentence of a refusal.
    pub(crate) async fn set_domains(
        &self,
        helpdesk: &TestHelpdesk,
        domains: &[&str],
    ) -> Result<Vec<String>, String> {
        let entries: Vec<String> = domains.iter().map(ToString::to_string).collect();
        let set = helpdesks::set_domains(&self.app, helpdesk.key(), &By::console(), &entries).await;
        set.map(|checked| checked.domains)
            .map_err(|error| error.to_string())
    }

    /// Switches messaging on or off.
    pub(crate) async fn set_messaging(&self, helpdesk: &TestHelpdesk, on: bool) {
        helpdesks::set_messaging(&self.app, helpdesk.key(), &By::console(), on)
            .await
            .expect("a helpdesk");
    }

    /// An operator's reply; the id of the message.
    pub(crate) async fn operator_reply(
        &self,
        helpdesk: &TestHelpdesk,
        conversation: &str,
        text: &str,
    ) -> String {
        let (member, id) = (self.member(helpdesk).await, conversation_id(conversation));
        let written = by_operator::reply(&self.app, &member, id, body(text), None, Mailing::Held)
            .await
            .expect("a reply");
        written.message.id.to_string()
    }

    /// An operator's private note.
    pub(crate) async fn operator_note(&self, helpdesk: &TestHelpdesk, conversation: &str, text: &str) {
        let (member, id) = (self.member(helpdesk).await, conversation_id(conversation));
        by_operator::note(&self.app, &member, id, body(text), None)
            .await
            .expect("a note");
    }

    /// An operator closes the conversation.
    pub(crate) async fn operator_close(&self, helpdesk: &TestHelpdesk, conversation: &str) {
        let (member, id) = (self.member(helpdesk).await, conversation_id(conversation));
        by_operator::close(&self.app, &member, id)
            .await
            .expect("a conversation");
    }

    /// An operator opens it again.
    pub(crate) async fn operator_reopen(&self, helpdesk: &TestHelpdesk, conversation: &str) {
        let (member, id) = (self.member(helpdesk).await, conversation_id(conversation));
        by_operator::reopen(&self.app, &member, id)
            .await
            .expect("a conversation");
    }

    /// The one operator of a helpdesk, made when first needed.
    pub(crate) async fn member(&self, helpdesk: &TestHelpdesk) -> Member {
        let known = self
            .members
            .lock()
            .expect("the members")
            .get(&helpdesk.id)
            .cloned();
        if let Some(member) = known {
            return member;
        }
        let (key, email) = (helpdesk.key(), format!("operator@{}.example", helpdesk.id));
        let password = "a password for tests";
        let added = operators::add(
            &self.app,
            key,
            &By::console(),
            &email,
            "Olivia Operator",
            password,
            Role::Operator,
        )
        .await;
        let member = match added {
            Ok(member) => member,
            // Another task of this test was faster.
            Err(_) => {
                let found = operators::member_by_email(&self.app, key, &email)
                    .await
                    .expect("operators");
                found.expect("the operator")
            }
        };
        self.members
            .lock()
            .expect("the members")
            .insert(helpdesk.id.clone(), member.clone());
        member
    }

    /// The causes of the failed verifications that are kept, newest first.
    pub(crate) async fn failure_causes(&self, helpdesk: &TestHelpdesk) -> Vec<String> {
        let recent = secrets::failures::recent(&self.app, helpdesk.key())
            .await
            .expect("the failures");
        recent
            .iter()
            .map(|failure| failure.cause.name().to_owned())
            .collect()
    }

    /// What contacts made so far, in all helpdesks.
    pub(crate) async fn counts(&self) -> Counts {
        Counts {
            contacts: self.number("SELECT COUNT(*) FROM contacts").await,
            conversations: self.number("SELECT COUNT(*) FROM conversations").await,
            messages: self.number("SELECT COUNT(*) FROM messages").await,
        }
    }

    /// Changes what no outside way changes yet.
    pub(crate) async fn change(&self, sql: &'static str) {
        let write = self
            .app
            .db()
            .write(async move |tx: &mut Tx| tx.execute(sql, &[]).await);
        let changed: Result<u64, db::Error> = write.await;
        assert!(changed.expect("a change") > 0);
    }

    async fn number(&self, sql: &'static str) -> i64 {
        let read = self
            .app
            .db()
            .read(async move |tx: &mut Tx| tx.first(sql, &[], |row| row.get(0)).await);
        let number: Result<Option<i64>, db::Error> = read.await;
        number.expect("a count").expect("a row")
    }

    /// Everything the database holds: the files of SQLite, the rows of PostgreSQL as text.
    pub(crate) async fn stored(&self) -> Vec<u8> {
        if self.engine == super::Engine::Sqlite {
            let files = std::fs::read_dir(self.folder.path()).expect("the data folder");
            let files = files
                .map(|file| file.expect("a file").path())
                .filter(|path| path.is_file());
            return files
                .flat_map(|path| std::fs::read(path).expect("a file"))
                .collect();
        }
        let names =
            "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = 'public'";
        let mut stored = Vec::new();
        for table in self.texts(names).await {
            // Statements are texts of the program; a test may leak the few it makes.
            let rows = Box::leak(format!("SELECT CAST(t AS TEXT) FROM {table} t").into_boxed_str());
            for row in self.texts(rows).await {
                stored.extend_from_slice(row.as_bytes());
                stored.push(b'\n');
            }
        }
        stored
    }

    async fn texts(&self, sql: &'static str) -> Vec<String> {
        let read = self
            .app
            .db()
            .read(async move |tx: &mut Tx| tx.all(sql, &[], |row| row.get(0)).await);
        let texts: Result<Vec<String>, db::Error> = read.await;
        texts.expect("the rows")
    }
}
