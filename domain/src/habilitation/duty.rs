//! What a step leaves to be done: for the services a habilitation is about, and for those who are told. It comes
//! into the record with the step itself, so that somebody does it whatever becomes of the node that took the step.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Habilitation, State, StepKind};
use crate::{ClientId, StaffId, Timestamp};

/// Something that is to be done, and stands in the record until it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Whose step left it: whom the audit log names.
    pub by: StaffId,
    /// Since when.
    pub since: Timestamp,
    /// What.
    pub task: Task,
}

/// What is to be done. To do it again does no harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Task {
    /// Its services stop.
    Stop,
    /// These services go on.
    Start {
        /// Which.
        clients: Vec<ClientId>,
    },
    /// Its services may ask for what this version grants, no more and no less.
    Apply {
        /// Its number.
        version: u32,
    },
    /// Whoever should know of a step is written to.
    Tell {
        /// Of which.
        step: StepKind,
        /// Until then it is somebody's who does it just now.
        taken_until: Timestamp,
    },
}

/// How long whoever sends mail has for it, before another does.
pub const TAKEN_FOR: Duration = Duration::from_mins(1);

impl Habilitation {
    /// The same with what a step leaves to be done. Only for a step that was just taken.
    pub(super) fn owe(
        &mut self,
        step: StepKind,
        running: Vec<ClientId>,
        owed: &impl Fn(Task) -> Duty,
    ) {
        let validates = step == StepKind::Sign
            && self.latest().map(|it| it.standing.state()) == Some(State::Validated);
        match step {
            StepKind::Suspend => {
                // What was just to go on stops with the rest, and goes on with it.
                let mut paused = running;
                paused.append(&mut self.take_starts());
                paused.sort_unstable();
                paused.dedup();
                self.paused = paused;
                self.duties.push(owed(Task::Stop));
            }
            StepKind::Revoke => {
                self.paused.clear();
                self.take_starts();
                self.duties.push(owed(Task::Stop));
            }
            StepKind::Resume => self.go_on(owed),
            StepKind::Sign if validates => {
                let version = self.latest().map_or(0, |it| it.number);
                let is_apply = |it: &Duty| matches!(it.task, Task::Apply { .. });
                self.duties.retain(|it| !is_apply(it));
                self.duties.push(owed(Task::Apply { version }));
                self.go_on(owed);
            }
            _ => (),
        }
    }

    /// Those that stopped with its suspension go on.
    fn go_on(&mut self, owed: &impl Fn(Task) -> Duty) {
        self.duties.retain(|it| it.task != Task::Stop);
        let clients = std::mem::take(&mut self.paused);
        if !clients.is_empty() {
            self.duties.push(owed(Task::Start { clients }));
        }
    }

    fn take_starts(&mut self) -> Vec<ClientId> {
        let all = std::mem::take(&mut self.duties);
        let mut starts = Vec::new();
        for duty in all {
            match duty.task {
                Task::Start { clients } => starts.extend(clients),
                _ => self.duties.push(duty),
            }
        }
        starts
    }

    /// The same without what was done.
    #[must_use]
    pub fn relieved(&self, done: &[Duty]) -> Self {
        let mut next = self.clone();
        next.duties.retain(|duty| !done.contains(duty));
        next
    }

    /// The same, where these services stop with its suspension, too: they were made, or put to use, while it
    /// was suspended. Nothing where it is not suspended, or where they did already.
    pub fn pausing(&self, clients: &[ClientId]) -> Option<Self> {
        let held = self.granting().map(|it| it.standing.state()) == Some(State::Suspended);
        let mut late = clients.iter().filter(|id| !self.paused.contains(id));
        let first = late.next().filter(|_| held && self.granted().is_none())?;
        let mut next = self.clone();
        next.paused.push(first.clone());
        next.paused.extend(late.cloned());
        next.paused.sort_unstable();
        Some(next)
    }

    /// The same, where this mail is somebody's from now on, for a while; and the duty as it is then.
    #[must_use]
    pub fn taking(&self, duty: &Duty, now: Timestamp) -> (Self, Duty) {
        let mut taken = duty.clone();
        if let Task::Tell { taken_until, .. } = &mut taken.task {
            *taken_until = now.after(TAKEN_FOR);
        }
        let mut next = self.clone();
        let all = next.duties.iter_mut().filter(|it| *it == duty);
        all.for_each(|it| it.clone_from(&taken));
        (next, taken)
    }
}
