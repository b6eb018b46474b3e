//! The nodes, the clock, the relay, and the conversations that live at the same time.

use super::lane::{Lane, Step};
use super::reference::Is;
use crate::support::Engine;
use crate::support::random::Random;
use futures_util::future::join_all;
use helpdesky::app::App;
use helpdesky::audit::By;
use helpdesky::clock::Clock;
use helpdesky::config::{Config, Hidden};
use helpdesky::contacts::{self, VerifiedContact};
use helpdesky::helpdesks;
use helpdesky::ids::{self, ConversationId, HelpdeskId, NotificationId};
use helpdesky::notifications::{self, Claimed, Outcome};
use helpdesky::operators::{self, Member, Role};
use mail::Address;
use std::collections::{BTreeMap, BTreeSet, HashMap};

const START_MS: i64 = 1_780_000_000_000;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// What happened, in numbers.
#[derive(Debug, Default)]
pub(super) struct Told {
    steps: usize,
    claims: usize,
    messages_carried: usize,
    accepted: usize,
    refused: usize,
    delayed: usize,
    uncertain: usize,
    deaths: usize,
    late_reports: usize,
    reports_not_heard: usize,
}

impl Told {
    /// A test of what never happened proves nothing. What is rare is asked for only of many schedules.
    pub(super) fn all_happened(&self, schedules: usize) -> bool {
        let rare = [self.late_reports, self.reports_not_heard];
        let all = [
            self.steps,
            self.claims,
            self.accepted,
            self.refused,
            self.delayed,
            self.uncertain,
            self.deaths,
        ];
        let happened = |numbers: &[usize]| numbers.iter().all(|number| *number > 0);
        happened(&all) && (schedules < 1_000 || happened(&rare))
    }
}

pub(super) struct World {
    nodes: [App; 2],
    helpdesks: [(HelpdeskId, [Member; 2]); 2],
    lanes: Vec<Lane>,
    by_id: HashMap<ConversationId, usize>,
    /// Claimed and not reported yet.
    in_flight: Vec<Claimed>,
    /// How often the relay took each message over, by recipient.
    arrived: BTreeMap<(NotificationId, i64), usize>,
    made: usize,
    pub(super) told: Told,
    _folders: Vec<tempfile::TempDir>,
}

