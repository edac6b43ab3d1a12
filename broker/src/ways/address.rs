//! The address that somebody gave to be told at: it counts once they typed the code that was sent there.

use std::time::Duration;

use guichet_domain::{Entropy, Timestamp, is_email_address};
use guichet_web::Locale;
use serde::{Deserialize, Serialize};

use super::Choices;

/// An address that was confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(super) mailbox: String,
    lang: String,
    /// When it was confirmed.
    pub(super) since: Timestamp,
}

/// An address that is to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(super) address: String,
    lang: String,
    /// What was sent there.
    code: String,
    until: Timestamp,
    /// Codes typed that were wrong.
    wrong: u32,
}

/// What became of a code that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// The address counts.
    Right,
    /// It does not; the tries that are left are fewer.
    Wrong,
    /// Nothing waits for a code any more.
    Over,
}

impl Address {
    /// The language to write in.
    pub(super) fn locale(&self) -> Locale {
        Locale::from_tag(&self.lang).unwrap_or_default()
    }
}

impl Choices {
    /// Asks for an address to be confirmed; the code to send there. `None` where it is no address.
    pub(super) fn ask(
        &mut self,
        address: &str,
        locale: Locale,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Option<String> {
        let address = address.trim();
        if !is_email_address(address) {
            return None;
        }
        let code = six_digits(entropy);
        self.asked = Some(Asked {
            address: address.to_owned(),
            lang: locale.tag().to_owned(),
            code: code.clone(),
            until: now.after(VALID_FOR),
            wrong: 0,
        });
        Some(code)
    }

    /// Whether that is where they are told by mail, and no other address waits for its code.
    pub(super) fn is_told_at(&self, address: &str, now: Timestamp) -> bool {
        let known = self.address.as_ref();
        self.asked_for(now).is_none() && known.is_some_and(|known| known.mailbox == address.trim())
    }

    /// Takes the code that was sent there.
    pub(super) fn confirm(&mut self, typed: &str, now: Timestamp) -> Typed {
        let Some(mut asked) = self.asked.take().filter(|asked| now < asked.until) else {
            return Typed::Over;
        };
        let typed: String = typed
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .collect();
        if guichet_keys::same(asked.code.as_bytes(), typed.as_bytes()) {
            self.address = Some(Address {
                mailbox: asked.address,
                lang: asked.lang,
                since: now,
            });
            return Typed::Right;
        }
        asked.wrong += 1;
        if asked.wrong < MOST_WRONG {
            self.asked = Some(asked);
        }
        Typed::Wrong
    }

    /// The address whose code is waited for.
    pub(super) fn asked_for(&self, now: Timestamp) -> Option<&str> {
        let asked = self.asked.as_ref().filter(|asked| now < asked.until);
        asked.map(|asked| asked.address.as_str())
    }

    /// Forgets the address, and the one that was to be confirmed; whether there was any.
    pub(super) fn forget_address(&mut self) -> bool {
        let (was, asked) = (self.address.take(), self.asked.take());
        was.is_some() || asked.is_some()
    }
}

/// Drawn so that each is as likely as any other, but for one part in ten to the thirteenth.
fn six_digits(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    format!("{:06}", u64::from_be_bytes(bytes) % 1_000_000)
}

pub(super) const VALID_FOR: Duration = Duration::from_mins(15);
/// Five of a million: nobody guesses it.
const MOST_WRONG: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::login::tests::Counting;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn asking() -> (Choices, String) {
        let mut choices = Choices::default();
        let entropy = Counting::default();
        let code = choices.ask(" camille@example.org ", Locale::English, &entropy, at(0));
        (choices, code.unwrap())
    }

    #[test]
    fn an_address_counts_once_its_code_was_typed() {
        let (mut choices, code) = asking();
        assert_eq!(choices.address(), None);
        let spaced = format!(" {} {}", &code[..3], &code[3..]);
        assert_eq!(choices.confirm(&spaced, at(1)), Typed::Right);
        let known = choices.address().unwrap();
        assert_eq!(known, ("camille@example.org", Locale::English));
        assert!(choices.is_told_at(" camille@example.org", at(2)));
        assert!(!choices.is_told_at("another@example.org", at(2)));
        assert_eq!(
            choices.confirm(&code, at(2)),
            Typed::Over,
            "a code serves once"
        );
        assert!(choices.forget_address());
        assert!(!choices.forget_address());
        assert_eq!(choices.address(), None);
    }

    #[test]
    fn a_code_is_guessed_at_five_times_and_no_more() {
        let (mut choices, code) = asking();
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..MOST_WRONG {
            assert_eq!(choices.confirm(wrong, at(1)), Typed::Wrong);
        }
        assert_eq!(choices.confirm(&code, at(1)), Typed::Over);
        let (mut choices, code) = asking();
        assert_eq!(choices.confirm(&code, at(15 * 60)), Typed::Over, "too late");
    }

    #[test]
    fn what_is_no_address_is_not_written_to() {
        let entropy = Counting::default();
        for text in ["", "camille", "a@b", "a@example.org\r\nBcc: b@example.org"] {
            let code = Choices::default().ask(text, Locale::French, &entropy, at(0));
            assert_eq!(code, None, "{text}");
        }
    }
}
