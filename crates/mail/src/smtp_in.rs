//! The server's side of an SMTP session (RFC 5321), without a socket: bytes go in, events and replies
//! come out.
//!
//! ```text
//! feed(bytes) ─▶ next_event() ─▶ MailFrom, RcptTo, EndOfMessage   wait for accept() or refuse()
//!                             ─▶ Data, Discard, Reset, StartTls, Closed
//! take_output() ─▶ bytes for the client
//! ```
//!
//! A mail is acknowledged by the caller, who does so only once it is durable. Nothing is relayed: the
//! caller knows its recipients and refuses all others. There is no AUTH.

mod command;
mod data;
mod dialogue;
mod reply;

pub use reply::Reply;

use data::Decoder;

/// Longer than RFC 5321, 4.5.3.1.4 asks for, with room for parameters.
const LINE_BYTES: usize = 1_024;
/// What is kept of what the client sent ahead.
const INPUT_BYTES: usize = 64 * 1_024;

/// What a server offers and tolerates.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest mail, in bytes (RFC 1870).
    pub message_bytes: u64,
    /// Recipients of one mail; RFC 5321, 4.5.3.1.8 asks for 100.
    pub recipients: usize,
    /// Mails in one session.
    pub messages: usize,
    /// Commands in one session.
    pub commands: usize,
    /// Commands that were refused before the server hangs up.
    pub errors: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 25 * 1_024 * 1_024,
            recipients: 100,
            messages: 100,
            commands: 1_000,
            errors: 10,
        }
    }
}

/// When a session is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// There is no certificate.
    None,
    /// STARTTLS is offered (RFC 3207).
    Offered,
    /// No mail is taken before STARTTLS.
    Required,
    /// The session is encrypted.
    Active,
}

/// What the client did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A mail begins. Waits for an answer.
    MailFrom {
        /// The envelope's sender; `None` for `<>`, which bounces and answers of machines carry.
        sender: Option<String>,
        /// The announced size in bytes; within the limit.
        size: Option<u64>,
        /// The client announced UTF-8 in headers or addresses (RFC 6531).
        is_utf8: bool,
    },
    /// A recipient, `local@domain` or `postmaster`. Waits for an answer.
    RcptTo(String),
    /// A piece of the mail, dots taken away.
    Data(Vec<u8>),
    /// What came of this mail must be dropped: it is too long, or its lines end wrongly. The client gets
    /// its refusal at the end of the data.
    Discard,
    /// The mail is complete. Waits for an answer: accept it only when it is durable.
    EndOfMessage,
    /// The transaction is void: forget its sender, recipients and data.
    Reset,
    /// Write the output, do the handshake, then call [`Session::tls_started`]. What the client sent ahead
    /// in plain text is gone (RFC 3207, 5).
    StartTls,
    /// Write the output and hang up.
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Command,
    /// The rest of a line that is too long.
    Skipping,
    Data,
    /// The final dot was read, and the caller is not told yet.
    Ending,
    Handshake,
    Closing,
    Closed,
}

/// What the caller was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Sender,
    Recipient,
    Message,
}

/// One session.
#[derive(Debug)]
pub struct Session {
    hostname: String,
    limits: Limits,
    tls: Tls,
    state: State,
    input: Vec<u8>,
    output: Vec<u8>,
    asked: Option<Question>,
    /// The name the client gave with EHLO or HELO.
    client: Option<String>,
    has_sender: bool,
    recipients: usize,
    /// All that were named, also those that were refused.
    named: usize,
    decoder: Decoder,
    taken_bytes: u64,
    is_discarding: bool,
    messages: usize,
    commands: usize,
    errors: usize,
}

