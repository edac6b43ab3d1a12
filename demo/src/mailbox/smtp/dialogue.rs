//! The dialogue of one SMTP connection, line by line and without I/O.
//!
//! Lines end by CR LF and by nothing else: a bare LF or CR closes the connection, so that no end of
//! data can be smuggled past a server that thinks otherwise.

use super::Limits;
use super::command::{Command, CommandError};
use crate::mailbox::mail::Envelope;

/// What to do after a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing: more lines of the message are to come.
    Silent,
    /// Send this.
    Reply(String),
    /// Keep this mail, then send [`ACCEPTED`].
    Deliver(Envelope, Vec<u8>),
    /// Send this and close.
    Close(&'static str),
}

/// The first line of a connection.
pub(super) const GREETING: &str = "220 mailbox.demo.example ESMTP, nothing leaves this machine\r\n";
/// The answer to a mail that was kept.
pub(super) const ACCEPTED: &str = "250 2.0.0 Kept\r\n";
/// Bytes of a line with its end: RFC 5321 §4.5.3.1.6 for text, more than any command needs.
pub(super) const LONGEST_LINE: usize = 1000;

/// One connection.
pub(super) struct Dialogue {
    limits: Limits,
    state: State,
}

enum State {
    /// Before `HELO`.
    Strangers,
    /// Between two mails.
    Greeted,
    /// After `MAIL`, gathering recipients.
    Addressed(Envelope),
    /// After `DATA`, until the lone full stop. `None`: the message is too long, and dropped.
    Reading(Envelope, Option<Vec<u8>>),
}

impl Dialogue {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Strangers,
        }
    }

    /// Takes a line with its end; one without is one that was too long.
    pub(super) fn line(&mut self, line: &[u8]) -> Step {
        let Some(text) = line.strip_suffix(b"\r\n") else {
            return Step::Close("500 5.5.2 Lines end by CR LF and have at most 1000 bytes\r\n");
        };
        if text.contains(&b'\r') || text.contains(&b'\n') {
            return Step::Close("500 5.5.2 A bare CR or LF is not accepted\r\n");
        }
        match std::mem::replace(&mut self.state, State::Greeted) {
            State::Reading(envelope, content) => self.text(envelope, content, text),
            state => match Command::parse(text) {
                Ok(command) => self.command(state, command),
                Err(error) => {
                    self.state = state;
                    reply(match error {
                        CommandError::Unknown => "500 5.5.1 No such command",
                        CommandError::Arguments => "501 5.5.4 Not with these arguments",
                    })
                }
            },
        }
    }

    fn command(&mut self, state: State, command: Command) -> Step {
        let (next, step) = match (command, state) {
            (Command::Quit, state) => (state, Step::Close("221 2.0.0 Bye\r\n")),
            (Command::Noop, state) => (state, reply("250 2.0.0 Fine")),
            (Command::Hello { extended: true }, _) => (State::Greeted, self.extensions()),
            (Command::Hello { extended: false }, _) => {
                (State::Greeted, reply("250 mailbox.demo.example"))
            }
            (_, State::Strangers) => (State::Strangers, reply("503 5.5.1 Say EHLO first")),
            (Command::Rset, _) => (State::Greeted, reply("250 2.0.0 Forgotten")),
            (
                Command::Mail {
                    size: Some(size), ..
                },
                State::Greeted,
            ) if size > self.limits.message => (State::Greeted, reply(TOO_LONG)),
            (Command::Mail { from, .. }, State::Greeted) => (
                State::Addressed(Envelope {
                    from,
                    to: Vec::new(),
                }),
                reply("250 2.1.0 Sender noted"),
            ),
            (Command::Rcpt { to }, State::Addressed(envelope)) => self.recipient(envelope, to),
            (Command::Data, State::Addressed(envelope)) if !envelope.to.is_empty() => (
                State::Reading(envelope, Some(Vec::new())),
                reply("354 End with a lone full stop"),
            ),
            (_, state) => (state, reply("503 5.5.1 Not now")),
        };
        self.state = next;
        step
    }

    fn recipient(&self, mut envelope: Envelope, to: String) -> (State, Step) {
        if envelope.to.len() >= self.limits.recipients {
            return (
                State::Addressed(envelope),
                reply("452 4.5.3 Too many recipients"),
            );
        }
        envelope.to.push(to);
        (
            State::Addressed(envelope),
            reply("250 2.1.5 Recipient noted"),
        )
    }

    /// A line of the message. The state is `Greeted` already: the next mail may follow.
    fn text(&mut self, envelope: Envelope, content: Option<Vec<u8>>, line: &[u8]) -> Step {
        if line == b"." {
            return match content {
                Some(content) => Step::Deliver(envelope, content),
                None => reply(TOO_LONG),
            };
        }
        // RFC 5321 §4.5.2: the sender doubled a leading full stop.
        let line = line.strip_prefix(b".").unwrap_or(line);
        let kept = content.filter(|kept| kept.len() + line.len() + 2 <= self.limits.message);
        let kept = kept.map(|mut kept| {
            kept.extend_from_slice(line);
            kept.extend_from_slice(b"\r\n");
            kept
        });
        self.state = State::Reading(envelope, kept);
        Step::Silent
    }

    fn extensions(&self) -> Step {
        let lines = [
            "250-mailbox.demo.example".to_owned(),
            format!("250-SIZE {}", self.limits.message),
            "250-8BITMIME".to_owned(),
            "250-SMTPUTF8".to_owned(),
            "250-ENHANCEDSTATUSCODES".to_owned(),
            "250 PIPELINING\r\n".to_owned(),
        ];
        Step::Reply(lines.join("\r\n"))
    }
}

