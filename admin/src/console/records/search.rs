//! A word looked for in every kind of records at once, as far as whoever looks may see them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use guichet_web::{PageContext, PageError, Query, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::list::{LONGEST_WORD, home, is_found};
use super::sheet::Sheet;
use super::{caller, refused};
use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::shelf;
use crate::people::Action;
use crate::{ClientRecords, DataProviderRecords, ProviderRecords};

/// What is looked for.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

/// What was found of one kind.
#[derive(Serialize)]
struct Found {
    word: &'static str,
    home: String,
    count: usize,
    first: Vec<Hit>,
}

#[derive(Serialize)]
struct Hit {
    id: String,
    title: String,
    active: bool,
}

/// How many of each kind are shown here; the list has the others.
const SHOWN: usize = 10;

/// `GET /search`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Query(asked): Query<Asked>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    let caller = caller(&api, &present).await?;
    let word = asked.q.trim().to_lowercase();
    if word.len() > LONGEST_WORD {
        return Err(PageError::new(StatusCode::BAD_REQUEST, "error-bad-request"));
    }
    let mut found = Vec::new();
    found.extend(of::<ClientRecords>(&api, &caller, &word).await?);
    found.extend(of::<ProviderRecords>(&api, &caller, &word).await?);
    found.extend(of::<DataProviderRecords>(&api, &caller, &word).await?);
    let data = context! {
        q => asked.q.trim(),
        found => Serde(&found),
        count => found.iter().map(|it| it.count).sum::<usize>(),
    };
    let page = console.page(page, &present, "");
    Ok(console.pages.html(&page, "admin/search.html", data))
}

/// Nothing of a kind that this caller may not read.
async fn of<S: Sheet>(api: &Api, caller: &Caller, word: &str) -> Result<Option<Found>, PageError> {
    if !caller.rights.may_somewhere(Action::Read, S::OF) {
        return Ok(None);
    }
    let all = shelf::seen::<S>(api, caller).await;
    let all = all.map_err(|problem| refused::<S>(&problem))?;
    let found: Vec<_> = all
        .iter()
        .filter(|record| is_found::<S>(record, word))
        .collect();
    let first = found.iter().take(SHOWN).map(|record| Hit {
        id: S::id_of(record).to_owned(),
        title: S::title(record).to_owned(),
        active: S::is_active(record),
    });
    Ok(Some(Found {
        word: S::WORD,
        home: home::<S>(),
        count: found.len(),
        first: first.collect(),
    }))
}
