//! Long lists in pages: a cursor is the name after which the next page begins, and opens nothing (threat
//! N-73).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{StatusCode, Uri};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use crate::audit::place_of;

/// Which page is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    /// The name after which it begins.
    pub(crate) after: Option<String>,
    /// How many it holds at most.
    pub(crate) limit: usize,
}

/// A page of a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Page<T> {
    /// What it holds.
    pub(crate) items: Vec<T>,
    /// What to ask for the next one with; there is none when nothing stands here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

const USUAL: usize = 50;
pub(crate) const MOST: usize = 200;

#[derive(Deserialize)]
struct Asked {
    cursor: Option<String>,
    limit: Option<String>,
}

impl Paging {
    /// That of a request; what cannot be a cursor of ours is refused.
    pub(crate) fn of(uri: &Uri) -> Result<Self, Problem> {
        let query = uri.query().unwrap_or_default();
        let asked: Result<Asked, _> = guichet_web::parse_strictly(query.as_bytes());
        let asked = asked.map_err(|_| malformed("the query is not `cursor` and `limit`"))?;
        Self::asked(asked.cursor, asked.limit.as_deref())
    }

    /// The same of what stands in a query beside other things.
    pub(crate) fn asked(cursor: Option<String>, limit: Option<&str>) -> Result<Self, Problem> {
        let limit = limit.map_or(Ok(USUAL), str::parse);
        let limit = limit.map_err(|_| malformed("limit: 1 to 200"))?;
        if !(1..=MOST).contains(&limit) {
            return Err(malformed("limit: 1 to 200"));
        }
        let after = cursor.map(|cursor| {
            let name = URL_SAFE_NO_PAD.decode(cursor.as_bytes()).ok();
            let name = name.and_then(|name| String::from_utf8(name).ok());
            name.filter(|name| (1..=255).contains(&name.len()))
                .ok_or_else(Self::foreign)
        });
        Ok(Self {
            after: after.transpose()?,
            limit,
        })
    }

    /// The place in the ledger where the page begins, or after which it does; one that is there, or may be.
    pub(crate) fn place(&self) -> Result<Option<u64>, Problem> {
        let place = self.after.as_deref().map(place_of);
        place
            .map(|place| place.ok_or_else(Self::foreign))
            .transpose()
    }

    /// A cursor that was not given out here.
    fn foreign() -> Problem {
        malformed("cursor: none of this API's")
    }
}

impl<T> Page<T> {
    /// The page of `all`, which are in the order of their names.
    pub(crate) fn of<R>(
        all: impl Iterator<Item = R>,
        paging: &Paging,
        name: impl Fn(&R) -> &str,
        shown: impl Fn(&R) -> T,
    ) -> Self {
        let after = paging.after.as_deref();
        let mut rest = all.filter(|it| after.is_none_or(|after| name(it) > after));
        let rows: Vec<R> = rest.by_ref().take(paging.limit).collect();
        let is_last = rest.next().is_none();
        let next = rows.last().filter(|_| !is_last);
        Self {
            next: next.map(|last| URL_SAFE_NO_PAD.encode(name(last))),
            items: rows.iter().map(shown).collect(),
        }
    }
}

fn malformed(detail: &'static str) -> Problem {
    Problem::said(StatusCode::BAD_REQUEST, detail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paging(query: &str) -> Option<Paging> {
        let uri: Uri = format!("/providers?{query}").parse().ok()?;
        Paging::of(&uri).ok()
    }

    #[test]
    fn pages_follow_one_another_and_leave_nothing_out() {
        let names = ["a", "b", "c", "d", "e"];
        let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let paging = paging(&query).unwrap();
            let page = Page::of(names.iter(), &paging, |name| name, |name| **name);
            seen.extend(page.items);
            let Some(next) = page.next else { break };
            query = format!("limit=2&cursor={next}");
        }
        assert_eq!(seen, names);
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for query in [
            "limit=0",
            "limit=201",
            "limit=x",
            "cursor=",
            "cursor=*",
            "cursor=____",
            "limit=1&limit=2",
        ] {
            assert_eq!(paging(query), None, "{query}");
        }
        assert!(paging("").is_some());
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query in "[!-~]{0,60}") {
            let _ = paging(&query);
        }
    }
}
