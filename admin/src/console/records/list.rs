//! The list of a kind of records: searched, filtered, a page at a time. It is read from memory, whatever its
//! length.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_web::{PageContext, PageError, Query, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

use super::sheet::Sheet;
use super::{caller, refused};
use crate::api::Api;
use crate::api::shelf;
use crate::people::Action;

/// What is looked for, from where on.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    cursor: String,
}

/// A record as a list shows it.
#[derive(Serialize)]
struct Row {
    id: String,
    title: String,
    cells: Vec<String>,
    active: bool,
}

/// How many stand on a page.
const PAGE: usize = 50;
/// More is no word to look for.
pub(super) const LONGEST_WORD: usize = 200;

/// `GET /clients` and its like.
pub(super) async fn show<S: Sheet>(
    State(api): State<Arc<Api>>,
    Query(asked): Query<Asked>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    let caller = caller(&api, &present).await?;
    let all = shelf::seen::<S>(&api, &caller).await;
    let all = all.map_err(|problem| refused::<S>(&problem))?;
    let word = asked.q.trim().to_lowercase();
    if word.len() > LONGEST_WORD {
        return Err(PageError::new(StatusCode::BAD_REQUEST, "error-bad-request"));
    }
    let after = name_of(&asked.cursor)?;
    let total = all.len();
    let fits = |record: &&Arc<S::Record>| {
        (asked.state.is_empty() || (asked.state == "active") == S::is_active(record))
            && is_found::<S>(record, &word)
    };
    let found: Vec<&Arc<S::Record>> = all.iter().filter(fits).collect();
    let from =
        found.partition_point(|record| !after.is_empty() && S::id_of(record) <= after.as_str());
    let shown = &found[from..found.len().min(from + PAGE)];
    let next = (from + PAGE < found.len()).then(|| shown.last()).flatten();
    let rows: Vec<Row> = shown.iter().map(|record| row::<S>(record)).collect();
    let data = context! {
        word => S::WORD,
        home => home::<S>(),
        q => asked.q.trim(),
        state => asked.state.as_str(),
        columns => Serde(S::COLUMNS),
        rows => Serde(&rows),
        found => found.len(),
        total,
        first => from + 1,
        next => next.map(|last| address(&asked, S::id_of(last))),
        begin => (from > 0).then(|| address(&asked, "")),
        may_add => caller.rights.may_somewhere(Action::Add, S::OF),
    };
    let page = console.page(page, &present, &home::<S>());
    Ok(console.pages.html(&page, "admin/records.html", data))
}

/// Where the pages of a kind are.
pub(super) fn home<S: Sheet>() -> String {
    format!("/{}", S::PLURAL)
}

fn row<S: Sheet>(record: &S::Record) -> Row {
    Row {
        id: S::id_of(record).to_owned(),
        title: S::title(record).to_owned(),
        cells: S::cells(record),
        active: S::is_active(record),
    }
}

/// Whether a word, in lower case, is anywhere in what a record is searched by.
pub(super) fn is_found<S: Sheet>(record: &S::Record, word: &str) -> bool {
    let has = |text: &str| contains(text, word);
    word.is_empty()
        || has(S::id_of(record))
        || has(S::title(record))
        || S::searched(record).iter().any(|text| has(text))
}

/// Whether `text` has `word` in it, which is in lower case; most texts are ASCII and are not copied.
fn contains(text: &str, word: &str) -> bool {
    if text.is_ascii() {
        let (text, word) = (text.as_bytes(), word.as_bytes());
        text.windows(word.len())
            .any(|part| part.eq_ignore_ascii_case(word))
    } else {
        text.to_lowercase().contains(word)
    }
}

/// The name after which a page begins.
fn name_of(cursor: &str) -> Result<String, PageError> {
    let name = URL_SAFE_NO_PAD.decode(cursor).ok();
    let name = name.and_then(|name| String::from_utf8(name).ok());
    name.ok_or_else(|| PageError::new(StatusCode::BAD_REQUEST, "error-bad-request"))
}

/// The query of the same list after another name.
fn address(asked: &Asked, after: &str) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in [("q", asked.q.trim()), ("state", &asked.state)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    if !after.is_empty() {
        query.append_pair("cursor", &URL_SAFE_NO_PAD.encode(after));
    }
    format!("?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_whatever_its_case() {
        assert!(contains("https://Cantine.example/", "cantine.ex"));
        assert!(contains("École de Lyon", "école"));
        assert!(!contains("carte-grise", "cantine"));
        assert!(!contains("", "x"));
    }

    #[test]
    fn a_cursor_is_the_name_it_was_made_of_and_nothing_else_is_one() {
        let asked = Asked {
            q: " a&b ".to_owned(),
            ..Asked::default()
        };
        assert_eq!(address(&asked, "x"), "?q=a%26b&cursor=eA");
        assert_eq!(name_of("eA").unwrap(), "x");
        assert!(name_of("*").is_err() && name_of("____").is_err());
    }
}
