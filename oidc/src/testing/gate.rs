//! A gate that keeps the one citizen of these tests out for a while.

use std::sync::Mutex;

use async_trait::async_trait;
use guichet_domain::{CaseId, PersonId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{Bar, CaseKind, PersonGate};

use super::{PERSON, World};

/// Open to everybody but [`PERSON`], while there is a case about them.
#[derive(Default)]
pub(crate) struct TestGate(Mutex<Option<Case>>);

struct Case {
    opened: Timestamp,
    ended: Option<Timestamp>,
}

#[async_trait]
impl PersonGate for TestGate {
    async fn bar(&self, person: PersonId, since: Timestamp) -> Result<Option<Bar>, Fault> {
        let case = self.0.lock().unwrap();
        let case = case.as_ref().filter(|_| person == PERSON);
        let case = case.filter(|case| case.ended.is_none_or(|ended| ended > since));
        Ok(case.map(|case| Bar {
            case: CaseId::from_bytes([3; 16]),
            kind: CaseKind::Freeze,
            since: case.opened,
            is_over: case.ended.is_some(),
        }))
    }
}

impl World {
    /// From now on [`PERSON`] is frozen.
    pub(crate) fn freeze(&self) {
        *self.gate.0.lock().unwrap() = Some(Case {
            opened: self.engine.now(),
            ended: None,
        });
    }

    /// From now on they are not.
    pub(crate) fn thaw(&self) {
        let mut case = self.gate.0.lock().unwrap();
        case.as_mut().unwrap().ended = Some(self.engine.now());
    }
}
