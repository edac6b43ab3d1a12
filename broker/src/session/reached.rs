//! The level that a session reached: by the word of the provider it came from, or by that of a second one
//! too, which vouched for the same person before.

use guichet_domain::{Acr, AcrValue, Amr, AuditEvent, ProviderId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Assertion, Session, Source};

/// A level, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reached {
    /// The level.
    pub(crate) acr: AcrValue,
    /// By which methods: those used at both providers, where it took two.
    pub(crate) amr: Vec<Amr>,
    /// When the person last showed who they are.
    pub(crate) auth_time: Timestamp,
    /// The second provider, where it took two.
    pub(crate) with: Option<ProviderId>,
}

impl Reached {
    /// No more than `level`.
    pub(crate) fn at_most(mut self, level: Acr) -> Self {
        self.acr.level = self.acr.level.min(level);
        self
    }

    /// What the audit keeps of it.
    pub(crate) fn describe(&self, event: AuditEvent) -> AuditEvent {
        let methods: Vec<&str> = self.amr.iter().map(|amr| amr.as_str()).collect();
        let event = event.acr(self.acr);
        let event = if methods.is_empty() {
            event
        } else {
            event.detail("amr", methods.join(" "))
        };
        match &self.with {
            Some(with) => event.detail("with", with),
            None => event,
        }
    }
}

impl Session {
    /// What answers a demand for `required`: the word of two providers where that is asked for and is
    /// enough, and otherwise that of the provider the session came from. `counts` says whose word beside
    /// that provider's does; what was heard up to `since` is too old.
    pub(crate) fn reached(
        &self,
        required: AcrValue,
        since: Timestamp,
        counts: impl Fn(&ProviderId) -> bool,
    ) -> Reached {
        let alone = || Reached {
            acr: self.acr.into(),
            amr: self.amr.clone(),
            auth_time: self.auth_time,
            with: None,
        };
        let corroborated = required
            .corroborated
            .then(|| self.corroborated(since, counts));
        corroborated
            .flatten()
            .filter(|reached| reached.acr.satisfies(required))
            .unwrap_or_else(alone)
    }

    fn corroborated(
        &self,
        since: Timestamp,
        counts: impl Fn(&ProviderId) -> bool,
    ) -> Option<Reached> {
        let words = self
            .asserted
            .iter()
            .filter(|assertion| assertion.heard > since)
            .filter_map(|assertion| match &assertion.by {
                Source::Provider { id, acr, amr } if *id != self.provider && counts(id) => {
                    Some((id, *acr, amr, assertion.at))
                }
                _ => None,
            });
        let (id, acr, amr, at) = words.max_by_key(|(_, acr, ..)| *acr)?;
        let mut methods = self.amr.clone();
        methods.extend(amr.iter().filter(|method| !self.amr.contains(method)));
        Some(Reached {
            acr: AcrValue::corroborated(acr.min(self.acr)),
            amr: methods,
            auth_time: at.max(self.auth_time),
            with: Some(id.clone()),
        })
    }

