//! SMTP commands, read strictly (RFC 5321 §4.1.1).

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// `EHLO` (`true`) or `HELO`.
    Hello {
        /// Whether extensions are understood.
        extended: bool,
    },
    /// `MAIL FROM:<..>` with the size it announces.
    Mail {
        /// The sender; empty for bounces.
        from: String,
        /// `SIZE=`, in bytes (RFC 1870).
        size: Option<usize>,
    },
    /// `RCPT TO:<..>`.
    Rcpt {
        /// The recipient.
        to: String,
    },
    /// `DATA`.
    Data,
    /// `RSET`.
    Rset,
    /// `NOOP`.
    Noop,
    /// `QUIT`.
    Quit,
}

/// Why a line is no command, with the reply for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommandError {
    /// No such command here.
    Unknown,
    /// A command with arguments it does not take.
    Arguments,
}

impl Command {
    /// Reads a line without its end.
    pub(super) fn parse(line: &[u8]) -> Result<Self, CommandError> {
        let line = std::str::from_utf8(line).map_err(|_| CommandError::Unknown)?;
        if line.chars().any(char::is_control) {
            return Err(CommandError::Arguments);
        }
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let bare = |command: Self| {
            if rest.is_empty() {
                Ok(command)
            } else {
                Err(CommandError::Arguments)
            }
        };
        let hello = |extended| match rest.trim() {
            "" => Err(CommandError::Arguments),
            _ => Ok(Self::Hello { extended }),
        };
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => hello(true),
            "HELO" => hello(false),
            "MAIL" => mail(rest),
            "RCPT" => rcpt(rest),
            "DATA" => bare(Self::Data),
            "RSET" => bare(Self::Rset),
            "QUIT" => bare(Self::Quit),
            "NOOP" => Ok(Self::Noop),
            _ => Err(CommandError::Unknown),
        }
    }
}

fn mail(arguments: &str) -> Result<Command, CommandError> {
    let (from, parameters) = path(arguments, "FROM:")?;
    let mut size = None;
    for parameter in parameters.split_ascii_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.to_ascii_uppercase().as_str() {
            "SIZE" => size = Some(value.parse().map_err(|_| CommandError::Arguments)?),
            "BODY" | "SMTPUTF8" => {}
            _ => return Err(CommandError::Arguments),
        }
    }
    Ok(Command::Mail { from, size })
}

fn rcpt(arguments: &str) -> Result<Command, CommandError> {
    let (to, parameters) = path(arguments, "TO:")?;
    if to.is_empty() || !parameters.trim().is_empty() {
        return Err(CommandError::Arguments);
    }
    Ok(Command::Rcpt { to })
}

/// `FROM:<address>` and what follows.
fn path<'a>(arguments: &'a str, keyword: &str) -> Result<(String, &'a str), CommandError> {
    let found = arguments
        .get(..keyword.len())
        .filter(|start| start.eq_ignore_ascii_case(keyword));
    let rest = found.map(|_| arguments[keyword.len()..].trim_start());
    let (address, rest) = rest
        .and_then(|rest| rest.strip_prefix('<'))
        .and_then(|rest| rest.split_once('>'))
        .ok_or(CommandError::Arguments)?;
    let plausible = address.is_empty() || address.contains('@');
    let plain = !address.contains(['<', ' ', '"']) && address.len() <= LONGEST_ADDRESS;
    if plausible && plain {
        Ok((address.to_owned(), rest))
    } else {
        Err(CommandError::Arguments)
    }
}

/// RFC 5321 §4.5.3.1.3.
const LONGEST_ADDRESS: usize = 254;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commands_are_read_in_any_case() {
        let of = |line: &str| Command::parse(line.as_bytes());
        assert_eq!(of("ehlo localhost"), Ok(Command::Hello { extended: true }));
        assert_eq!(
            of("Mail From:<a@b.example> SIZE=12 BODY=8BITMIME"),
            Ok(Command::Mail {
                from: "a@b.example".into(),
                size: Some(12)
            })
        );
        assert_eq!(
            of("MAIL FROM:<>"),
            Ok(Command::Mail {
                from: String::new(),
                size: None
            })
        );
        assert_eq!(
            of("RCPT TO:<c@d.example>"),
            Ok(Command::Rcpt {
                to: "c@d.example".into()
            })
        );
        assert_eq!(of("QUIT"), Ok(Command::Quit));
    }

    #[test]
    fn what_is_no_command_is_refused_for_what_it_is() {
        for unknown in ["", "VRFY a", "STARTTLS", "DATA\u{e9}", " DATA"] {
            assert_eq!(
                Command::parse(unknown.as_bytes()),
                Err(CommandError::Unknown),
                "{unknown}"
            );
        }
        for wrong in [
            "EHLO",
            "DATA now",
            "MAIL a@b",
            "MAIL FROM:a@b",
            "MAIL FROM:<ab>",
            "MAIL FROM:<a@b> X=1",
            "MAIL FROM:<a@b> SIZE=x",
            "RCPT TO:<>",
            "RCPT TO:<a@b> X",
            "RCPT TO:<a@b",
            "MAIL FROM:é",
            "RCPT TO:<a@b\u{7}>",
        ] {
            assert_eq!(
                Command::parse(wrong.as_bytes()),
                Err(CommandError::Arguments),
                "{wrong}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_line_makes_the_parser_fall_over(
            line in prop::collection::vec(any::<u8>(), 0..80),
            tail in "(MAIL FROM|RCPT TO|mail from|EHLO)[: ]{0,2}.{0,40}",
        ) {
            let _ = Command::parse(&line);
            if let Ok(Command::Rcpt { to }) = Command::parse(tail.as_bytes()) {
                prop_assert!(to.contains('@') && !to.contains(['<', '>', ' ', '\r', '\n']));
            }
        }
    }
}
