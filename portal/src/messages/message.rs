//! What a service says to a citizen: read strictly from what it sent, and as it rests sealed.

use std::time::Duration;

use guichet_domain::{Client, SubjectIdentifier, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

/// What a service sent: a message, or that one of its own no longer holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// To whom.
    pub(super) subject: SubjectIdentifier,
    /// What the service calls it.
    pub(super) reference: String,
    /// What it says; `None` to take it back.
    pub(super) message: Option<Message>,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) kind: Kind,
    /// In French and, where the service has it, in English.
    pub(crate) fr: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) en: Option<String>,
    /// Where to go on, at the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) uri: Option<Url>,
    /// When the appointment is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<Timestamp>,
    /// Shown until then.
    pub(crate) until: Timestamp,
}

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A procedure was opened.
    Opened,
    /// The service waits for the citizen.
    Waiting,
    /// It was decided.
    Decided,
    /// There is an appointment.
    Appointment,
    /// A document is ready.
    Ready,
}

impl Kind {
    /// The end of a text's name, and what the audit log says.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Waiting => "waiting",
            Self::Decided => "decided",
            Self::Appointment => "appointment",
            Self::Ready => "ready",
        }
    }
}

/// The members, by their names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    sub: String,
    reference: String,
    #[serde(default)]
    withdrawn: bool,
    kind: Option<Kind>,
    title: Option<Title>,
    uri: Option<Url>,
    at: Option<String>,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Title {
    fr: String,
    en: Option<String>,
}

impl Order {
    /// Reads what `client` sent at `now`. `Err` names the member at fault and what to do.
    pub(super) fn read(
        members: Map<String, Value>,
        client: &Client,
        now: Timestamp,
    ) -> Result<Self, &'static str> {
        let wire: Wire = serde_json::from_value(Value::Object(members)).map_err(
            |_| "message holds sub, reference, kind, title and optionally uri, at, until; or sub, reference, withdrawn",
        )?;
        let subject = SubjectIdentifier::try_from(wire.sub.clone());
        let subject = subject.map_err(|_| "sub is not 1 to 255 visible ASCII characters")?;
        if !is_reference(&wire.reference) {
            return Err("reference is not 1 to 64 visible ASCII characters");
        }
        let reference = wire.reference.clone();
        let message = if wire.withdrawn {
            wire.is_bare()
                .then_some(None)
                .ok_or("a message that is withdrawn says nothing else")?
        } else {
            Some(wire.message(client, now)?)
        };
        Ok(Self {
            subject,
            reference,
            message,
        })
    }
}

impl Wire {
    const fn is_bare(&self) -> bool {
        self.kind.is_none()
            && self.title.is_none()
            && self.uri.is_none()
            && self.at.is_none()
            && self.until.is_none()
    }

    fn message(self, client: &Client, now: Timestamp) -> Result<Message, &'static str> {
        let kind = self.kind.ok_or("kind is missing")?;
        let title = self.title.ok_or("title is missing")?;
        let are_texts = [Some(&title.fr), title.en.as_ref()];
        if !are_texts.into_iter().flatten().all(|text| is_text(text)) {
            return Err("a title is not one line of 1 to 140 characters");
        }
        let uri = self.uri;
        if uri.as_ref().is_some_and(|uri| !is_of(client, uri)) {
            return Err("uri is not under an address that this client registered");
        }
        let at = optional_time(self.at, "at is not an RFC 3339 date and time")?;
        if at.is_some() != (kind == Kind::Appointment) {
            return Err("an appointment, and nothing else, has an at");
        }
        let until = optional_time(self.until, "until is not an RFC 3339 date and time")?;
        let until = until.unwrap_or_else(|| now.after(USUALLY));
        if until <= now || until > now.after(AT_MOST) {
            return Err("until is past, or more than 400 days ahead");
        }
        Ok(Message {
            kind,
            fr: title.fr,
            en: title.en,
            uri,
            at,
            until,
        })
    }
}

const USUALLY: Duration = Duration::from_hours(90 * 24);
/// For how long a message stands at most.
pub const AT_MOST: Duration = Duration::from_hours(400 * 24);

fn optional_time(
    text: Option<String>,
    wrong: &'static str,
) -> Result<Option<Timestamp>, &'static str> {
    text.map(|text| text.parse().map_err(|_| wrong)).transpose()
}

fn is_reference(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
}

/// One line that cannot turn the page around: no control characters, and none that change the direction
/// of what follows.
fn is_text(text: &str) -> bool {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let length = text.chars().count();
    (1..=140).contains(&length)
        && !text.trim().is_empty()
        && !text
            .chars()
            .any(|c| c.is_control() || turns(c) || matches!(c, '\u{2028}' | '\u{2029}'))
}

