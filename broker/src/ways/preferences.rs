//! What somebody says of the ways in, in one save: which providers may speak for them, whether those that come
//! later may, and of which sign-ins they hear.

use std::collections::BTreeMap;

use guichet_domain::{AuditEvent, ProviderId, Timestamp};

use super::choices::Choices;
use super::notice::What;
use crate::hub::Hub;

/// One save. What it does not name stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Whether a provider may speak for them.
    pub providers: BTreeMap<ProviderId, bool>,
    /// Whether providers that come later may.
    pub others_open: Option<bool>,
    /// Whether they hear of every sign-in, not of unusual ones alone.
    pub tells_all: Option<bool>,
}

/// One thing that a save changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Preferred {
    Provider { id: ProviderId, open: bool },
    Others { open: bool },
    Alerts { all: bool },
}

impl Preferences {
    /// Whether sessions may end by it.
    pub(super) fn may_close(&self) -> bool {
        self.others_open == Some(false) || self.providers.values().any(|open| !open)
    }

    /// Says it of what was known: each thing that is otherwise from now on. `None` where it names a provider
    /// that is not among `all` there are.
    pub(super) fn apply(
        &self,
        choices: &mut Choices,
        all: &[&ProviderId],
        now: Timestamp,
    ) -> Option<Vec<Preferred>> {
        if self.providers.keys().any(|id| !all.contains(&id)) {
            return None;
        }
        let mut changed = Vec::new();
        for (id, open) in &self.providers {
            if choices.set(id, *open, now) {
                let (id, open) = (id.clone(), *open);
                changed.push(Preferred::Provider { id, open });
            }
        }
        if let Some(open) = self.others_open
            && choices.set_others(open, all.iter().copied(), now)
        {
            changed.push(Preferred::Others { open });
        }
        if let Some(all) = self.tells_all
            && choices.set_alerts(all)
        {
            changed.push(Preferred::Alerts { all });
        }
        Some(changed)
    }
}

impl Preferred {
    pub(super) fn describe(&self, event: AuditEvent) -> AuditEvent {
        let word = |open: bool| if open { "open" } else { "closed" };
        match self {
            Self::Provider { id, open } => event.provider(id).detail("way", word(*open)),
            Self::Others { open } => event.detail("other_ways", word(*open)),
            Self::Alerts { all } => event.detail("alerts", if *all { "all" } else { "unusual" }),
        }
    }

    /// What the person is told of it.
    pub(super) fn told(&self, hub: &Hub) -> What {
        match self {
            Self::Provider { id, open } => What::Provider {
                provider: hub.provider_name(id),
                open: *open,
            },
            Self::Others { open } => What::Others { open: *open },
            Self::Alerts { all } => What::Alerts { all: *all },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ProviderId {
        text.parse().unwrap()
    }

    #[test]
    fn a_save_changes_what_it_names_and_is_otherwise_and_nothing_else() {
        let now = Timestamp::from_seconds(1);
        let (one, two) = (id("one"), id("two"));
        let all = [&one, &two];
        let mut choices = Choices::default();
        let save = Preferences {
            providers: BTreeMap::from([(one.clone(), true), (two.clone(), false)]),
            others_open: Some(false),
            tells_all: Some(false),
        };
        assert!(save.may_close());
        let changed = save.apply(&mut choices, &all, now).unwrap();
        let closed = Preferred::Provider {
            id: two.clone(),
            open: false,
        };
        assert_eq!(changed, [closed, Preferred::Others { open: false }]);
        assert_eq!(choices.closed(&two), Some(now));
        assert_eq!(choices.closed(&one), None);
        assert!(!choices.are_others_open());
        let again = save.apply(&mut choices, &all, now).unwrap();
        assert_eq!(again, [], "it is so already");
        assert_eq!(save.apply(&mut choices, &[&one], now), None);
        assert!(!Preferences::default().may_close());
    }
}
