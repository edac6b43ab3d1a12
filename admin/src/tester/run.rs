//! A run: what was played to a client, and what it did.

use guichet_domain::{Sealed, SigningAlg, Timestamp};
use serde::{Deserialize, Serialize};

use super::Case;

/// A run, as it rests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Run {
    /// How its ID tokens are signed: as the client's record says.
    pub(super) alg: SigningAlg,
    /// Its keys, sealed: the second takes over when keys are rotated.
    pub(super) keys: [Sealed; 2],
    /// It ends by itself.
    pub(super) expires: Timestamp,
    /// When the client fetched keys last.
    #[serde(default)]
    pub(super) fetched: Option<Timestamp>,
    /// The developer is done.
    #[serde(default)]
    pub(super) over: bool,
    /// What is played next, where the developer chose.
    #[serde(default)]
    pub(super) next: Option<Case>,
    /// Each sign-in that the client began, in order.
    #[serde(default)]
    pub(super) attempts: Vec<Attempt>,
}

/// One sign-in that the client began.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Attempt {
    pub(super) case: Case,
    pub(super) at: Timestamp,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    /// Whether the request had a challenge of PKCE.
    pub(super) pkce: bool,
    /// The attempt whose code came with the answer: its own, but where a code is replayed.
    pub(super) code_of: usize,
    /// Whether the code came to the token endpoint.
    #[serde(default)]
    pub(super) redeemed: bool,
    /// Whether the access token came to userinfo.
    #[serde(default)]
    pub(super) used: bool,
    /// What the developer says: whether the application took the person in.
    #[serde(default)]
    pub(super) signed_in: Option<bool>,
}

/// As many sign-ins as one run takes.
pub(super) const MOST_ATTEMPTS: usize = 100;

impl Run {
    /// Whether anything more is played.
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        !self.over && now < self.expires
    }

    /// What is played next: what was chosen, otherwise the first that was not played.
    pub(super) fn upcoming(&self) -> Case {
        let is_new = |case: &Case| !self.attempts.iter().any(|it| it.case == *case);
        let first = Case::ALL.into_iter().find(is_new);
        self.next.or(first).unwrap_or(Case::Honest)
    }

    /// The latest attempt at a case.
    pub(super) fn latest(&self, case: Case) -> Option<&Attempt> {
        self.attempts.iter().rev().find(|it| it.case == case)
    }

    /// The attempt that redeems the code of attempt `number`: the latest whose answer brought it.
    pub(super) fn bearer_of(&self, number: usize) -> Option<usize> {
        self.attempts.iter().rposition(|it| it.code_of == number)
    }

    /// Which of its keys signs.
    pub(super) fn key(&self) -> usize {
        usize::from(self.attempts.iter().any(|it| it.case == Case::RotatedKey))
    }

    /// The attempt whose code a replay brings: the first that was redeemed.
    pub(super) fn replayed(&self) -> Option<usize> {
        self.attempts.iter().position(|it| it.redeemed)
    }
}