/// Whether an address is the client's: nobody is led from their account to a stranger's page.
fn is_of(client: &Client, uri: &Url) -> bool {
    let homes = [
        client.client_uri.as_ref(),
        client.initiate_login_uri.as_ref(),
    ];
    let callbacks = client
        .redirect_uris
        .iter()
        .filter_map(|uri| Url::parse(uri.as_str()).ok());
    let homes = homes.into_iter().flatten().cloned();
    let no_password = uri.username().is_empty() && uri.password().is_none();
    matches!(uri.scheme(), "https" | "http")
        && no_password
        && homes
            .chain(callbacks)
            .any(|home| home.origin() == uri.origin())
}

#[cfg(test)]
mod tests {
    use guichet_domain::{ClientMetadata, SecretHash};
    use serde_json::json;

    use super::*;

    fn client() -> Client {
        let metadata: ClientMetadata = serde_json::from_value(json!({
            "client_id": "cantine", "client_secret": "0123456789abcdef",
            "redirect_uris": ["https://cantine.example/cb"],
            "client_uri": "https://www.cantine.example/",
        }))
        .unwrap();
        metadata.check(|_| SecretHash::from_bytes([0; 32])).unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    fn good() -> Value {
        json!({
            "sub": "camille-there", "reference": "dossier-42", "kind": "appointment",
            "title": {"fr": "Rendez-vous à la mairie", "en": "Appointment at the town hall"},
            "uri": "https://www.cantine.example/rdv", "at": "2026-12-01T09:30:00+01:00",
            "until": "2026-12-02T00:00:00Z",
        })
    }

    fn read(value: Value) -> Result<Order, &'static str> {
        let Value::Object(members) = value else {
            panic!("no object")
        };
        Order::read(members, &client(), now())
    }

    fn with(changes: &Value) -> Value {
        let mut value = good();
        let members = value.as_object_mut().unwrap();
        for (name, change) in changes.as_object().unwrap() {
            match change {
                Value::Null => members.remove(name),
                change => members.insert(name.clone(), change.clone()),
            };
        }
        value
    }

    #[test]
    fn a_message_says_what_it_said() {
        let order = read(good()).unwrap();
        assert_eq!(order.subject.as_str(), "camille-there");
        let message = order.message.unwrap();
        assert_eq!(message.kind, Kind::Appointment);
        assert_eq!(message.at.unwrap().to_string(), "2026-12-01T08:30:00Z");
        let usual = with(&json!({"kind": "ready", "at": null, "until": null}));
        let until = read(usual).unwrap().message.unwrap().until;
        assert_eq!(until, now().after(USUALLY));
    }

    #[test]
    fn a_message_is_taken_back_by_its_reference() {
        let order = read(json!({"sub": "s", "reference": "r", "withdrawn": true})).unwrap();
        assert_eq!(order.message, None);
        let more = json!({"sub": "s", "reference": "r", "withdrawn": true, "kind": "ready"});
        assert!(read(more).unwrap_err().contains("withdrawn"));
    }

    #[test]
    fn what_is_no_message_is_refused_by_the_member_at_fault() {
        let long = "x".repeat(141);
        let wrong = [
            (json!({"kind": "advertisement"}), "message holds"),
            (json!({"extra": 1}), "message holds"),
            (json!({"sub": ""}), "sub"),
            (json!({"reference": "a b"}), "reference"),
            (json!({"reference": "x".repeat(65)}), "reference"),
            (json!({"title": {"fr": long}}), "title"),
            (json!({"title": {"fr": "two\nlines"}}), "title"),
            (json!({"title": {"fr": "turned \u{202e}around"}}), "title"),
            (json!({"title": {"fr": "  "}}), "title"),
            (json!({"title": null}), "title"),
            (json!({"uri": "https://elsewhere.example/"}), "uri"),
            (json!({"uri": "javascript:alert(1)"}), "uri"),
            (json!({"uri": "https://a:b@www.cantine.example/"}), "uri"),
            (json!({"uri": "http://www.cantine.example/"}), "uri"),
            (json!({"at": null}), "appointment"),
            (json!({"kind": "ready"}), "appointment"),
            (json!({"at": "tomorrow"}), "at is not"),
            (json!({"until": "2026-11-22T10:00:00Z"}), "until is past"),
            (json!({"until": "2028-11-22T10:00:00Z"}), "until is past"),
        ];
        for (change, named) in wrong {
            let said = read(with(&change)).unwrap_err();
            assert!(said.contains(named), "{change}: {said}");
        }
    }
}
