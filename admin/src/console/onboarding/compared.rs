//! Two versions of a habilitation beside each other: what its team asks now, and what was granted, or any version
//! before. Reviewers read what changed line by line, and in words what became of each.

use guichet_domain::habilitation::{Change, Difference, Passage, Version, differences};
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::console::confirm::Row;
use crate::onboarding::File;

/// Which version is to stand beside the latest.
#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct Beside {
    #[serde(default)]
    with: Option<u32>,
}

/// A line that is not the same.
#[derive(Serialize)]
pub(super) struct Changed {
    #[serde(flatten)]
    name: Name,
    change: Change,
    before: Vec<Passage>,
    after: Vec<Passage>,
    /// Whether some lines stay: then those that do not are told one by one.
    in_part: bool,
}

/// What a line is called: a text, and the names that go with it.
#[derive(Serialize)]
pub(super) struct Name {
    label: String,
    codes: Vec<String>,
}

impl Name {
    pub(super) fn of(name: &str) -> Self {
        let mut words = name.split(' ').map(str::to_owned);
        let first = words.next().unwrap_or_default();
        let codes: Vec<String> = words.collect();
        match (first.as_str(), codes.as_slice()) {
            ("contact", [role]) => Self {
                label: format!("onboarding-contact-{role}"),
                codes: Vec::new(),
            },
            (_, []) => Self {
                label: format!("onboarding-line-{first}"),
                codes,
            },
            _ => Self {
                label: format!("onboarding-asked-{first}"),
                codes,
            },
        }
    }
}

impl Beside {
    /// The version that the latest is compared with: the one that was named; else the one that is granted, or the
    /// one before.
    pub(super) fn version(self, file: &File) -> Option<&Version> {
        let latest = file.habilitation.latest()?;
        let earlier = |version: &&Version| version.number < latest.number;
        let named = self.with.and_then(|it| file.habilitation.version(it));
        let granting = file.habilitation.granting().filter(earlier);
        let before = || file.habilitation.versions.iter().rev().find(earlier);
        named.filter(earlier).or(granting).or_else(before)
    }

    /// What changed since then.
    pub(super) fn differences(self, api: &Api, file: &File) -> Vec<Difference> {
        match (self.version(file), file.habilitation.latest()) {
            (Some(before), Some(latest)) => {
                differences(&lines_of(api, file, before), &lines_of(api, file, latest))
            }
            _ => Vec::new(),
        }
    }
}

impl Changed {
    pub(super) fn of(difference: &Difference) -> Self {
        let (before, after) = difference.passages();
        Self {
            name: Name::of(&difference.name),
            change: difference.change(),
            in_part: before.iter().chain(&after).any(|it| !it.differs),
            before,
            after,
        }
    }
}

/// A difference as whoever confirms reads it.
pub(super) fn row(difference: Difference) -> Row {
    let name = Name::of(&difference.name);
    Row {
        label: Some(name.label),
        member: if name.codes.is_empty() {
            difference.name
        } else {
            name.codes.join(" ")
        },
        before: difference.before.map(Into::into),
        after: difference.after.map(Into::into),
    }
}

/// What a version asks, contacts included, line by line.
pub(super) fn lines_of(api: &Api, file: &File, version: &Version) -> Vec<(String, String)> {
    let mut lines = version.dossier.lines();
    let contacts = api.onboarding.contacts_of(&file.habilitation, version);
    lines.extend(contacts.lines());
    lines
}
