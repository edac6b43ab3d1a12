//! What the support does about somebody: freezing at once; and what two put right together, who is who and who may
//! act again. The hub's offices do it (`broker` people/): this desk says about whom, and who asks.

use async_trait::async_trait;
use guichet_domain::{CaseId, CorrectionId, InvalidMember, PersonId, Rule};
use guichet_store::Fault;
use guichet_store::durable::corrections::Correction;
use serde::{Deserialize, Serialize};

use super::{SupportDesk, SupportError};
use crate::Actor;
use crate::people::said;

/// The hub's offices. The binary wires them, since the hub and the console do not know each other.
#[async_trait]
pub trait Citizens: Send + Sync {
    /// Has the histories of citizens say what the ledger says by now.
    async fn read_ledger(&self) -> Result<(), Fault>;

    /// Mails somebody that a request of the support waits in their account, where they gave an address.
    async fn tell_asked(&self, person: PersonId) -> Result<(), Fault>;

    /// Freezes somebody: once this returns, nobody acts as them any more, on any node.
    async fn freeze(&self, person: PersonId, by: &str, reason: &str) -> Result<CaseId, Fault>;

    /// Proposes what somebody else confirms.
    async fn propose(&self, wish: Wish, by: &str, reason: &str) -> Result<Correction, Declined>;

    /// Confirms what somebody else proposed.
    async fn confirm(&self, id: CorrectionId, by: &str) -> Result<Correction, Declined>;

    /// Takes back what was confirmed not long ago, or a proposal.
    async fn undo(&self, id: CorrectionId, by: &str) -> Result<Correction, Declined>;
}

/// What a member wishes to be put right, by what citizens read out: whoever works here learns no more of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Wished {
    /// Whoever the two lead to is one person.
    Merge {
        /// What the one read out.
        handle: String,
        /// What the other read out.
        other: String,
    },
    /// A row of whoever it leads to belongs to somebody else.
    Split {
        /// What they read out.
        handle: String,
        /// Which row, from 1.
        row: usize,
    },
    /// A case about whoever it leads to is over.
    Thaw {
        /// What they read out.
        handle: String,
        /// Which case.
        case: CaseId,
    },
}

/// The same, as the offices are asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Two persons are one.
    Merge(PersonId, PersonId),
    /// The row of this number, from 1, belongs to somebody else.
    Split(PersonId, usize),
    /// A case is over.
    Thaw(CaseId),
}

/// Why an office did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Declined {
    /// It says no, in its words.
    #[error("{0}")]
    Refused(String),
    /// Something broke.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<Declined> for SupportError {
    fn from(declined: Declined) -> Self {
        match declined {
            Declined::Refused(why) => Self::Declined(why),
            Declined::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// How many proposals a page lists.
const LISTED: u32 = 50;

impl SupportDesk {
    /// Freezes whoever `handle` leads to, at once.
    pub async fn freeze(
        &self,
        handle: &str,
        reason: &str,
        by: &Actor,
    ) -> Result<CaseId, SupportError> {
        let reason = said(reason)?;
        let by = by.to_string();
        let (_, person) = self.person(handle, &by).await?;
        Ok(self.citizens.freeze(person, &by, reason).await?)
    }

    /// Proposes what somebody else confirms.
    pub async fn propose(
        &self,
        wished: &Wished,
        reason: &str,
        by: &Actor,
    ) -> Result<Correction, SupportError> {
        let reason = said(reason)?;
        let by = by.to_string();
        let wish = self.meant(wished, &by).await?;
        Ok(self.citizens.propose(wish, &by, reason).await?)
    }

    /// What is wished, about the persons whom it leads to.
    async fn meant(&self, wished: &Wished, by: &str) -> Result<Wish, SupportError> {
        match wished {
            Wished::Merge { handle, other } => {
                let (_, one) = self.person(handle, by).await?;
                let (_, other) = self.person(other, by).await?;
                Ok(Wish::Merge(one, other))
            }
            Wished::Split { handle, row } => {
                let (_, person) = self.person(handle, by).await?;
                Ok(Wish::Split(person, *row))
            }
            Wished::Thaw { handle, case } => {
                let (_, person) = self.person(handle, by).await?;
                let open = self.cases.open_about(person).await?;
                if !open.iter().any(|it| it.id == *case) {
                    return Err(InvalidMember::new("case", Rule::NoCase).into());
                }
                Ok(Wish::Thaw(*case))
            }
        }
    }

    /// Confirms what somebody else proposed.
    pub async fn confirm(&self, id: CorrectionId, by: &Actor) -> Result<Correction, SupportError> {
        Ok(self.citizens.confirm(id, &by.to_string()).await?)
    }

    /// Takes back what was confirmed not long ago, or a proposal.
    pub async fn undo(&self, id: CorrectionId, by: &Actor) -> Result<Correction, SupportError> {
        Ok(self.citizens.undo(id, &by.to_string()).await?)
    }

    /// The latest of what was proposed, the newest first.
    pub async fn proposals(&self) -> Result<Vec<Correction>, Fault> {
        self.corrections.latest(LISTED).await
    }
}
