//! Entries become counts. A sign-in counts once, when it is over: for what was known of it, what became of it,
//! and the step it ended in; at the time of its last entry, or, where nobody went on with it, of its first.

use std::collections::{HashMap, HashSet};

use guichet_domain::{ClientId, LoginId, Timestamp};
use guichet_store::durable::statistics::{
    ClientMark, Known, SignInCount, SignInKind, SignInOutcome, SignInWay, Tally, UnderWay,
};

use super::period::spans_of_hour;
use super::read::{CHOICE, CONSENT, REQUEST};
use super::{Said, What};

/// The sign-ins that these entries go on with and did not begin.
pub(super) fn begun_earlier(said: &[Said]) -> Vec<LoginId> {
    let mut begun = HashSet::new();
    let mut earlier = HashSet::new();
    for one in said {
        let Some(login) = one.login else { continue };
        if matches!(one.what, What::Began(_)) {
            begun.insert(login);
        } else if one.what != What::Nothing && !begun.contains(&login) {
            earlier.insert(login);
        }
    }
    earlier.into_iter().collect()
}

/// What some entries come to.
#[derive(Default)]
pub(super) struct Fold {
    /// Sign-ins under way, and whether these entries moved them.
    under_way: HashMap<LoginId, (UnderWay, bool)>,
    /// Those that are kept as under way from earlier entries.
    kept: HashSet<LoginId>,
    over: HashSet<LoginId>,
    /// By hour.
    counts: HashMap<(String, SignInKind), u64>,
    /// By client, mark and month.
    marks: HashMap<(ClientId, String, String), (u64, Timestamp)>,
}

impl Fold {
    /// On what is under way already.
    pub(super) fn over(known: Vec<UnderWay>) -> Self {
        let kept = known.iter().map(|one| one.login).collect();
        let known = known.into_iter();
        Self {
            kept,
            under_way: known.map(|one| (one.login, (one, false))).collect(),
            ..Self::default()
        }
    }

    /// One entry more.
    pub(super) fn take(&mut self, said: &Said) {
        self.mark(said);
        match (said.what, said.login) {
            (What::Began(way), Some(login)) => self.begin(said, way, login),
            (What::Nothing, _) | (What::Began(_) | What::Waits(_), None) => {}
            (What::Waits(step), Some(login)) => {
                if let Some((one, is_moved)) = self.under_way.get_mut(&login) {
                    learn(&mut one.known, said);
                    one.known.step = step;
                    *is_moved = true;
                }
            }
            (What::Ended(outcome, step), login) => self.end(said, outcome, step, login),
        }
    }

    /// Nobody went on with those that began before then.
    pub(super) fn vanish_before(&mut self, before: Timestamp) {
        let old = self.under_way.values().map(|(one, _)| one);
        let old: Vec<UnderWay> = old.filter(|it| it.began < before).cloned().collect();
        for one in old {
            self.under_way.remove(&one.login);
            self.lose(one);
        }
    }

    /// Nobody went on with this one, which is kept as under way.
    pub(super) fn vanish(&mut self, one: UnderWay) {
        if self.under_way.contains_key(&one.login) || self.over.contains(&one.login) {
            return;
        }
        self.kept.insert(one.login);
        self.lose(one);
    }

    fn lose(&mut self, one: UnderWay) {
        self.over.insert(one.login);
        self.count(one.began, one.known, SignInOutcome::Vanished, 1);
    }

    /// What is to be kept.
    pub(super) fn into_tally(self) -> Tally {
        let mut counts: HashMap<(String, SignInKind), u64> = HashMap::new();
        for ((hour, kind), times) in self.counts {
            let mut all = kind.clone();
            all.known.client = None;
            let is_known = kind.known.client.is_some();
            for period in spans_of_hour(&hour) {
                if is_known {
                    *counts.entry((period.clone(), kind.clone())).or_default() += times;
                }
                *counts.entry((period, all.clone())).or_default() += times;
            }
        }
        let counted = |((period, kind), times)| SignInCount {
            period,
            kind,
            times,
        };
        let marked = |((client, mark, month), (times, last))| ClientMark {
            client,
            mark,
            month,
            times,
            last,
        };
        let moved = self.under_way.into_values().filter(|(_, moved)| *moved);
        Tally {
            under_way: moved.map(|(one, _)| one).collect(),
            // Most begin and end among the same entries, and were never kept.
            over: self.over.intersection(&self.kept).copied().collect(),
            counts: counts.into_iter().map(counted).collect(),
            marks: self.marks.into_iter().map(marked).collect(),
        }
    }

    fn begin(&mut self, said: &Said, way: SignInWay, login: LoginId) {
        let mut known = Known {
            client: None,
            provider: None,
            level: None,
            way,
            step: match way {
                SignInWay::Provider => CHOICE,
                SignInWay::Session => CONSENT,
            },
        };
        learn(&mut known, said);
        let began = said.at;
        let one = UnderWay {
            login,
            began,
            known,
        };
        self.under_way.insert(login, (one, true));
    }

    fn end(
        &mut self,
        said: &Said,
        outcome: SignInOutcome,
        step: Option<u8>,
        login: Option<LoginId>,
    ) {
        let begun = login.and_then(|login| self.under_way.remove(&login));
        let mut known = begun.map_or_else(never_begun, |(one, _)| one.known);
        self.over.extend(login);
        learn(&mut known, said);
        known.step = step.unwrap_or(known.step);
        self.count(said.at, known, outcome, said.times);
    }

    fn count(&mut self, at: Timestamp, known: Known, outcome: SignInOutcome, times: u64) {
        let hour = guichet_web::hour_of(at.millis());
        let kind = SignInKind { known, outcome };
        *self.counts.entry((hour, kind)).or_default() += times;
    }

    fn mark(&mut self, said: &Said) {
        let Some(client) = &said.client else { return };
        if said.marks.is_empty() {
            return;
        }
        let month: String = guichet_web::day_of(said.at.millis())
            .chars()
            .take(7)
            .collect();
        for mark in &said.marks {
            let key = (client.clone(), mark.clone(), month.clone());
            let (times, last) = self.marks.entry(key).or_insert((0, said.at));
            *times += said.times;
            *last = said.at.max(*last);
        }
    }
}

/// What an entry adds to what is known.
fn learn(known: &mut Known, said: &Said) {
    let Said {
        client,
        provider,
        level,
        ..
    } = said;
    known.client = client.clone().or(known.client.take());
    known.provider = provider.clone().or(known.provider.take());
    known.level = level.or(known.level);
}

/// Of a request that was refused before anything began.
const fn never_begun() -> Known {
    Known {
        client: None,
        provider: None,
        level: None,
        way: SignInWay::Provider,
        step: REQUEST,
    }
}