impl Session {
    /// Begins with a greeting in the output. `hostname` is what this server calls itself.
    pub fn new(hostname: &str, limits: Limits, tls: Tls) -> Self {
        let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let hostname: String = hostname.chars().filter(is_plain).collect();
        let mut session = Self {
            limits,
            tls,
            state: State::Command,
            input: Vec::new(),
            output: Vec::new(),
            asked: None,
            client: None,
            has_sender: false,
            recipients: 0,
            named: 0,
            decoder: Decoder::default(),
            taken_bytes: 0,
            is_discarding: false,
            messages: 0,
            commands: 0,
            errors: 0,
            hostname,
        };
        let greeting = format!("{} ESMTP Helpdesky", session.hostname);
        session.say(220, "", &greeting);
        session
    }

    /// Takes bytes from the client and says how many: fewer than given when events must be taken first.
    pub fn feed(&mut self, bytes: &[u8]) -> usize {
        if !matches!(self.state, State::Command | State::Skipping | State::Data) {
            return bytes.len();
        }
        let room = INPUT_BYTES.saturating_sub(self.input.len());
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.input.extend_from_slice(taken);
        taken.len()
    }

    /// The next event; `None` when an answer or more bytes are needed.
    pub fn next_event(&mut self) -> Option<Event> {
        loop {
            if self.asked.is_some() {
                return None;
            }
            let event = match self.state {
                State::Data => self.data(),
                State::Ending => {
                    self.state = State::Command;
                    self.asked = Some(Question::Message);
                    return Some(Event::EndOfMessage);
                }
                State::Command => self.command(),
                State::Skipping => self.skip(),
                State::Closing => {
                    self.state = State::Closed;
                    self.input = Vec::new();
                    return Some(Event::Closed);
                }
                State::Handshake | State::Closed => return None,
            };
            match event {
                Step::Event(event) => return Some(event),
                Step::Again => {}
                Step::Wait => return None,
            }
        }
    }

    /// What the client is to be sent; empties it. With pipelined commands several replies come together.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Answers the last question with yes. Without a question nothing happens.
    pub fn accept(&mut self) {
        match self.asked.take() {
            Some(Question::Sender) => {
                self.has_sender = true;
                self.say(250, "2.1.0", "Sender noted");
            }
            Some(Question::Recipient) => {
                self.recipients += 1;
                self.say(250, "2.1.5", "Recipient noted");
            }
            Some(Question::Message) => {
                self.end_transaction();
                self.say(250, "2.0.0", "The mail is stored");
            }
            None => {}
        }
    }

    /// Answers the last question with no. A reply of 421 ends the session.
    pub fn refuse(&mut self, reply: &Reply) {
        match self.asked.take() {
            Some(Question::Message) => self.end_transaction(),
            Some(Question::Sender) => {}
            // Guessing addresses is an error of the client's like any other.
            Some(Question::Recipient) => self.errors += 1,
            None => return,
        }
        reply.write(&mut self.output);
        if reply.closes() {
            self.state = State::Closing;
        }
        self.check_errors();
    }

    /// The handshake is done; the client has to begin anew (RFC 3207, 4.2).
    pub fn tls_started(&mut self) {
        if self.state == State::Handshake {
            self.state = State::Command;
            self.tls = Tls::Active;
            self.client = None;
            self.input.clear();
        }
    }

    /// Ends the session: the client was silent for too long. Take the event and the output after it.
    pub fn time_out(&mut self) {
        self.close("4.4.2", "You were silent for too long");
    }

    /// Ends the session: the server stops. A mail that waits for its answer gets none.
    pub fn shut_down(&mut self) {
        self.close("4.3.2", "The server stops; come back later");
    }

    /// The name the client gave last; a claim, not a fact.
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// True when the session goes on with what the client sends.
    pub fn wants_input(&self) -> bool {
        self.asked.is_none() && matches!(self.state, State::Command | State::Skipping | State::Data)
    }

    fn close(&mut self, enhanced: &'static str, text: &str) {
        if !matches!(self.state, State::Closing | State::Closed) {
            self.asked = None;
            self.state = State::Closing;
            self.say(421, enhanced, text);
        }
    }

