//! Every route against every kind of caller. The table of the router is walked, so a route that has
//! no line here fails, and so does a line whose route is gone.

use helpdesky::audit::By;
use helpdesky::config::{Hidden, Tls};
use helpdesky::ids::{InvitationId, MailId, MailboxId, NotificationId, OperatorId};
use helpdesky::mail_in::imap;
use helpdesky::notifications;
use helpdesky::operators::members::Changer;
use helpdesky::operators::{self, Role, invitations, sessions};
use helpdesky::router::{Caller as Declared, routes};
use helpdesky::web::csrf;
use helpdesky::web::session::{COOKIE, Token};
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, TestContact, TestHelpdesk, merged, multipart, string};

mod table;

use table::TABLE;

both_engines!(every_route_answers_every_caller_as_the_table_says);

/// The callers, in the order of the table's columns. The conversation in every path is contact A's.
const CALLERS: [Caller; 8] = [
    Caller::Anonymous,
    Caller::ContactA,
    Caller::ContactB,
    Caller::ForeignContact,
    Caller::Operator,
    Caller::ForeignOperator,
    Caller::Admin,
    Caller::Owner,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    /// Knows ids and addresses, and has no secret, token or session.
    Anonymous,
    /// Owns the conversation.
    ContactA,
    /// Another contact of the same helpdesk.
    ContactB,
    /// The same address in another helpdesk.
    ForeignContact,
    Operator,
    /// The owner of another helpdesk.
    ForeignOperator,
    Admin,
    Owner,
}

/// Two helpdesks with everybody in them.
struct World<'app> {
    app: &'app TestApp,
    helpdesk: TestHelpdesk,
    conversation: String,
    /// Contact A as operators know them.
    contact: String,
    /// A picture that contact A has sent.
    attachment: String,
    contacts: [TestContact<'app>; 3],
    /// Operator, foreign operator, admin and owner.
    operators: [OperatorId; 4],
    /// An operator who can be removed.
    leaver: OperatorId,
    invitation: InvitationId,
    /// A mail to contact A that is held.
    mail: NotificationId,
    /// A mailbox at a port where nobody is.
    mailbox: MailboxId,
    /// A mail that came in.
    letter: MailId,
}

impl<'app> World<'app> {
    async fn new(app: &'app TestApp) -> Self {
        let (helpdesk, other) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
        let contacts = [
            app.contact(&helpdesk, "a@example.com"),
            app.contact(&helpdesk, "b@example.com"),
            app.contact(&other, "a@example.com"),
        ];
        for contact in &contacts {
            contact.verify().await;
        }
        let contact = string(&contacts[0].verify().await["contact"]["id"]);
        let conversation = contacts[0].open("Hello").await;
        app.operator_reply(&helpdesk, &conversation, "An answer").await;
        app.operator_reply(&helpdesk, &conversation, "Another").await;
        let attachment = contacts[0].uploaded("a.png", &picture()).await;
        contacts[0].send_files(None, &[&attachment]).await.ok();
        // The member behind `operator_reply` was the first and so the owner; here each has a role.
        let owner = app
            .new_operator(&helpdesk, "owner@acme.example", Role::Owner)
            .await;
        let admin = app
            .new_operator(&helpdesk, "admin@acme.example", Role::Admin)
            .await;
        let operator = app
            .new_operator(&helpdesk, "op@acme.example", Role::Operator)
            .await;
        let foreign = app
            .new_operator(&other, "owner@globex.example", Role::Owner)
            .await;
        let operators = [operator, foreign, admin, owner];
        let leaver = app
            .new_operator(&helpdesk, "leaver@acme.example", Role::Operator)
            .await;
        let id = helpdesk.id.parse().expect("an id");
        let made = invitations::invite(
            &app.app,
            id,
            &Changer::Console,
            "new@acme.example",
            Role::Operator,
        )
        .await;
        let invitation = made.expect("an invitation").invitation.id;
        notifications::catch_up(&app.app).await.expect("rows of mails");
        let mails = notifications::outbox(&app.app, id, notifications::Filter::default(), None).await;
        let to_contact = |mail: &&notifications::Listed| !mail.recipient.is_operator();
        let mail = mails
            .expect("an outbox")
            .items
            .iter()
            .find(to_contact)
            .expect("a mail")
            .id;
        let settings = imap::Settings {
            name: "Support".to_owned(),
            host: "127.0.0.1".to_owned(),
            port: 9,
            tls: Tls::Off,
            is_token: false,
            user: "user".to_owned(),
            password: Hidden("password".to_owned()),
            folder: String::new(),
            afterwards: imap::Afterwards::Seen,
        };
        let mailbox = imap::add(&app.app, id, &By::console(), &settings, None)
            .await
            .expect("a mailbox");
        let raw = "From: x@y.example\nSubject: Hi\nContent-Type: text/html\n\n<p>Hi";
        let letter = app.deliver(&helpdesk, raw).await.id;
        Self {
            leaver,
            invitation,
            mailbox,
            mail,
            letter,
            app,
            helpdesk,
            conversation,
            contact,
            attachment,
            contacts,
            operators,
        }
    }

