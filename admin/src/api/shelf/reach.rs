//! What a caller finds on a shelf, and may do there.

use std::sync::Arc;

use http::StatusCode;

use super::Shelf;
use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::problem::{Problem, faulty};
use crate::people::Action;
use crate::{ChangeError, RecordDesk, Records};

/// A desk at which this caller changes records.
pub(crate) fn desk<S: Shelf>(api: &Api, caller: &Caller) -> RecordDesk<Arc<S>> {
    let (records, declared) = S::records(api);
    let by = caller.actor();
    api.console.door.desk(records, declared, by)
}

/// Every record that this caller may see, in the order of names.
pub(crate) async fn seen<S: Shelf>(
    api: &Api,
    caller: &Caller,
) -> Result<Vec<Arc<S::Record>>, Problem> {
    caller.somewhere(api, Action::Read, S::OF)?;
    let (records, _) = S::records(api);
    let all = records.all().await;
    let mut all = all.map_err(faulty(api, "read records"))?;
    all.sort_by(|one, other| S::id_of(one).cmp(S::id_of(other)));
    all.retain(|record| {
        let place = S::place(record, &caller.grounds);
        caller.rights.may(Action::Read, S::OF, &place)
    });
    Ok(all)
}

/// The record that this caller may put another in the place of; none where they may add one.
pub(crate) async fn puttable<S: Shelf>(
    api: &Api,
    caller: &Caller,
    id: &str,
) -> Result<Option<Arc<S::Record>>, Problem> {
    let known = known::<S>(api, caller, id).await;
    let known = known.map_err(|error| said(api, &error))?;
    match &known {
        Some(record) => {
            let place = S::place(record, &caller.grounds);
            caller.here(api, Action::Change, S::OF, &place)?;
        }
        None => caller.somewhere(api, Action::Add, S::OF)?,
    }
    Ok(known)
}

/// Whether this caller may have the record be so; what they may not is on record.
pub(crate) async fn guarded<S: Shelf>(
    api: &Api,
    caller: &Caller,
    known: Option<&S::Record>,
    metadata: &S::Metadata,
) -> Result<(), Problem> {
    let guarded = S::guard(api, caller, known, metadata).await;
    guarded.inspect_err(|problem| {
        if problem.status() == StatusCode::FORBIDDEN {
            caller.note_refused(api, Action::Change, S::OF);
        }
    })
}

/// A record that this caller may do this to.
pub(crate) async fn find<S: Shelf>(
    api: &Api,
    caller: &Caller,
    id: &str,
    action: Action,
) -> Result<Arc<S::Record>, Problem> {
    caller.somewhere(api, action, S::OF)?;
    let known = known::<S>(api, caller, id).await;
    let known = known.map_err(|error| said(api, &error))?;
    let known = known.ok_or_else(Problem::unknown)?;
    let place = S::place(&known, &caller.grounds);
    caller.here(api, action, S::OF, &place)?;
    Ok(known)
}

/// The record of this name, if there is one, whoever may see it.
async fn known<S: Shelf>(
    api: &Api,
    caller: &Caller,
    id: &str,
) -> Result<Option<Arc<S::Record>>, ChangeError> {
    match desk::<S>(api, caller).known(id).await {
        Ok(known) => Ok(Some(known)),
        Err(ChangeError::Unknown(..)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The tag of a record.
pub(crate) fn tag<S: Shelf>(
    api: &Api,
    caller: &Caller,
    record: &S::Record,
) -> Result<String, Problem> {
    let tag = desk::<S>(api, caller).tag_of(record);
    tag.map_err(|error| said(api, &error))
}

/// What a desk says, as a problem.
pub(crate) fn said(api: &Api, error: &ChangeError) -> Problem {
    Problem::change(api, error)
}
