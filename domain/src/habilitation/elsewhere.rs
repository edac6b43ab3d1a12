//! Approved elsewhere: what a review tool outside agreed to, by its word in the place of two signatures. That this
//! is an exception stands in the record, and wherever what it grants is shown.

use serde::{Deserialize, Serialize};

use super::{
    Agreed, Dossier, Duty, Granted, Habilitation, NotNow, Remark, Standing, State, StepKind, Task,
    Terms, Version,
};
use crate::{HabilitationId, OrganisationId, StaffId, TeamId, Timestamp};

/// Who agreed, where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The tool.
    pub tool: String,
    /// Its name there.
    pub reference: String,
    /// Who decided there, where the tool says so: for those who may read the file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// When, as the tool says.
    pub at: Timestamp,
}

/// What was agreed to elsewhere.
#[derive(Clone)]
pub struct Elsewhere {
    /// What was asked, as far as the tool tells.
    pub dossier: Dossier,
    /// What is granted.
    pub terms: Terms,
    /// Who agreed.
    pub approval: Approval,
    /// The place in the audit log of the entry that says so.
    pub entry: u64,
}

impl Approval {
    /// The name under which the tool stands in records, where members of the staff do: nobody's.
    pub const BY: &'static str = "review-tool";

    /// Whether this is the name of a tool, or one's name there: 1 to 64 letters, digits, hyphens and underscores.
    pub fn is_name(text: &str) -> bool {
        let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-_".contains(&it);
        (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
    }
}

impl Habilitation {
    /// One that a tool approved, before there was any here. `by` is the name of the tool in records.
    pub fn approved(
        id: HabilitationId,
        (organisation, team): (OrganisationId, TeamId),
        what: Elsewhere,
        (by, now): (&StaffId, Timestamp),
    ) -> Self {
        Self {
            id,
            organisation,
            team,
            versions: vec![version(1, what, (by, now))],
            paused: Vec::new(),
            duties: Vec::new(),
        }
    }

    /// The same with another version that a tool approved; none where it says what the last one said. What is
    /// being written here gives way. What somebody here holds back, or took back, no tool brings back; nor does an
    /// approval that is older than the last one.
    pub fn approved_anew(
        &self,
        what: Elsewhere,
        (by, now): (&StaffId, Timestamp),
    ) -> Result<Option<Self>, NotNow> {
        if let Some((version, granted, last)) = self.last_approval() {
            let is_same = version.dossier == what.dossier
                && granted.terms == what.terms
                && (&last.tool, &last.by) == (&what.approval.tool, &what.approval.by);
            if is_same {
                return Ok(None);
            }
            if what.approval.at < last.at {
                return Err(NotNow::Outdated);
            }
        }
        let is_held = |it: &Version| {
            let state = it.standing.state();
            matches!(state, State::Suspended | State::Revoked)
        };
        if self.versions.iter().any(is_held) {
            return Err(NotNow::State);
        }
        let mut next = self.clone();
        for version in &mut next.versions {
            version.give_way(now);
            let is_written = matches!(
                version.standing.state(),
                State::Draft | State::Submitted | State::ChangesRequested
            );
            if is_written {
                version.standing = Standing::Refused { at: now };
                version.remarks.push(remark(&what.approval, (by, now)));
            }
        }
        let number = next.latest().map_or(1, |last| last.number + 1);
        next.versions.push(version(number, what, (by, now)));
        let is_apply = |it: &Duty| matches!(it.task, Task::Apply { .. });
        next.duties.retain(|it| !is_apply(it));
        next.duties.push(Duty {
            by: by.clone(),
            since: now,
            task: Task::Apply { version: number },
        });
        Ok(Some(next))
    }