impl World {
    pub(super) async fn open(engine: Engine) -> Self {
        let clock = Clock::manual(START_MS);
        let database_url = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(db::testing::fresh_postgres_database().await.unwrap()),
        };
        let mut folders = Vec::new();
        let mut open = async || {
            // In memory where there is a place for that: what a disk loses is another test's question.
            let folder = tempfile::tempdir_in("/dev/shm")
                .or_else(|_| tempfile::tempdir())
                .unwrap();
            let mut config = Config::for_folder(folder.path());
            config.key = database_url.as_ref().map(|_| Hidden("5e".repeat(32)));
            config.database_url = database_url.clone();
            folders.push(folder);
            App::open(config, clock.clone(), ids::Random::system())
                .await
                .unwrap()
        };
        let first = open().await;
        // SQLite serves one node; two of its tasks stand for the others.
        let second = match engine {
            Engine::Sqlite => first.clone(),
            Engine::Postgres => open().await,
        };
        let helpdesks = [helpdesk(&first, "Acme").await, helpdesk(&first, "Other").await];
        Self {
            nodes: [first, second],
            helpdesks,
            lanes: Vec::new(),
            by_id: HashMap::new(),
            in_flight: Vec::new(),
            arrived: BTreeMap::new(),
            made: 0,
            told: Told::default(),
            _folders: folders,
        }
    }

    fn now(&self) -> i64 {
        self.nodes[0].now_ms()
    }

    /// So many new conversations; two contacts of different helpdesks share each address.
    pub(super) async fn begin(&mut self, lanes: usize) {
        let (app, helpdesks, made) = (&self.nodes[0], &self.helpdesks, self.made);
        let opened = (0..lanes).map(|lane| async move {
            let (helpdesk_id, members) = &helpdesks[lane % 2];
            let address = format!("user{}@example.com", (made + lane) / 2);
            let address = Address::parse(&address).unwrap();
            let contact = contacts::find_or_create_proved(app, *helpdesk_id, &address)
                .await
                .unwrap();
            Lane::open(app, VerifiedContact::proved(contact), members.clone()).await
        });
        self.lanes = join_all(opened).await;
        self.made += lanes;
        let ids = self.lanes.iter().enumerate();
        self.by_id = ids.map(|(at, lane)| (lane.id(), at)).collect();
    }

    /// Some time passes, each conversation takes a step, and perhaps the program does its work.
    pub(super) async fn round(&mut self, random: &mut Random) {
        let ms = *random.pick(&[0, 1, 5_000, 20_000, 40_000, 59_999, 90_000, 1_000_000]);
        self.nodes[0].clock().advance(ms);
        let steps: Vec<Step> = self.lanes.iter().map(|lane| lane.next(random)).collect();
        let follows = steps.iter().any(|step| step.follows());
        if follows {
            self.follow(random).await;
        }
        let app = &self.nodes[random.below(2)];
        let taken = self.lanes.iter_mut().zip(&steps);
        join_all(taken.map(|(lane, step)| lane.take(app, *step))).await;
        self.told.steps += steps.len();
        if follows || random.below(10) < 7 {
            self.follow(random).await;
        }
        if random.below(10) < 7 {
            let some = (random.below(10) == 0).then(|| 1 + random.below(10));
            self.claim(some).await;
        }
        self.report(random).await;
    }

    /// Takes notice of all that was written, on one node or on both at once.
    async fn follow(&mut self, random: &mut Random) {
        let [first, second] = &self.nodes;
        if random.below(3) == 0 {
            let (one, two) = tokio::join!(notifications::catch_up(first), notifications::catch_up(second));
            one.unwrap();
            two.unwrap();
        } else {
            notifications::catch_up(first).await.unwrap();
        }
        for lane in &mut self.lanes {
            for (_, thread) in lane.threads() {
                thread.follow();
            }
        }
    }

    /// Claims all that is due on both nodes at once, or some of it on one.
    async fn claim(&mut self, some: Option<usize>) {
        let now = self.now();
        // Who claims only some may leave an attempt whose lease has ended for later.
        let ended = self.lanes.iter_mut().any(|lane| lane.has_ended_lease(now));
        let some = some.filter(|_| !ended);
        let [first, second] = &self.nodes;
        let mut claimed = match some {
            Some(limit) => notifications::claim_due(first, limit).await.unwrap(),
            None => {
                let (one, two) = tokio::join!(
                    notifications::claim_due(first, 10_000),
                    notifications::claim_due(second, 10_000)
                );
                [one.unwrap(), two.unwrap()].concat()
            }
        };
        assert!(some.is_none_or(|limit| claimed.len() <= limit));
        self.told.claims += claimed.len();
        let mut got: HashMap<(ConversationId, uuid::Uuid), Claimed> = HashMap::new();
        for mail in claimed.drain(..) {
            let key = (mail.conversation_id, recipient_id(&mail.recipient));
            let twice = got.insert(key, mail);
            assert!(
                twice.is_none(),
                "one mail per conversation and recipient: {twice:?}"
            );
        }
        for lane in &mut self.lanes {
            let (id, address) = (lane.id(), lane.contact.contact().email.clone());
            let addresses = [
                address,
                lane.operators[0].operator.email.clone(),
                lane.operators[1].operator.email.clone(),
            ];
            for ((recipient, thread), address) in lane.threads().into_iter().zip(addresses) {
                let mail = got.remove(&(id, recipient_id(&recipient)));
                let expected = thread.expected(now, some.is_none()).claim;
                let Some(mail) = mail else {
                    let missing = expected.filter(|(_, _, must)| *must && some.is_none());
                    assert!(missing.is_none(), "lost: {missing:?} at {now}\n{thread:#?}");
                    continue;
                };
                let positions: Vec<i64> = mail.messages.iter().map(|m| m.position).collect();
                let Some((wanted, carries, _)) = expected else {
                    panic!("not due: {mail:#?} at {now}\n{thread:#?}")
                };
                assert_eq!(positions, carries, "{mail:#?} at {now}\n{thread:#?}");
                let known = thread.mails.contains_key(&mail.id).then_some(mail.id);
                assert_eq!(known, wanted, "{mail:#?}\n{thread:#?}");
                assert_eq!(mail.earlier, thread.earlier(), "{mail:#?}\n{thread:#?}");
                assert_eq!(mail.address, address);
                for message in &mail.messages {
                    assert_eq!(message.body, format!("message {}", message.position));
                }
                thread.claim(&mail, now);
                assert_eq!(i64::from(mail.attempt), thread.mails[&mail.id].attempt);
                self.told.messages_carried += positions.len();
                self.in_flight.push(mail);
            }
        }
        assert!(got.is_empty(), "of no conversation that lives: {got:#?}");
    }

    /// Relays answer, or not yet; workers die with what they had claimed.
    async fn report(&mut self, random: &mut Random) {
        let now = self.now();
        let (mut reported, mut waiting) = (Vec::new(), Vec::new());
        for mail in std::mem::take(&mut self.in_flight) {
            let lane = &mut self.lanes[self.by_id[&mail.conversation_id]];
            // Some are so slow that others have acted before they report.
            let is_slow = lane.thread(mail.recipient).mails[&mail.id].is == Is::Uncertain;
            match random.below(12) {
                _ if is_slow && random.below(5) > 0 => waiting.push(mail),
                0 => self.told.deaths += 1,
                1..=3 => waiting.push(mail),
                kind => reported.push((mail, kind)),
            }
        }
        self.in_flight = waiting;
        let app = &self.nodes[random.below(2)];
        let mut records = Vec::new();
        for (mail, kind) in reported {
            let lane = &mut self.lanes[self.by_id[&mail.conversation_id]];
            let thread = lane.thread(mail.recipient);
            let known = &thread.mails[&mail.id];
            let valid = known.attempt == i64::from(mail.attempt)
                && matches!(known.is, Is::Sending { .. } | Is::Uncertain);
            let late = !matches!(known.is, Is::Sending { lease } if lease > now);
            let (outcome, is) = outcome(kind, late, i64::from(mail.attempt), now);
            self.told.late_reports += usize::from(late && valid);
            self.told.reports_not_heard += usize::from(!valid);
            if valid {
                thread.set(mail.id, is);
                match is {
                    Is::Accepted => self.told.accepted += 1,
                    Is::Failed => self.told.refused += 1,
                    Is::Retrying { .. } => self.told.delayed += 1,
                    _ => self.told.uncertain += 1,
                }
                if is == Is::Accepted {
                    for message in &mail.messages {
                        *self.arrived.entry((mail.id, message.position)).or_default() += 1;
                    }
                }
            }
            records.push(async move {
                let heard = notifications::record(app, &mail, outcome).await.unwrap();
                assert_eq!(heard, valid, "{mail:#?}");
            });
        }
        join_all(records).await;
    }

    /// Lets time pass until nothing waits any more, and looks whether anything was forgotten.
    pub(super) async fn drain(&mut self, random: &mut Random) {
        self.follow(random).await;
        loop {
            self.nodes[0].clock().advance(6 * HOUR_MS);
            self.in_flight.clear();
            self.claim(None).await;
            if self.in_flight.is_empty() {
                break;
            }
            let app = &self.nodes[0];
            let records = self.in_flight.iter().map(|mail| async move {
                let words = String::new();
                notifications::record(app, mail, Outcome::Accepted { words })
                    .await
                    .unwrap()
            });
            assert!(join_all(records).await.into_iter().all(|heard| heard));
            for mail in &self.in_flight {
                let lane = &mut self.lanes[self.by_id[&mail.conversation_id]];
                lane.thread(mail.recipient).set(mail.id, Is::Accepted);
                for message in &mail.messages {
                    *self.arrived.entry((mail.id, message.position)).or_default() += 1;
                }
            }
        }
        assert_eq!(notifications::next_due(&self.nodes[0]).await.unwrap(), None);
        let mut carried_by: BTreeSet<(uuid::Uuid, ConversationId, i64)> = BTreeSet::new();
        for lane in &mut self.lanes {
            let id = lane.id();
            for (recipient, thread) in lane.threads() {
                assert_eq!(thread.left_over(), [] as [i64; 0], "forgotten\n{thread:#?}");
                for mail in thread.mails.keys() {
                    let carried = self.arrived.range((*mail, 0)..=(*mail, i64::MAX));
                    for ((_, position), times) in carried {
                        let first = carried_by.insert((recipient_id(&recipient), id, *position));
                        assert!(first && *times == 1, "twice: {position}\n{thread:#?}");
                    }
                }
            }
        }
        self.arrived.clear();
    }
}

