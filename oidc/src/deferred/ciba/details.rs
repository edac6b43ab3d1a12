//! What a request says beside whom it names: something to compare, how long it waits, how the client is
//! told (CIBA Core §7.1).

use std::time::Duration;

use guichet_domain::{Client, OAuthError, Profile};

use super::super::CibaSettings;
use super::is_pinged;
use crate::bearer::is_b64token;
use crate::parameters::Parameters;
use crate::refusal::Refusal;

/// What the person compares with what the client shows: short, and made of characters that can be seen
/// and that reorder nothing around them. A fapi2 client must say something (FAPI-CIBA §5.2.2).
pub(super) fn binding_message(
    client: &Client,
    asked: &Parameters,
) -> Result<Option<String>, Refusal> {
    match asked.get("binding_message") {
        None if client.profile == Profile::Fapi2 => Err(bad_message(
            "binding_message is missing: this client must send one",
        )),
        None => Ok(None),
        Some(message) if is_plain(message) => Ok(Some(message.to_owned())),
        Some(_) => Err(bad_message(
            "binding_message must be 1 to 100 printable characters on one line",
        )),
    }
}

const LONGEST_MESSAGE: usize = 100;

fn is_plain(message: &str) -> bool {
    let length = message.chars().count();
    (1..=LONGEST_MESSAGE).contains(&length)
        && !message.trim().is_empty()
        && message.chars().all(is_printable)
}

/// Letters, digits, marks, punctuation and plain spaces. Controls, invisible characters and those that
/// turn the direction of writing could make a page say something else than what the client shows.
fn is_printable(letter: char) -> bool {
    let hides = matches!(letter,
        '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}');
    letter == ' ' || !(letter.is_control() || letter.is_whitespace() || hides)
}

/// How long the person may take: `requested_expiry`, a positive whole number of seconds, and never more
/// than the settings allow.
pub(super) fn lifetime(settings: &CibaSettings, asked: &Parameters) -> Result<Duration, Refusal> {
    match asked.number("requested_expiry", NO_EXPIRY)? {
        None => Ok(settings.lifetime),
        Some(0) => Err(NO_EXPIRY),
        Some(seconds) => Ok(Duration::from_secs(u64::from(seconds)).min(settings.longest)),
    }
}

const NO_EXPIRY: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "requested_expiry must be a positive number of seconds",
);

/// `client_notification_token`: required of a client that is told of answers; for any other it has no
/// meaning. At least 128 bits, as many as base64url says in 22 characters (§7.1).
pub(super) fn notification_token(
    client: &Client,
    asked: &Parameters,
) -> Result<Option<String>, Refusal> {
    if !is_pinged(client) {
        return Ok(None);
    }
    let token = asked.required(
        "client_notification_token",
        "client_notification_token is missing: this client is told of answers by ping",
    )?;
    if (22..=1024).contains(&token.len()) && is_b64token(token) {
        Ok(Some(token.to_owned()))
    } else {
        Err(Refusal::new(
            OAuthError::InvalidRequest,
            "client_notification_token must be 22 to 1024 characters of a bearer token",
        ))
    }
}

const fn bad_message(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidBindingMessage, description)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asking(name: &str, value: &str) -> Parameters {
        let text = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(name, value)
            .finish();
        Parameters::read(text.as_bytes(), super::super::PARAMETERS).unwrap()
    }

    #[test]
    fn a_binding_message_is_one_short_line_of_visible_characters() {
        for good in [
            "W4SCT",
            "Guichet 12, dossier n° 42",
            "Élodie – 17 h 30",
            "日本",
        ] {
            assert!(is_plain(good), "{good}");
        }
        let long = "x".repeat(101);
        for bad in [
            "",
            "   ",
            "a\nb",
            "a\tb",
            "a\u{202e}b",
            "a\u{200b}b",
            "\u{feff}",
            &long,
        ] {
            assert!(!is_plain(bad), "{bad:?}");
        }
    }

    #[test]
    fn an_expiry_is_taken_up_to_the_longest_there_is() {
        let settings = CibaSettings {
            lifetime: Duration::from_mins(5),
            longest: Duration::from_mins(10),
            interval: Duration::from_secs(5),
        };
        let lifetime = |text: &str| lifetime(&settings, &asking("requested_expiry", text));
        assert_eq!(lifetime(""), Ok(Duration::from_mins(5)));
        assert_eq!(lifetime("30"), Ok(Duration::from_secs(30)));
        assert_eq!(lifetime("86400"), Ok(Duration::from_mins(10)));
        for bad in ["0", "-1", "+5", "5.0", "soon", "99999999999"] {
            assert!(lifetime(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_message_that_is_shown_breaks_a_line_or_turns_the_writing(message in "\\PC{0,120}|.{0,20}") {
            if is_plain(&message) {
                prop_assert!(message.chars().count() <= LONGEST_MESSAGE);
                let turns = ['\n', '\r', '\u{202e}', '\u{2066}', '\u{200f}'];
                prop_assert!(!message.contains(turns));
            }
        }
    }
}