    fn path(&self, path: &str) -> String {
        path.replace("{id}", &self.conversation)
            .replace("{conversation}", &self.conversation)
            .replace("{helpdesk}", &self.helpdesk.id)
            .replace("{contact}", &self.contact)
            .replace("{attachment}", &self.attachment)
            .replace(
                "{secret}",
                &self.helpdesk.secret_id.expect("a secret").to_string(),
            )
            .replace("{operator}", &self.leaver.to_string())
            .replace("{invitation}", &self.invitation.to_string())
            .replace("{mail}", &self.mail.to_string())
            .replace("{mailbox}", &self.mailbox.to_string())
            .replace("{letter}", &self.letter.to_string())
            .replace("{token}", &"A".repeat(43))
            .replace("{guide}", "ticket-center-setup")
            .replace("{file}", "nothing-of-this-name.js")
    }

    fn contact(&self, caller: Caller) -> Option<&TestContact<'app>> {
        match caller {
            Caller::ContactA => Some(&self.contacts[0]),
            Caller::ContactB => Some(&self.contacts[1]),
            Caller::ForeignContact => Some(&self.contacts[2]),
            _ => None,
        }
    }

    /// A fresh session, because signing out ends one.
    async fn session(&self, caller: Caller) -> Option<String> {
        let of = [
            Caller::Operator,
            Caller::ForeignOperator,
            Caller::Admin,
            Caller::Owner,
        ];
        let operator = self.operators[of.iter().position(|of| *of == caller)?];
        Some(
            sessions::start(&self.app.app, operator, "test", "127.0.0.1")
                .await
                .expect("a session"),
        )
    }

    /// Calls a route with all that the caller has.
    async fn call(&self, method: &str, path: &str, declared: Declared, caller: Caller) -> Answer {
        self.app.advance(1_000);
        let address = format!("{}{}", self.app.base, self.path(path));
        let mut request = if method == "GET" {
            self.app.http.get(address)
        } else {
            self.app.http.post(address)
        };
        let session = self.session(caller).await;
        if let Some(session) = &session {
            request = request.header("cookie", format!("{COOKIE}={session}"));
        }
        match declared {
            // Uploads are forms with a file, whoever sends them.
            _ if method == "POST" && path.ends_with("/attachments") => {
                let csrf = form_token(session.as_deref());
                let (kind, body) = multipart(&[(csrf::FIELD, &csrf)], "a.txt", b"text");
                request = request.header("content-type", kind).body(body);
                if let Some(contact) = self.contact(caller) {
                    request = request.bearer_auth(contact.token().await);
                }
            }
            Declared::SignedContact => request = request.json(&self.signed_body(caller)),
            Declared::ContactWithToken => {
                if let Some(contact) = self.contact(caller) {
                    request = request.bearer_auth(contact.token().await);
                }
                request = request.json(&json!({}));
            }
            _ if method == "POST" => {
                request = request
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(self.form(session.as_deref()));
            }
            _ => {}
        }
        // The body of a stream has no end: only the head is asked for.
        let answer = request.send().await.expect("an answer");
        let location = answer.headers().get("location").and_then(|to| to.to_str().ok());
        Answer {
            status: answer.status().as_u16(),
            headers: location
                .map(|to| ("location".to_owned(), to.to_owned()))
                .into_iter()
                .collect(),
            body: Vec::new(),
        }
    }

    /// Contacts sign for themselves; all others send contact A's address with a wrong signature.
    fn signed_body(&self, caller: Caller) -> Value {
        let more = json!({"message": "Hello", "conversationId": self.conversation});
        match self.contact(caller) {
            Some(contact) => merged(contact.credentials(), &more),
            None => {
                let forged = merged(
                    self.contacts[0].credentials(),
                    &json!({"signature": "0".repeat(64)}),
                );
                merged(forged, &more)
            }
        }
    }

    /// A form of the dashboard, with the token that the caller's own pages would carry.
    fn form(&self, session: Option<&str>) -> String {
        let fields = [
            "body=Hello",
            "email=a%40example.com",
            "password=wrong+wrong+wrong",
            "signature=",
            "confirm=",
            "align=left",
            "assignee=",
            "was=",
            "position=1",
            "doing=reading",
            "messaging=on",
            "domain=shop.example",
            "helpdesk=New",
            "name=New",
            "role=operator",
            "to_contacts=60",
            "to_operators=60",
            "mine=on",
            "from_name=Acme",
            "from_address=",
            "support_url=",
            "host=",
            "port=",
            "tls=tls",
            "auth=any",
            "user=",
            "rate=",
            "connections=",
            "to=a%40example.com",
            "selector=helpdesky",
            "pem=",
            "minimum_seconds=3",
            "per_network_an_hour=20",
            "per_address_a_day=10",
            "per_helpdesk_an_hour=600",
            "folder=",
            "afterwards=seen",
            "move_to=",
            "since=2026-05-01",
            "sender=%40spam.example",
            "treatment=block",
            "id=0197a0b0-c0d0-7000-8000-00000000f001",
        ];
        format!("{}={}&{}", csrf::FIELD, form_token(session), fields.join("&"))
    }

    /// What must not change by a call that was refused.
    async fn state(&self) -> (crate::support::app::Counts, Value) {
        (
            self.app.counts().await,
            self.contacts[0].listed(&self.conversation).await,
        )
    }
}