    fn say(&mut self, code: u16, enhanced: &'static str, text: &str) {
        Reply::new(code, enhanced, text).write(&mut self.output);
    }

    /// Says no to a command that was wrong.
    fn fail(&mut self, reply: &Reply) -> Step {
        self.errors += 1;
        reply.write(&mut self.output);
        self.check_errors();
        Step::Again
    }

    fn check_errors(&mut self) {
        if self.errors > self.limits.errors {
            self.close("4.7.0", "Too many errors");
        }
    }

    fn end_transaction(&mut self) {
        self.has_sender = false;
        self.recipients = 0;
        self.named = 0;
        self.decoder = Decoder::default();
        self.taken_bytes = 0;
        self.is_discarding = false;
    }

    fn command(&mut self) -> Step {
        let Some(end) = self.input.iter().position(|byte| *byte == b'\n') else {
            if self.input.len() > LINE_BYTES {
                self.input.clear();
                self.state = State::Skipping;
            }
            return Step::Wait;
        };
        let line: Vec<u8> = self.input.drain(..=end).collect();
        if line.len() > LINE_BYTES {
            return self.fail(&Reply::new(500, "5.5.2", "The line is too long"));
        }
        let line = match line.strip_suffix(b"\r\n") {
            Some(line) if !line.contains(&b'\r') => line,
            // Another server on the way may have read these lines otherwise than we do.
            _ => {
                self.close("4.5.2", "Lines end in CR LF");
                return Step::Again;
            }
        };
        self.commands += 1;
        if self.commands > self.limits.commands {
            self.close("4.7.0", "Too many commands");
            return Step::Again;
        }
        match command::parse(line) {
            Ok(command) => self.obey(command),
            Err(reply) => self.fail(&reply),
        }
    }

    fn skip(&mut self) -> Step {
        let Some(end) = self.input.iter().position(|byte| *byte == b'\n') else {
            self.input.clear();
            return Step::Wait;
        };
        self.input.drain(..=end);
        self.state = State::Command;
        self.fail(&Reply::new(500, "5.5.2", "The line is too long"))
    }

    fn data(&mut self) -> Step {
        if self.input.is_empty() {
            return Step::Wait;
        }
        let mut decoded = Vec::with_capacity(self.input.len());
        let (used, is_end) = self.decoder.decode(&self.input, &mut decoded);
        self.input.drain(..used);
        self.taken_bytes = self.taken_bytes.saturating_add(decoded.len() as u64);
        let is_long = self.taken_bytes > self.limits.message_bytes;
        let was_discarding = self.is_discarding;
        self.is_discarding |= is_long || self.decoder.has_lone_line_end;
        // The end of the mail, and of the session, take the mark away.
        let is_discarding = self.is_discarding;
        if self.taken_bytes > self.limits.message_bytes.saturating_mul(2) {
            // Whoever sends twice what is allowed would go on for ever.
            self.close("4.3.4", "The mail is far too long");
        } else if is_end && self.is_discarding {
            let reply = match is_long {
                true => self.too_long(),
                false => Reply::new(550, "5.5.2", "In a mail, CR and LF stand together only"),
            };
            self.state = State::Command;
            self.end_transaction();
            self.fail(&reply);
        } else if is_end {
            self.state = State::Ending;
        }
        match (was_discarding, is_discarding) {
            (false, true) => Step::Event(Event::Discard),
            (false, false) if !decoded.is_empty() => Step::Event(Event::Data(decoded)),
            _ => Step::Again,
        }
    }

    fn too_long(&self) -> Reply {
        let text = format!("The mail is longer than {} bytes", self.limits.message_bytes);
        Reply::new(552, "5.3.4", &text)
    }
}

/// What a look at the input led to.
enum Step {
    Event(Event),
    Again,
    Wait,
}

#[cfg(test)]
mod tests;
