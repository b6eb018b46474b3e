//! A server of mailboxes that keeps to the rules, and breaks them where it is told to.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::random::Random;

mod folders;

pub(crate) use folders::{Folder, Kept, World};
use folders::{ranges, search, within};

/// What a server says that means harm, in place of its answer.
#[derive(Clone, Debug)]
pub(crate) enum Evil {
    /// This, and then nothing.
    Says(Vec<u8>),
    /// This, over and over.
    Repeats(Vec<u8>),
    /// Nothing.
    IsSilent,
    /// This status, without doing it.
    Ends(&'static str),
}

/// How it behaves.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) greeting: &'static str,
    pub(crate) capabilities: &'static str,
    /// The same under TLS.
    pub(crate) capabilities_in_tls: &'static str,
    pub(crate) acceptor: Option<TlsAcceptor>,
    /// TLS from the first byte.
    pub(crate) implicit: bool,
    /// What somebody on the way adds to the answer to STARTTLS.
    pub(crate) injected: &'static str,
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            greeting: "* OK ready",
            capabilities: "IMAP4rev1 AUTH=PLAIN SASL-IR IDLE MOVE UIDPLUS",
            capabilities_in_tls: "IMAP4rev1 AUTH=PLAIN IDLE MOVE UIDPLUS",
            acceptor: None,
            implicit: false,
            injected: "",
            user: "user@example.com",
            password: "a p\u{e4}ssword, findable",
        }
    }
}

/// What can be changed while it runs.
#[derive(Default)]
struct Moods {
    /// Commands that begin so are answered by malice.
    evil: Option<(&'static str, Evil)>,
    /// Mails that arrive after the next search has looked, and before its end.
    late: Vec<Vec<u8>>,
    /// One in so many commands ends the connection.
    cuts: Option<(usize, Random)>,
}

#[derive(Clone)]
struct Shared {
    script: Arc<Script>,
    world: Arc<Mutex<World>>,
    moods: Arc<Mutex<Moods>>,
    changed: watch::Sender<()>,
}

pub(crate) struct ImapServer {
    pub(crate) port: u16,
    shared: Shared,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for ImapServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ImapServer {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let mut world = World::default();
        world.folders.insert("INBOX".to_owned(), Folder::default());
        let shared = Shared {
            script: Arc::new(script),
            world: Arc::new(Mutex::new(world)),
            moods: Arc::default(),
            changed: watch::Sender::new(()),
        };
        let task = tokio::spawn(accept(listener, shared.clone()));
        Self { port, shared, task }
    }

    /// Looks at what there is, or changes it; whoever waits is told.
    pub(crate) fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let answer = look(&mut self.shared.world.lock().expect("the world"));
        self.shared.changed.send_replace(());
        answer
    }

    pub(crate) fn inbox<T>(&self, look: impl FnOnce(&mut Folder) -> T) -> T {
        self.world(|world| look(world.folders.get_mut("INBOX").expect("a folder")))
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.shared.world.lock().expect("the world").lines.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.world.lock().expect("the world").connections
    }

    /// Answers commands that begin so by malice; `None` makes it good again.
    pub(crate) fn be_evil(&self, evil: Option<(&'static str, Evil)>) {
        self.shared.moods.lock().expect("moods").evil = evil;
    }

    /// Lets a mail arrive after the next search has looked, and before its end.
    pub(crate) fn deliver_late(&self, raw: Vec<u8>) {
        self.shared.moods.lock().expect("moods").late.push(raw);
    }

    /// Ends the connection at one in so many commands: before it is done, after it, or in the middle of
    /// the answer.
    pub(crate) fn cut_one_in(&self, commands: usize, seed: u64) {
        self.shared.moods.lock().expect("moods").cuts = Some((commands, Random::new(seed)));
    }

    pub(crate) fn cut_no_more(&self) {
        self.shared.moods.lock().expect("moods").cuts = None;
    }
}

async fn accept(listener: TcpListener, shared: Shared) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move {
            note(&shared, |world| {
                world.connections += 1;
                world.open += 1;
                world.most_open = world.most_open.max(world.open);
            });
            drop(serve(stream, &shared).await);
            note(&shared, |world| world.open -= 1);
        });
    }
}

fn note<T>(shared: &Shared, change: impl FnOnce(&mut World) -> T) -> T {
    change(&mut shared.world.lock().expect("the world"))
}

/// The connection is over.
struct Gone;

