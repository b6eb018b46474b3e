//! The demo's data: a helpdesk in the middle of a working week. It is made through the same
//! operations as real data, on a clock that stands in the past and is moved on from step to step.

use super::host_site::USERS;
use crate::app::{App, StartError};
use crate::audit::By;
use crate::clock::Clock;
use crate::config::Config;
use crate::contacts::{self, VerifiedContact};
use crate::conversations::by_operator::{self, Mailing};
use crate::conversations::by_visitor::{self, Opening, Outcome, Sent};
use crate::conversations::text::Body;
use crate::conversations::{Channel, by_contact};
use crate::error::{Error, Result};
use crate::ids::{ConversationId, HelpdeskId, OperatorId, Random};
use crate::operators::{self, Member, Role};
use crate::{helpdesks, secrets};
use mail::Address;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// What the demo has to know of its data.
pub(super) struct Made {
    pub(super) helpdesk_id: HelpdeskId,
    pub(super) secret: String,
    pub(super) operator_id: OperatorId,
    pub(super) operator_email: &'static str,
    pub(super) password: String,
}

enum Step {
    Contact(&'static str),
    Operator(usize, &'static str),
    Note(usize, &'static str),
    Assign(usize),
    Seen,
    Close(usize),
}

struct Story {
    email: &'static str,
    name: &'static str,
    /// How long ago it began, in minutes.
    minutes_ago: i64,
    channel: Channel,
    subject: &'static str,
    first: &'static str,
    /// What followed, each step so many minutes after the one before.
    steps: &'static [(i64, Step)],
}

const OPERATORS: [(&str, &str, Role); 3] = [
    ("noor@fernway.example", "Noor Haddad", Role::Owner),
    ("tomas@fernway.example", "Tomás Vieira", Role::Admin),
    ("ines@fernway.example", "Ines Kowalski", Role::Operator),
];

/// Makes the data in the folder of the settings.
pub(super) async fn make(config: &Config) -> std::result::Result<Made, super::DemoError> {
    let now = Clock::system().now_ms();
    let clock = Clock::manual(now - 90 * DAY);
    let app = App::open(config.clone(), clock.clone(), Random::system()).await?;
    if !helpdesks::list(&app).await?.is_empty() {
        return Err(StartError::Other(
            "this data folder holds an installation already; the demo wants an empty one, or leave --data out".to_owned(),
        )
        .into());
    }
    let made = fill(&app, &clock, now).await?;
    drop(app);
    Ok(made)
}

async fn fill(app: &App, clock: &Clock, now: i64) -> Result<Made> {
    let helpdesk = helpdesks::add(app, &By::console(), "Fernway").await?;
    let password = app.random().token().chars().take(16).collect::<String>();
    let mut members = Vec::new();
    for (email, name, role) in OPERATORS {
        members.push(operators::add(app, helpdesk.id, &By::console(), email, name, &password, role).await?);
    }
    let secret = secrets::generate(app, helpdesk.id, &By::console()).await?;
    let mut stories: Vec<&Story> = STORIES.iter().collect();
    stories.sort_by_key(|story| -story.minutes_ago);
    for story in stories {
        tell(
            app,
            clock,
            helpdesk.id,
            &members,
            story,
            now - story.minutes_ago * MINUTE,
        )
        .await?;
    }
    let owner = members
        .first()
        .ok_or_else(|| Error::internal(std::io::Error::other("no operators")))?;
    // A helpdesk that has been at work for weeks is past its first steps.
    helpdesks::finish_guide(app, helpdesk.id).await?;
    Ok(Made {
        helpdesk_id: helpdesk.id,
        secret: secret.text.to_string(),
        operator_id: owner.operator.id,
        operator_email: OPERATORS[0].0,
        password,
    })
}

async fn tell(
    app: &App,
    clock: &Clock,
    helpdesk_id: HelpdeskId,
    members: &[Member],
    story: &Story,
    begins: i64,
) -> Result<()> {
    clock.advance(begins - clock.now_ms());
    let address = Address::parse(story.email).map_err(Error::internal)?;
    let contact = contacts::find_or_create_proved(app, helpdesk_id, &address).await?;
    contacts::rename(app, helpdesk_id, contact.id, story.name).await?;
    let contact = contacts::find(app, helpdesk_id, contact.id)
        .await?
        .unwrap_or(contact);
    let contact = VerifiedContact::proved(contact);
    let id = open(app, &contact, story, address).await?;
    for (minutes, step) in story.steps {
        clock.advance(minutes * MINUTE);
        take(app, &contact, members, id, step).await?;
    }
    Ok(())
}

/// As the conversation came in: a form proves nothing about who sent it.
async fn open(
    app: &App,
    contact: &VerifiedContact,
    story: &Story,
    address: Address,
) -> Result<ConversationId> {
    let first = Body::parse(story.first)?;
    if story.channel != Channel::ContactForm {
        let subject = Some(story.subject);
        let opened = by_contact::start(app, contact, story.channel, subject, first, None).await?;
        return Ok(opened.conversation.id);
    }
    let sent = Sent {
        email: address,
        name: story.name.to_owned(),
        subject: story.subject.to_owned(),
        body: first,
        answers: Vec::new(),
        has_files: false,
        token: app.random().token(),
        is_spam: false,
        waits_for_confirmation: false,
        most_a_day: 1,
    };
    let opening = Opening::new(app, contact.helpdesk_id(), sent);
    let opened = app
        .db()
        .write(async move |tx: &mut db::Tx| by_visitor::open(tx, &opening, &[]).await)
        .await?;
    match opened {
        Outcome::Opened(id) | Outcome::Waits(id, _) => Ok(id),
        Outcome::Repeated | Outcome::TooMany => {
            Err(Error::internal(std::io::Error::other("a form was sent twice")))
        }
    }
}

async fn take(
    app: &App,
    contact: &VerifiedContact,
    members: &[Member],
    id: ConversationId,
    step: &Step,
) -> Result<()> {
    let member = |number: usize| {
        members
            .get(number)
            .ok_or_else(|| Error::internal(std::io::Error::other("there is no such operator")))
    };
    match step {
        Step::Contact(text) => drop(by_contact::reply(app, contact, id, Body::parse(text)?, None).await?),
        Step::Operator(number, text) => {
            drop(
                by_operator::reply(app, member(*number)?, id, Body::parse(text)?, None, Mailing::Held)
                    .await?,
            );
        }
        Step::Note(number, text) => {
            drop(by_operator::note(app, member(*number)?, id, Body::parse(text)?, None).await?);
        }
        Step::Assign(number) => {
            let assignee = member(*number)?.operator.id;
            drop(by_operator::assign(app, member(1)?, id, Some(assignee)).await?);
        }
        Step::Seen => {
            let seen = by_contact::find(app, contact, id).await?;
            drop(by_contact::mark_read(app, contact, &seen).await?);
        }
        Step::Close(number) => drop(by_operator::close(app, member(*number)?, id).await?),
    }
    Ok(())
}

use Step::{Assign, Close, Contact, Note, Operator, Seen};

const STORIES: &[Story] = &[
    Story {
        email: USERS[0].email,
        name: USERS[0].name,
        minutes_ago: 115,
        channel: Channel::TicketCenter,
        subject: "Exported invoices are missing the VAT line",
        first: "Hi, since yesterday’s update the PDF export drops the VAT line for our EU clients. The total is right, but the breakdown is gone and our accountant cannot book it.\n\nThree invoices are affected so far: 2031, 2034 and 2036.",
        steps: &[
            (3, Assign(0)),
            (
                13,
                Operator(
                    0,
                    "Hi Priya, thank you for the clear report. We can see the same thing here: the line is dropped when a client has a country but no VAT number.\n\nA fix is on its way this morning. I will re-send the three invoices for you as soon as it is live.",
                ),
            ),
            (1, Seen),
            (
                22,
                Operator(
                    1,
                    "One question while we fix it: do these clients have a VAT number on file? You can see it under Clients, Tax.",
                ),
            ),
            (
                60,
                Contact(
                    "They do not, that must be it. Could you also check 2029? The client is the same, it just has an older template.",
                ),
            ),
            (
                4,
                Note(
                    1,
                    "2029 is fine, it was made before the change. The fix is live, I ran 2031, 2034 and 2036 again.",
                ),
            ),
        ],
    },
    Story {
        email: USERS[0].email,
        name: USERS[0].name,
        minutes_ago: 18 * 24 * 60,
        channel: Channel::TicketCenter,
        subject: "Adding a second logo to invoices",
        first: "Is there a way to show our partner’s logo next to ours? We run one programme together.",
        steps: &[
            (
                30,
                Operator(
                    1,
                    "There is: Settings, Documents, Second logo. It appears on every document of the template you choose.",
                ),
            ),
            (15, Contact("Perfect, thank you.")),
            (2, Close(1)),
        ],
    },
    Story {
        email: USERS[0].email,
        name: USERS[0].name,
        minutes_ago: 34 * 24 * 60,
        channel: Channel::TicketCenter,
        subject: "Card reader on the new till",
        first: "The reader pairs with the old till only. The new one says “in use elsewhere”.",
        steps: &[
            (
                50,
                Operator(
                    2,
                    "Unpair it on the old till first: Devices, Reader, Forget. Then it answers to the new one.",
                ),
            ),
            (8, Contact("That was it!")),
            (3, Operator(2, "Glad it works now.")),
            (1, Seen),
            (1, Close(2)),
        ],
    },
    Story {
        email: USERS[1].email,
        name: USERS[1].name,
        minutes_ago: 3 * 24 * 60,
        channel: Channel::TicketCenter,
        subject: "Feature request: waiting list",
        first: "Would love to be told when this ships. Our Saturday classes are full by Tuesday and we keep the list on paper.",
        steps: &[],
    },
    Story {
        email: USERS[1].email,
        name: USERS[1].name,
        minutes_ago: 26,
        channel: Channel::TicketCenter,
        subject: "Cannot move a booking across the clock change",
        first: "When I drag a booking from Saturday to Sunday 29 March it jumps an hour. See https://app.fernway.example/bookings/8831",
        steps: &[],
    },
    Story {
        email: USERS[2].email,
        name: USERS[2].name,
        minutes_ago: 2 * 24 * 60 + 200,
        channel: Channel::TicketCenter,
        subject: "L’acompte n’apparaît pas sur la facture",
        first: "Bonjour, l’acompte est payé mais la facture montre toujours le montant entier. Merci de votre aide !",
        steps: &[
            (40, Assign(2)),
            (
                12,
                Operator(
                    2,
                    "Bonjour Chloé, merci pour votre message. L’acompte était rattaché à un ancien devis ; je l’ai déplacé, la facture est juste maintenant.",
                ),
            ),
            (90, Contact("Je vois encore l’ancien montant dans le PDF.")),
        ],
    },
    Story {
        email: "amira.haddad@souk-ceramics.example",
        name: "أميرة حداد",
        minutes_ago: 70,
        channel: Channel::TicketCenter,
        subject: "تغيير عنوان الفواتير",
        first: "مرحباً، كيف يمكنني تغيير عنوان الفواتير إلى العنوان الجديد؟",
        steps: &[],
    },
    Story {
        email: "jonas.berg@berg-und-sohn.example",
        name: "Jonas Berg",
        minutes_ago: 5 * 60,
        channel: Channel::TicketCenter,
        subject: "Import of 1,200 clients stops at row 311",
        first: "The import says “row 311: date not understood” and then stops. The date there is 31.02.1984, which is our mistake, but could the import go on with the others?",
        steps: &[
            (20, Assign(0)),
            (
                10,
                Operator(
                    0,
                    "Hello Jonas, it can: tick “skip rows with errors” below the file. You get a list of what was left out, ready to correct and import again.",
                ),
            ),
        ],
    },
    Story {
        email: "yara.haddow@example.org",
        name: "Yara Haddow",
        minutes_ago: 4 * 24 * 60,
        channel: Channel::ContactForm,
        subject: "Question before I sign up",
        first: "Can I keep my own invoice numbers? We are at 4,118 and the tax office wants no gap.",
        steps: &[
            (
                35,
                Operator(
                    2,
                    "You can: set the next number once under Documents, Numbering. We never skip one.",
                ),
            ),
            (
                600,
                Contact("Wonderful, then we will move over at the end of the month."),
            ),
            (5, Close(2)),
        ],
    },
    Story {
        email: "emil.novak@novak-yoga.example",
        name: "Emil Novak",
        minutes_ago: 6 * 24 * 60,
        channel: Channel::Email,
        subject: "Time zone on confirmations",
        first: "Clients in Lisbon get confirmations with Prague times. Can the mail follow their zone?",
        steps: &[
            (25, Assign(1)),
            (35, Operator(1, "It now follows the client's time zone.")),
            (30, Contact("Seen it in today’s mails. Thank you!")),
            (4, Close(1)),
        ],
    },
    Story {
        email: "a.very.long.address.that.somebody.really.has@department-of-long-names.example",
        name: "Maximiliane Freifrau von Hohenlohe-Waldenburg-Schillingsfürst zu Niederstetten",
        minutes_ago: 9 * 60,
        channel: Channel::TicketCenter,
        subject: "A subject that is longer than any list is wide, because the person who wrote it puts the whole question there",
        first: "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen 🎩🧵 passt nicht in das Feld „Bezeichnung“. Wie viele Zeichen sind erlaubt?",
        steps: &[],
    },
];
