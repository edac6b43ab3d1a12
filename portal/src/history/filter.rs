//! What a citizen looks for in their history: the form of the page, and the address of what it finds.

use std::time::Duration;

use guichet_domain::{ClientId, Timestamp};
use guichet_store::durable::histories::{HistoryClass, HistoryQuery, Place};
use guichet_web::{day_of, start_of_day};
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

use super::book::Subject;

/// The form as it was sent: what is no choice of the form is as if it were left empty.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: String,
    #[serde(default)]
    steps: String,
    #[serde(default)]
    before: String,
}

/// What is looked for, and how the form says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Filter {
    /// A class in a word; empty for all of them.
    pub(crate) kind: &'static str,
    /// A client; empty for all of them.
    pub(crate) service: String,
    /// The first day; empty for the very first.
    pub(crate) from: String,
    /// The last day; empty for today.
    pub(crate) to: String,
    /// Whether the steps on the way are shown, too.
    pub(crate) steps: bool,
    /// What comes before this place, of a page that is not the first.
    #[serde(skip)]
    pub(crate) before: u64,
}

/// The classes of the form, in its order.
pub(crate) const KINDS: [HistoryClass; 5] = [
    HistoryClass::SignIn,
    HistoryClass::Exchange,
    HistoryClass::Refusal,
    HistoryClass::Change,
    HistoryClass::Look,
];

impl Filter {
    /// What was asked for. Who asks for nothing sees the last six months.
    pub(crate) fn of(asked: &Asked, now: Timestamp) -> Self {
        let day = |text: &str| start_of_day(text).map_or_else(String::new, |_| text.to_owned());
        let kind = KINDS.into_iter().find(|it| it.as_str() == asked.kind);
        let half_a_year_ago = || day_of(now.before(HALF_A_YEAR).millis());
        let service: Result<ClientId, _> = asked.service.parse();
        Self {
            kind: kind.map_or("", HistoryClass::as_str),
            service: service.map_or_else(|_| String::new(), |it| it.to_string()),
            from: asked.from.as_deref().map_or_else(half_a_year_ago, day),
            to: day(&asked.to),
            steps: asked.steps == "yes",
            before: asked.before.parse().unwrap_or(u64::MAX),
        }
    }

    /// All there is, steps included.
    pub(crate) fn everything() -> Self {
        Self {
            kind: "",
            service: String::new(),
            from: String::new(),
            to: String::new(),
            steps: true,
            before: u64::MAX,
        }
    }

    /// The same, for the store.
    pub(crate) fn query(&self, subject: &Subject, now: Timestamp, limit: u32) -> HistoryQuery {
        let time = |day: &str| start_of_day(day).map(Timestamp::from_millis);
        let until = time(&self.to).and_then(|day| time(&day_of(day.after(INTO_THE_NEXT).millis())));
        HistoryQuery {
            names: subject.names.clone(),
            place: Place::Before(self.before),
            since: time(&self.from).unwrap_or(Timestamp::from_millis(0)),
            until: until.unwrap_or(Timestamp::from_millis(i64::MAX)),
            class: KINDS.into_iter().find(|it| it.as_str() == self.kind),
            with_steps: self.steps,
            client: self.service.parse().ok(),
            closed: subject.closed.clone(),
            now,
            limit,
        }
    }

    /// What an address says of it, from a place on where there is one.
    pub(crate) fn address(&self, before: Option<u64>) -> String {
        let mut query = Serializer::new(String::new());
        query
            .append_pair("kind", self.kind)
            .append_pair("service", &self.service)
            .append_pair("from", &self.from)
            .append_pair("to", &self.to);
        if self.steps {
            query.append_pair("steps", "yes");
        }
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        query.finish()
    }
}

const HALF_A_YEAR: Duration = Duration::from_hours(183 * 24);
/// From the beginning of any day, be it an hour shorter or longer, this leads into the day after.
const INTO_THE_NEXT: Duration = Duration::from_hours(36);

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn asked(query: &str) -> Asked {
        let pairs: std::collections::BTreeMap<String, String> =
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect();
        serde_json::from_value(serde_json::to_value(pairs).unwrap()).unwrap()
    }

    #[test]
    fn who_asks_for_nothing_sees_half_a_year_and_who_empties_the_field_sees_all() {
        let filter = Filter::of(&Asked::default(), now());
        assert_eq!(
            (filter.from.as_str(), filter.before),
            ("2026-05-22", u64::MAX)
        );
        let all = Filter::of(&asked("from="), now());
        assert_eq!(all.from, "");
    }

    #[test]
    fn what_is_no_choice_of_the_form_is_as_if_it_were_empty() {
        let filter = Filter::of(
            &asked("kind=step&service=%20&from=x&to=2026-02-30&before=-1"),
            now(),
        );
        let nothing = Filter {
            kind: "",
            service: String::new(),
            from: String::new(),
            to: String::new(),
            steps: false,
            before: u64::MAX,
        };
        assert_eq!(filter, nothing);
    }

    #[test]
    fn a_last_day_is_whole_also_when_clocks_turn() {
        let subject = Subject {
            keys: Vec::new(),
            names: Vec::new(),
            closed: Vec::new(),
            unsettled: None,
        };
        let hours = |day: &str| {
            let filter = Filter::of(&asked(&format!("from={day}&to={day}")), now());
            let query = filter.query(&subject, now(), 1);
            query.until.since(query.since).as_secs() / 3600
        };
        assert_eq!(hours("2026-10-24"), 24);
        assert_eq!(hours("2026-10-25"), 25);
        assert_eq!(hours("2026-03-29"), 23);
    }

    #[test]
    fn an_address_leads_back_to_what_was_asked() {
        let query = "kind=exchange&service=a%26b&from=2026-01-01&to=2026-02-01&steps=yes";
        let filter = Filter::of(&asked(query), now());
        assert_eq!(filter.address(None), query);
        let next = Filter::of(&asked(&filter.address(Some(7))), now());
        assert_eq!(
            next,
            Filter {
                before: 7,
                ..filter
            }
        );
    }
}