    /// The same person had signed in with the provider `first` in the session `earlier`: its word counts
    /// beside the one that this session began with, and the stronger of the two sign-ins is what the
    /// session goes by, so that a second word lowers nothing; nor does it make the stronger one last
    /// longer. What was heard up to `since` is too old.
    pub(crate) fn add_word_of(&mut self, earlier: &Self, first: &ProviderId, since: Timestamp) {
        let is_theirs = |assertion: &&Assertion| {
            matches!(&assertion.by, Source::Provider { id, .. } if id == first)
                && assertion.heard > since
        };
        let Some(word) = earlier.asserted.iter().find(is_theirs) else {
            return;
        };
        self.asserted.push(word.clone());
        // Each of the two providers may end it.
        for key in &earlier.found_by {
            if !self.found_by.contains(key) {
                self.found_by.push(key.clone());
            }
        }
        if earlier.provider == *first && earlier.acr > self.acr {
            let here = self.signed_in_at();
            self.started = self.started.min(earlier.started);
            self.provider = earlier.provider.clone();
            self.claims = earlier.claims.clone();
            self.acr = earlier.acr;
            self.amr.clone_from(&earlier.amr);
            self.auth_time = earlier.auth_time;
            self.id_token.clone_from(&earlier.id_token);
            self.note_also_at(here);
            // What the register said of these claims goes with them.
            let is_registers = |assertion: &Assertion| assertion.by == Source::Register;
            self.asserted.retain(|assertion| !is_registers(assertion));
            let registers = earlier.asserted.iter().filter(|it| is_registers(it));
            self.asserted.extend(registers.cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::UpstreamKey;
    use crate::session::tests::session;

    const SECOND: Timestamp = Timestamp::from_seconds(1000);

    const LONG_AGO: Timestamp = Timestamp::from_seconds(100);

    fn word(id: &str, acr: Acr, amr: &[Amr], at: i64) -> Assertion {
        Assertion {
            by: Source::Provider {
                id: id.parse().unwrap(),
                acr,
                amr: amr.to_vec(),
            },
            at: Timestamp::from_seconds(at),
            heard: Timestamp::from_seconds(at),
            claims: Vec::new(),
        }
    }

    /// Signed in with Postale at 900 s, by a code too, and with Citoyen at 1000 s.
    fn twice() -> Session {
        let mut earlier = session();
        earlier.provider = "postale".parse().unwrap();
        earlier.acr = Acr::Eidas2;
        earlier.amr = vec![Amr::Pwd, Amr::Otp];
        earlier.auth_time = Timestamp::from_seconds(900);
        earlier.started = Timestamp::from_seconds(901);
        earlier.found_by = vec![key("AAAA")];
        earlier.asserted = vec![word("postale", Acr::Eidas2, &[Amr::Pwd, Amr::Otp], 900)];
        let mut session = session();
        session.found_by = vec![key("BBBB")];
        session.asserted = vec![
            word("citoyen", Acr::Eidas1, &[Amr::Pwd], 1000),
            registers(1000),
        ];
        earlier.asserted.push(registers(900));
        session.add_word_of(&earlier, &earlier.provider, LONG_AGO);
        session
    }

    fn key(text: &str) -> UpstreamKey {
        serde_json::from_value(text.into()).unwrap()
    }

    fn registers(at: i64) -> Assertion {
        Assertion {
            by: Source::Register,
            ..word("register", Acr::Eidas1, &[], at)
        }
    }

    #[test]
    fn two_words_are_worth_the_lower_of_both_and_all_methods_used() {
        let two = AcrValue::corroborated(Acr::Eidas1);
        let reached = twice().reached(two, LONG_AGO, |_| true);
        assert_eq!(reached.acr, two);
        assert_eq!(reached.amr, [Amr::Pwd, Amr::Otp]);
        assert_eq!(reached.auth_time, SECOND);
        assert_eq!(reached.with.unwrap().as_str(), "citoyen");
    }

    #[test]
    fn a_second_word_lowers_nothing_and_is_not_stated_where_nobody_asks() {
        let reached = twice().reached(Acr::Eidas1.into(), LONG_AGO, |_| true);
        assert_eq!(reached.acr, Acr::Eidas2);
        assert_eq!((reached.auth_time.seconds(), reached.with), (900, None));
    }

    #[test]
    fn a_second_word_makes_the_first_last_no_longer_and_leaves_both_their_say() {
        let session = twice();
        assert_eq!(session.started.seconds(), 901);
        assert!(session.is_found_by(&key("AAAA")) && session.is_found_by(&key("BBBB")));
        let register = session
            .asserted
            .iter()
            .filter(|told| told.by == Source::Register);
        let at: Vec<i64> = register.map(|told| told.at.seconds()).collect();
        assert_eq!(at, [900], "of the claims that the session has");
    }

    #[test]
    fn a_word_heard_too_long_ago_is_no_second_one_in_a_session_that_has_it() {
        let two = AcrValue::corroborated(Acr::Eidas1);
        let since = |seconds| twice().reached(two, Timestamp::from_seconds(seconds), |_| true);
        assert_eq!(since(999).acr, two);
        assert_eq!(since(1000).acr, Acr::Eidas2);
    }

    #[test]
    fn a_word_that_does_not_count_any_more_or_is_ones_own_is_no_second_one() {
        let two = AcrValue::corroborated(Acr::Eidas1);
        assert_eq!(twice().reached(two, LONG_AGO, |_| false).acr, Acr::Eidas2);
        let mut alone = session();
        alone.asserted = vec![word("citoyen", Acr::Eidas1, &[Amr::Pwd], 1000)];
        let earlier = alone.clone();
        alone.add_word_of(&earlier, &earlier.provider, Timestamp::from_seconds(0));
        assert_eq!(alone.reached(two, LONG_AGO, |_| true).acr, Acr::Eidas1);
        let mut late = session();
        late.add_word_of(
            &twice(),
            &"postale".parse().unwrap(),
            Timestamp::from_seconds(900),
        );
        assert!(late.asserted.is_empty(), "heard too long ago");
    }
}