fn recipient_id(recipient: &notifications::Recipient) -> uuid::Uuid {
    match recipient {
        notifications::Recipient::Contact { contact_id } => contact_id.0,
        notifications::Recipient::Operator { operator_id } => operator_id.0,
    }
}

/// A relay's answer, and what it makes of the mail. Who reports when the lease has ended long since
/// does not say "later" here: another mail may be on its way.
fn outcome(kind: usize, late: bool, attempt: i64, now: i64) -> (Outcome, Is) {
    let words = "words\r\nof a relay".to_owned();
    match kind {
        4 => {
            let refused = Outcome::Refused {
                words,
                address_is_bad: false,
            };
            (refused, Is::Failed)
        }
        5 | 6 if !late => {
            let exponent = u32::try_from(attempt - 1).unwrap().min(16);
            let whole = (60_000 << exponent).min(4 * HOUR_MS);
            let (from, to) = (now + whole * 4 / 5, now + whole * 6 / 5);
            (Outcome::Later { words }, Is::Retrying { from, to })
        }
        7 => (Outcome::Uncertain { words }, Is::Uncertain),
        _ => (Outcome::Accepted { words }, Is::Accepted),
    }
}

async fn helpdesk(app: &App, name: &str) -> (HelpdeskId, [Member; 2]) {
    let id = helpdesks::add(app, &By::console(), name).await.unwrap().id;
    let member = async |name: &str| {
        let email = format!("{name}@example.org");
        let password = "a password for tests";
        operators::add(app, id, &By::console(), &email, name, password, Role::Operator)
            .await
            .unwrap()
    };
    (id, [member("one").await, member("two").await])
}