/// The token that the pages of a session carry.
fn form_token(session: Option<&str>) -> String {
    let token = session.and_then(Token::parse);
    token.map_or_else(String::new, |token| csrf::Seal::of_token(token).form_token())
}

/// The beginning of a picture.
fn picture() -> Vec<u8> {
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01".to_vec()
}

impl TestApp {
    /// Adds an operator with a role, and signs them in.
    async fn new_operator(&self, helpdesk: &TestHelpdesk, email: &str, role: Role) -> OperatorId {
        let id = helpdesk.id.parse().expect("an id");
        let added = operators::add(
            &self.app,
            id,
            &By::console(),
            email,
            "Somebody",
            "a password for tests",
            role,
        )
        .await;
        let member = added.expect("a new operator");
        assert_eq!(member.role, role, "{email}");
        member.operator.id
    }
}

async fn every_route_answers_every_caller_as_the_table_says(app: TestApp) {
    let world = World::new(&app).await;
    let routes = routes();
    let mut wrong = Vec::new();
    for line in TABLE {
        let known =
            |route: &&helpdesky::router::Route| route.method == line.method && route.path == line.path;
        assert!(
            routes.iter().any(|route| known(&route)),
            "{} {} is in the router",
            line.method,
            line.path
        );
    }
    for route in &routes {
        let (method, path) = (route.method, route.path);
        let line = TABLE
            .iter()
            .find(|line| line.method == method && line.path == path);
        let line = line.unwrap_or_else(|| panic!("{method} {path} has a line in the table"));
        for (caller, expected) in CALLERS.into_iter().zip(line.statuses) {
            let before = world.state().await;
            let answer = world.call(method, path, route.caller, caller).await;
            if answer.status != expected {
                wrong.push(format!(
                    "{method} {path} for {caller:?}: {} and not {expected}",
                    answer.status
                ));
            }
            let sent_away = answer
                .header("location")
                .is_some_and(|to| to.starts_with("/sign-in"));
            if answer.status >= 400 || sent_away {
                assert_eq!(
                    world.state().await,
                    before,
                    "{method} {path} for {caller:?} changed something"
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn who_a_route_is_for_agrees_with_what_it_answers() {
    for route in routes() {
        let line = TABLE
            .iter()
            .find(|line| line.method == route.method && line.path == route.path);
        let Some(line) = line else { continue };
        let anonymous = line.statuses[0];
        let personal = route.caller != Declared::Anyone && route.caller != Declared::LinkHolder;
        assert!(
            !personal || anonymous != 200,
            "{} answers {anonymous} to anybody",
            route.path
        );
    }
}