impl From<std::io::Error> for Gone {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

type Step<T> = Result<T, Gone>;

async fn serve(stream: TcpStream, shared: &Shared) -> Step<()> {
    stream.set_nodelay(true)?;
    let script = &shared.script;
    if script.implicit {
        let acceptor = script.acceptor.as_ref().expect("a certificate");
        let mut line = Line::new(acceptor.accept(stream).await?, shared, true);
        line.write(script.greeting).await?;
        return line.converse().await.map(drop);
    }
    let mut line = Line::new(stream, shared, false);
    line.write(script.greeting).await?;
    if line.converse().await? {
        let acceptor = script.acceptor.as_ref().expect("a certificate");
        let stream = acceptor.accept(line.stream).await?;
        Line::new(stream, shared, true).converse().await?;
    }
    Ok(())
}

/// Where a connection is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Before,
    Within,
    After,
}

struct Line<'a, S> {
    stream: S,
    shared: &'a Shared,
    in_tls: bool,
    received: Vec<u8>,
    folder: Option<String>,
    validity: u32,
    told: usize,
    cut: Option<Cut>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Line<'a, S> {
    fn new(stream: S, shared: &'a Shared, in_tls: bool) -> Self {
        Self {
            stream,
            shared,
            in_tls,
            received: Vec::new(),
            folder: None,
            validity: 0,
            told: 0,
            cut: None,
        }
    }

    /// Answers commands until the connection ends, or is to go on under TLS (`true`).
    async fn converse(&mut self) -> Step<bool> {
        loop {
            let said = self.hear().await?;
            let (tag, command) = said.split_once(' ').unwrap_or((&said, ""));
            let (tag, command) = (tag.to_owned(), command.to_owned());
            let shown = if self.in_tls { "tls " } else { "" };
            note(self.shared, |world| world.lines.push(format!("{shown}{command}")));
            let evil = {
                let moods = self.shared.moods.lock().expect("moods");
                let evil = moods.evil.clone();
                evil.filter(|(begin, _)| command.starts_with(begin))
                    .map(|(_, evil)| evil)
            };
            if let Some(evil) = evil {
                self.do_evil(&tag, evil).await?;
                continue;
            }
            self.cut = self.chance();
            if self.cut == Some(Cut::Before) {
                return Err(Gone);
            }
            if command == "STARTTLS" {
                let answer = format!("{tag} OK begin\r\n{}", self.shared.script.injected);
                self.stream.write_all(answer.as_bytes()).await?;
                return Ok(true);
            }
            self.answer(&tag, &command).await?;
            if self.cut.is_some() {
                return Err(Gone);
            }
            if command == "LOGOUT" {
                return Ok(false);
            }
        }
    }

    fn chance(&self) -> Option<Cut> {
        let mut moods = self.shared.moods.lock().expect("moods");
        let (commands, random) = moods.cuts.as_mut()?;
        if random.below(*commands) != 0 {
            return None;
        }
        let cut = [Cut::Before, Cut::Within, Cut::After][random.below(3)];
        drop(moods);
        note(self.shared, |world| world.cuts += 1);
        Some(cut)
    }

    async fn do_evil(&mut self, tag: &str, evil: Evil) -> Step<()> {
        match evil {
            Evil::Says(bytes) => {
                self.stream.write_all(&bytes).await?;
                self.stream.flush().await?;
                self.wait_for_end().await
            }
            Evil::Repeats(bytes) => {
                let block = bytes.repeat(1 + 65_536 / bytes.len());
                loop {
                    self.stream.write_all(&block).await?;
                }
            }
            Evil::IsSilent => self.wait_for_end().await,
            Evil::Ends(status) => self.write(&format!("{tag} {status}")).await,
        }
    }

    async fn wait_for_end(&mut self) -> Step<()> {
        let mut nothing = [0; 64];
        while self.stream.read(&mut nothing).await? > 0 {}
        Err(Gone)
    }

    async fn answer(&mut self, tag: &str, command: &str) -> Step<()> {
        let (verb, rest) = command.split_once(' ').unwrap_or((command, ""));
        match verb {
            "CAPABILITY" => {
                let script = &self.shared.script;
                let offered = if self.in_tls {
                    script.capabilities_in_tls
                } else {
                    script.capabilities
                };
                self.write(&format!("* CAPABILITY {offered}")).await?;
                self.ok(tag).await
            }
            "LOGIN" | "AUTHENTICATE" => self.sign_in(tag, verb, rest).await,
            "SELECT" | "EXAMINE" => self.select(tag, rest).await,
            "NOOP" => {
                self.tell().await?;
                self.ok(tag).await
            }
            "CREATE" => {
                let name = unquoted(rest);
                note(self.shared, |world| {
                    world.folders.entry(name).or_default().mails.len()
                });
                self.ok(tag).await
            }
            "IDLE" => self.idle(tag).await,
            "LOGOUT" => {
                self.write("* BYE good-bye").await?;
                self.ok(tag).await
            }
            "UID" => self.uid(tag, rest).await,
            _ => self.write(&format!("{tag} BAD what?")).await,
        }
    }

    async fn sign_in(&mut self, tag: &str, verb: &str, rest: &str) -> Step<()> {
        let script = Arc::clone(&self.shared.script);
        let (user, password) = (script.user, script.password);
        let good = if verb == "LOGIN" {
            if let Some(length) = literal(rest) {
                self.write("+ go on").await?;
                let user_line = self.hear().await?;
                assert!(user_line.len() > length);
                self.write("+ go on").await?;
                let password_line = self.hear().await?;
                user_line.starts_with(user) && password_line == password
            } else {
                rest == format!("\"{user}\" \"{password}\"")
            }
        } else {
            let (kind, answer) = rest.split_once(' ').unwrap_or((rest, ""));
            let answer = if answer.is_empty() {
                self.write("+ ").await?;
                let heard = self.hear().await?;
                note(self.shared, |world| world.lines.push(heard.clone()));
                heard
            } else {
                answer.to_owned()
            };
            let wanted = match kind {
                "PLAIN" => format!("\0{user}\0{password}"),
                _ => format!("user={user}\x01auth=Bearer {password}\x01\x01"),
            };
            let good = answer == STANDARD.encode(wanted);
            if !good && kind == "XOAUTH2" {
                self.write("+ eyJzdGF0dXMiOiI0MDEifQ==").await?;
                self.hear().await?;
            }
            good
        };
        if good {
            return self.ok(tag).await;
        }
        // It repeats what it was told, as some do.
        let answer = format!("{tag} NO [AUTHENTICATIONFAILED] wrong: {rest}");
        self.write(&answer).await
    }

    async fn select(&mut self, tag: &str, rest: &str) -> Step<()> {
        let name = unquoted(rest);
        let found = note(self.shared, |world| {
            let folder = world.folders.get(&name)?;
            Some((folder.uid_validity, folder.uid_next, folder.mails.len()))
        });
        let Some((validity, next, mails)) = found else {
            return self
                .write(&format!("{tag} NO [NONEXISTENT] no such folder"))
                .await;
        };
        (self.folder, self.validity, self.told) = (Some(name), validity, mails);
        let answer = format!(
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n* {mails} EXISTS\r\n* 0 RECENT\r\n\
             * OK [UIDVALIDITY {validity}] valid\r\n* OK [UIDNEXT {next}] next\r\n{tag} OK [READ-WRITE] opened"
        );
        self.write(&answer).await
    }

    /// Tells of what came and went since the last time.
    async fn tell(&mut self) -> Step<()> {
        let Some(name) = self.folder.clone() else {
            return Ok(());
        };
        let found = note(self.shared, |world| {
            let folder = world.folders.get(&name);
            folder.map(|folder| (folder.uid_validity, folder.mails.len()))
        });
        let (validity, now) = found.unwrap_or_default();
        if validity != self.validity {
            self.write("* BYE the folder was made anew").await?;
            return Err(Gone);
        }
        while self.told > now {
            self.told -= 1;
            self.write("* 1 EXPUNGE").await?;
        }
        if self.told < now {
            self.told = now;
            self.write(&format!("* {now} EXISTS")).await?;
        }
        Ok(())
    }

    async fn idle(&mut self, tag: &str) -> Step<()> {
        self.write("+ idling").await?;
        let mut changed = self.shared.changed.subscribe();
        loop {
            self.tell().await?;
            tokio::select! {
                said = self.hear() => {
                    assert_eq!(said?, "DONE");
                    return self.ok(tag).await;
                }
                _ = changed.changed() => {}
            }
        }
    }

    async fn uid(&mut self, tag: &str, rest: &str) -> Step<()> {
        let name = self.folder.clone().ok_or(Gone)?;
        let (verb, rest) = rest.split_once(' ').ok_or(Gone)?;
        // Numbers of before mean nothing any more.
        if note(self.shared, |world| world.folders[&name].uid_validity) != self.validity {
            self.tell().await?;
        }
        if verb == "SEARCH" {
            let found = note(self.shared, |world| search(&world.folders[&name], rest));
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            self.write(format!("* SEARCH {}", found.join(" ")).trim_end())
                .await?;
            let late = std::mem::take(&mut self.shared.moods.lock().expect("moods").late);
            if !late.is_empty() {
                note(self.shared, |world| {
                    let folder = world.folders.get_mut(&name).expect("a folder");
                    for raw in late {
                        folder.add(&raw, 1_780_000_000_000);
                    }
                });
                self.tell().await?;
            }
            return self.ok(tag).await;
        }
        let (set, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let set = ranges(set);
        match verb {
            "FETCH" => {
                let mails: Vec<(usize, Kept)> = note(self.shared, |world| {
                    let mails = world.folders[&name].mails.iter().cloned().enumerate();
                    mails.filter(|(_, mail)| within(&set, mail.uid)).collect()
                });
                for (at, mail) in mails {
                    self.fetch(at + 1, &mail, rest).await?;
                }
            }
            "STORE" => {
                let flag = if rest.contains("\\Seen") {
                    "\\Seen"
                } else {
                    "\\Deleted"
                };
                note(self.shared, |world| {
                    let folder = world.folders.get_mut(&name).expect("a folder");
                    for mail in folder.mails.iter_mut().filter(|mail| within(&set, mail.uid)) {
                        mail.flags.insert(flag.to_owned());
                    }
                });
            }
            "MOVE" | "COPY" => {
                let to = unquoted(rest);
                let there = note(self.shared, |world| world.folders.contains_key(&to));
                if !there {
                    return self.write(&format!("{tag} NO [TRYCREATE] no such folder")).await;
                }
                note(self.shared, |world| {
                    let folder = world.folders.get_mut(&name).expect("a folder");
                    let chosen: Vec<Kept> = folder
                        .mails
                        .iter()
                        .filter(|mail| within(&set, mail.uid))
                        .cloned()
                        .collect();
                    if verb == "MOVE" {
                        folder.mails.retain(|mail| !within(&set, mail.uid));
                    }
                    let target = world.folders.get_mut(&to).expect("a folder");
                    for mail in chosen {
                        target.add(&mail.raw, mail.internal_ms);
                    }
                });
            }
            "EXPUNGE" => note(self.shared, |world| {
                let folder = world.folders.get_mut(&name).expect("a folder");
                folder
                    .mails
                    .retain(|mail| !(within(&set, mail.uid) && mail.flags.contains("\\Deleted")));
            }),
            _ => return self.write(&format!("{tag} BAD what?")).await,
        }
        self.tell().await?;
        self.ok(tag).await
    }

    async fn fetch(&mut self, at: usize, mail: &Kept, what: &str) -> Step<()> {
        if !what.contains("BODY.PEEK[]") {
            let size = mail.told_size.unwrap_or(mail.raw.len() as u64);
            let date = jiff::Timestamp::from_millisecond(mail.internal_ms).expect("a time");
            let date = date.strftime("%d-%b-%Y %H:%M:%S +0000");
            let answer = format!(
                "* {at} FETCH (UID {} RFC822.SIZE {size} INTERNALDATE \"{date}\")",
                mail.uid
            );
            return self.write(&answer).await;
        }
        let head = format!("* {at} FETCH (UID {} BODY[] {{{}}}\r\n", mail.uid, mail.raw.len());
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&mail.raw);
        if self.cut == Some(Cut::Within) {
            bytes.truncate(bytes.len() - mail.raw.len() / 2);
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await?;
            return Err(Gone);
        }
        bytes.extend_from_slice(b")\r\n");
        self.stream.write_all(&bytes).await?;
        Ok(self.stream.flush().await?)
    }

    async fn ok(&mut self, tag: &str) -> Step<()> {
        if matches!(self.cut, Some(Cut::Within | Cut::After)) {
            return Err(Gone);
        }
        self.write(&format!("{tag} OK done")).await
    }

    async fn write(&mut self, line: &str) -> Step<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        Ok(self.stream.flush().await?)
    }

    async fn hear(&mut self) -> Step<String> {
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.received.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line)
                    .trim_end_matches(['\r', '\n'])
                    .to_owned());
            }
            let mut block = [0; 4096];
            match self.stream.read(&mut block).await? {
                0 => return Err(Gone),
                read => self.received.extend_from_slice(&block[..read]),
            }
        }
    }
}

fn literal(text: &str) -> Option<usize> {
    text.strip_suffix('}')?.rsplit_once('{')?.1.parse().ok()
}

fn unquoted(text: &str) -> String {
    text.trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\")
}
