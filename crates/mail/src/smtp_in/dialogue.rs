//! What each command does to the session.

use super::command::Command;
use super::reply::Reply;
use super::{Event, Question, Session, State, Step, Tls};

impl Session {
    pub(super) fn obey(&mut self, command: Command) -> Step {
        match command {
            Command::Ehlo(name) => self.hello(name, true),
            Command::Helo(name) => self.hello(name, false),
            Command::Mail {
                sender,
                size,
                is_utf8,
            } => self.mail(sender, size, is_utf8),
            Command::Rcpt(recipient) => self.rcpt(recipient),
            Command::Data => self.begin_data(),
            Command::Rset => {
                self.end_transaction();
                self.say(250, "2.0.0", "Forgotten");
                Step::Event(Event::Reset)
            }
            Command::Noop => {
                self.say(250, "2.0.0", "Still here");
                Step::Again
            }
            Command::Vrfy => {
                self.say(252, "2.5.2", "Send the mail, then you know");
                Step::Again
            }
            Command::Help => {
                self.say(
                    214,
                    "2.0.0",
                    "This server takes mail for its own help desks, see RFC 5321",
                );
                Step::Again
            }
            Command::Quit => {
                self.say(221, "2.0.0", "Goodbye");
                self.state = State::Closing;
                Step::Again
            }
            Command::StartTls => self.start_tls(),
            Command::Foreign => {
                self.close("4.7.0", "This is no web server");
                Step::Again
            }
        }
    }

    fn hello(&mut self, name: String, is_extended: bool) -> Step {
        self.client = Some(name);
        self.end_transaction();
        if !is_extended {
            let hostname = self.hostname.clone();
            self.say(250, "", &hostname);
            return Step::Event(Event::Reset);
        }
        let size = format!("SIZE {}", self.limits.message_bytes);
        let mut lines = vec![
            self.hostname.as_str(),
            &size,
            "8BITMIME",
            "SMTPUTF8",
            "PIPELINING",
        ];
        if matches!(self.tls, Tls::Offered | Tls::Required) {
            lines.push("STARTTLS");
        }
        for line in lines {
            self.output
                .extend_from_slice(format!("250-{line}\r\n").as_bytes());
        }
        self.output.extend_from_slice(b"250 ENHANCEDSTATUSCODES\r\n");
        Step::Event(Event::Reset)
    }

    fn mail(&mut self, sender: Option<String>, size: Option<u64>, is_utf8: bool) -> Step {
        if self.tls == Tls::Required {
            return self.fail(&Reply::new(530, "5.7.0", "Say STARTTLS first"));
        }
        if self.client.is_none() {
            return self.fail(&Reply::new(503, "5.5.1", "Say EHLO first"));
        }
        if self.has_sender {
            return self.fail(&Reply::new(503, "5.5.1", "A mail has begun already"));
        }
        if self.messages >= self.limits.messages {
            self.close("4.7.0", "Too many mails in one session");
            return Step::Again;
        }
        if size.is_some_and(|size| size > self.limits.message_bytes) {
            return self.fail(&self.too_long());
        }
        self.asked = Some(Question::Sender);
        Step::Event(Event::MailFrom {
            sender,
            size,
            is_utf8,
        })
    }

    fn rcpt(&mut self, recipient: String) -> Step {
        if !self.has_sender {
            return self.fail(&Reply::new(503, "5.5.1", "Say MAIL first"));
        }
        if self.named >= self.limits.recipients {
            return self.fail(&Reply::new(452, "4.5.3", "Too many recipients"));
        }
        self.named += 1;
        self.asked = Some(Question::Recipient);
        Step::Event(Event::RcptTo(recipient))
    }

    fn begin_data(&mut self) -> Step {
        if !self.has_sender {
            return self.fail(&Reply::new(503, "5.5.1", "Say MAIL first"));
        }
        if self.recipients == 0 {
            return self.fail(&Reply::new(554, "5.5.1", "There is no recipient"));
        }
        self.messages += 1;
        self.state = State::Data;
        self.say(354, "", "End with a dot in a line of its own");
        Step::Again
    }

    fn start_tls(&mut self) -> Step {
        let reply = match self.tls {
            Tls::None => Reply::new(502, "5.5.1", "Command not implemented"),
            Tls::Active => Reply::new(503, "5.5.1", "The session is encrypted already"),
            Tls::Offered | Tls::Required => {
                self.end_transaction();
                self.client = None;
                // What stands behind the command was sent in plain text, by whomever.
                self.input.clear();
                self.state = State::Handshake;
                self.say(220, "2.0.0", "Go ahead");
                return Step::Event(Event::StartTls);
            }
        };
        self.fail(&reply)
    }
}
