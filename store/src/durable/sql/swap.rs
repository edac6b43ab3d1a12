//! How a record that rests as one JSON body takes the place of the one its writer knows: compared by what it
//! says, so that members that another release writes change nothing, and replaced where the text is still that.

use serde::de::DeserializeOwned;

use super::registry::from_json;
use super::{Sql, read};
use crate::Fault;

impl Sql {
    /// The body that `statement` finds under `id`, where it still says what the writer knows: the one that a
    /// write is to replace, or nothing.
    pub(super) async fn still<T: DeserializeOwned + PartialEq>(
        &self,
        statement: &'static str,
        id: &str,
        known: &T,
    ) -> Result<Option<String>, Fault> {
        let stored: Option<String> = read!(&self.db, |c| sqlx::query_scalar(statement)
            .bind(id)
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a record that is to be replaced", error))?;
        let Some(stored) = stored else {
            return Ok(None);
        };
        Ok((from_json::<T>(&stored)? == *known).then_some(stored))
    }
}