    /// The last version that a tool approved, and how.
    pub fn last_approval(&self) -> Option<(&Version, &Granted, &Approval)> {
        let all = self.versions.iter().rev();
        let mut approved = all.filter_map(|version| {
            let granted = version.standing.granted()?;
            Some((version, granted, granted.elsewhere()?))
        });
        approved.next()
    }
}

fn version(number: u32, what: Elsewhere, (by, now): (&StaffId, Timestamp)) -> Version {
    Version {
        number,
        dossier: what.dossier,
        contacts: None,
        authors: Vec::new(),
        remarks: vec![remark(&what.approval, (by, now))],
        standing: Standing::Validated(Granted {
            terms: what.terms,
            agreed: Agreed::Elsewhere(what.approval),
            at: now,
            entry: what.entry,
        }),
    }
}

fn remark(approval: &Approval, (by, now): (&StaffId, Timestamp)) -> Remark {
    Remark {
        step: StepKind::Approve,
        by: by.clone(),
        at: now,
        text: format!("{} {}", approval.tool, approval.reference),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Acr;

    fn now(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_000_000 + seconds)
    }

    fn tool() -> StaffId {
        Approval::BY.parse().unwrap()
    }

    fn said(scopes: &str, at: i64) -> Elsewhere {
        Elsewhere {
            dossier: Dossier {
                service: "Cantine".to_owned(),
                ..Dossier::default()
            },
            terms: Terms {
                scopes: scopes.parse().unwrap(),
                evidence: Vec::new(),
                level: Acr::Eidas1,
                retention_months: 0,
            },
            approval: Approval {
                tool: "datapass".to_owned(),
                reference: "1234".to_owned(),
                by: String::new(),
                at: now(at),
            },
            entry: 7,
        }
    }

    fn approved() -> Habilitation {
        let of = ("ville".parse().unwrap(), "cantines".parse().unwrap());
        Habilitation::approved(
            "h1".parse().unwrap(),
            of,
            said("openid email", 0),
            (&tool(), now(1)),
        )
    }

    fn anew(of: &Habilitation, scopes: &str, at: i64) -> Result<Option<Habilitation>, NotNow> {
        of.approved_anew(said(scopes, at), (&tool(), now(100)))
    }

    #[test]
    fn what_a_tool_approved_is_granted_by_its_word_and_says_so() {
        let habilitation = approved();
        let granted = habilitation.granted().unwrap();
        assert_eq!(granted.elsewhere().unwrap().reference, "1234");
        assert!(granted.signatures().is_none());
        let json = serde_json::to_value(&habilitation).unwrap();
        let standing = &json["versions"][0]["standing"];
        assert_eq!(standing["elsewhere"]["tool"], "datapass");
        assert_eq!(standing["state"], "validated");
        assert!(serde_json::from_value::<Habilitation>(json).unwrap() == habilitation);
    }

    #[test]
    fn the_same_word_again_is_nothing_and_another_is_another_version() {
        let first = approved();
        assert!(anew(&first, "openid email", 50).unwrap().is_none());
        let next = anew(&first, "openid", 50).unwrap().unwrap();
        let states: Vec<State> = next.versions.iter().map(|it| it.standing.state()).collect();
        assert_eq!(states, [State::Superseded, State::Validated]);
        assert_eq!(next.granted().unwrap().terms.scopes.to_string(), "openid");
        assert_eq!(next.duties[0].task, Task::Apply { version: 2 });
        // A word of before does not come back.
        assert_eq!(
            anew(&next, "openid email", 10).err(),
            Some(NotNow::Outdated)
        );
        assert!(anew(&next, "openid", 10).unwrap().is_none());
    }

    #[test]
    fn what_is_held_back_here_no_tool_brings_back() {
        let mut held = approved();
        let Standing::Validated(granted) = held.versions[0].standing.clone() else {
            panic!("approved");
        };
        for standing in [
            Standing::Revoked {
                granted: granted.clone(),
                at: now(2),
            },
            Standing::Suspended {
                granted,
                by: super::super::Signatory {
                    id: tool(),
                    who: crate::staff::Who::Client("a".parse().unwrap()),
                },
                at: now(2),
            },
        ] {
            held.versions[0].standing = standing;
            assert_eq!(anew(&held, "openid", 50).err(), Some(NotNow::State));
        }
    }

    #[test]
    fn what_is_being_written_gives_way() {
        let mut written = approved();
        let mut draft = written.versions[0].clone();
        (draft.number, draft.standing) = (2, Standing::Draft);
        written.versions.push(draft);
        let next = anew(&written, "openid", 50).unwrap().unwrap();
        let states: Vec<State> = next.versions.iter().map(|it| it.standing.state()).collect();
        assert_eq!(
            states,
            [State::Superseded, State::Refused, State::Validated]
        );
    }

    #[test]
    fn nobody_takes_the_step_of_a_tool() {
        assert!(
            State::ALL
                .iter()
                .all(|it| !StepKind::Approve.starts_in(*it))
        );
    }

    #[test]
    fn a_grant_of_two_signatures_is_written_as_ever() {
        let signature = |name: &str| {
            serde_json::json!({
                "by": {"id": name, "who": serde_json::to_value(
                    crate::staff::Who::Client(name.parse().unwrap())).unwrap()},
                "at": 5,
            })
        };
        let terms = serde_json::to_value(said("openid", 0).terms).unwrap();
        let stored = serde_json::json!({
            "state": "validated", "terms": terms, "signatures": [signature("a"), signature("b")],
            "at": 5, "entry": 7,
        });
        let standing: Standing = serde_json::from_value(stored.clone()).unwrap();
        assert!(standing.granted().unwrap().signatures().is_some());
        assert_eq!(serde_json::to_value(&standing).unwrap(), stored);
    }
}