const TOO_LONG: &str = "552 5.3.4 The message is too long";

fn reply(text: &str) -> Step {
    Step::Reply(format!("{text}\r\n"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SMALL: fn() -> Limits = || Limits {
        message: 50,
        recipients: 2,
        ..Limits::default()
    };

    fn dialogue() -> Dialogue {
        Dialogue::new(SMALL())
    }

    /// The replies' codes, and the mails.
    fn play(dialogue: &mut Dialogue, lines: &[&str]) -> (Vec<String>, Vec<(Envelope, String)>) {
        let (mut codes, mut mails) = (Vec::new(), Vec::new());
        for line in lines {
            match dialogue.line(format!("{line}\r\n").as_bytes()) {
                Step::Silent => {}
                Step::Reply(reply) => codes.push(reply[..3].to_owned()),
                Step::Close(reply) => codes.push(reply[..3].to_owned()),
                Step::Deliver(envelope, content) => {
                    mails.push((envelope, String::from_utf8(content).unwrap()));
                }
            }
        }
        (codes, mails)
    }

    #[test]
    fn a_mail_is_taken_with_its_dots_unstuffed() {
        let lines = [
            "EHLO me",
            "MAIL FROM:<a@b>",
            "RCPT TO:<c@d>",
            "DATA",
            "Subject: x",
            "",
            "..",
            ".a",
            ".",
        ];
        let (codes, mails) = play(&mut dialogue(), &lines);
        assert_eq!(codes, ["250", "250", "250", "354"]);
        assert_eq!(
            mails[0].0,
            Envelope {
                from: "a@b".into(),
                to: vec!["c@d".into()]
            }
        );
        assert_eq!(mails[0].1, "Subject: x\r\n\r\n.\r\na\r\n");
    }

    #[test]
    fn commands_out_of_order_are_refused_and_change_nothing() {
        let (codes, _) = play(
            &mut dialogue(),
            &["MAIL FROM:<a@b>", "HELO me", "RCPT TO:<c@d>", "DATA"],
        );
        assert_eq!(codes, ["503", "250", "503", "503"]);
        let (codes, _) = play(
            &mut dialogue(),
            &[
                "HELO me",
                "MAIL FROM:<a@b>",
                "DATA",
                "MAIL FROM:<a@b>",
                "WHAT",
                "RCPT TO:<c@d>",
                "RSET",
                "DATA",
            ],
        );
        assert_eq!(
            codes,
            ["250", "250", "503", "503", "500", "250", "250", "503"]
        );
    }

    #[test]
    fn too_much_is_refused_and_the_connection_goes_on() {
        let mut dialogue = dialogue();
        let lines = [
            "EHLO me",
            "MAIL FROM:<a@b> SIZE=51",
            "MAIL FROM:<a@b> SIZE=50",
        ];
        assert_eq!(play(&mut dialogue, &lines).0, ["250", "552", "250"]);
        let lines = ["RCPT TO:<a@b>", "RCPT TO:<a@b>", "RCPT TO:<a@b>", "DATA"];
        assert_eq!(play(&mut dialogue, &lines).0, ["250", "250", "452", "354"]);
        let text = "x".repeat(30);
        let (codes, mails) = play(&mut dialogue, &[&text, &text, "short", ".", "NOOP"]);
        assert_eq!(
            (codes, mails.len()),
            (vec!["552".to_owned(), "250".to_owned()], 0)
        );
    }

    #[test]
    fn nothing_but_cr_lf_ends_a_line() {
        let start = ["EHLO me", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA"];
        for smuggled in ["a\n.\r\n", "a\r.\r\n", "a\n", ".\r", "a"] {
            let mut dialogue = dialogue();
            play(&mut dialogue, &start);
            assert!(
                matches!(dialogue.line(smuggled.as_bytes()), Step::Close(_)),
                "{smuggled:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_after_dot_stuffing_is_what_is_kept(
            text in prop::collection::vec("[ -~]{0,12}", 0..4)
        ) {
            let limits = Limits { message: 1000, ..SMALL() };
            let mut dialogue = Dialogue::new(limits);
            play(&mut dialogue, &["EHLO me", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA"]);
            let stuffed: Vec<String> = text
                .iter()
                .map(|line| if line.starts_with('.') { format!(".{line}") } else { line.clone() })
                .chain([".".to_owned()])
                .collect();
            let stuffed: Vec<&str> = stuffed.iter().map(String::as_str).collect();
            let (_, mails) = play(&mut dialogue, &stuffed);
            let expected: String = text.iter().flat_map(|line| [line, "\r\n"]).collect();
            prop_assert_eq!(&mails[0].1, &expected);
        }

        #[test]
        fn no_line_makes_the_dialogue_fall_over(
            lines in prop::collection::vec("(EHLO a|MAIL FROM:<a@b>|RCPT TO:<a@b>|DATA|RSET|\\.|.{0,9})", 0..30)
        ) {
            let mut dialogue = dialogue();
            for line in lines {
                if let Step::Deliver(envelope, content) = dialogue.line(format!("{line}\r\n").as_bytes()) {
                    prop_assert!(!envelope.to.is_empty() && content.len() <= 50);
                }
            }
        }
    }
}
