//! What the verifier of a document found, check by check: of a receipt, of a statement, of whatever the log
//! proves.

/// What was found of a document that says `S`: `C` names its checks, `P` what can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict<C, P, S> {
    /// Every check that could be made, in order.
    pub checks: Vec<Checked<C, P>>,
    /// What the document says. To be believed only when it holds.
    pub says: Option<S>,
}

impl<C, P, S> Verdict<C, P, S> {
    /// Whether every check holds.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|checked| checked.problem.is_none())
    }
}

/// One check and what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked<C, P> {
    /// Which.
    pub check: C,
    /// What is wrong; `None` when it holds.
    pub problem: Option<P>,
}

impl<C, P> Checked<C, P> {
    /// Of a check that ended so.
    pub fn of(check: C, found: Result<(), P>) -> Self {
        Self {
            check,
            problem: found.err(),
        }
    }
}
