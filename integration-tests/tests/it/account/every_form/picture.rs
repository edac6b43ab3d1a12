//! All that a citizen sees of theirs, and all that rests about them: equal before and after, or something changed.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use guichet_integration_tests::Demo;
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::wait;

use super::things::Owner;
use crate::faults::records::python;

/// What was seen, by where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture(BTreeMap<String, Vec<String>>);

impl Picture {
    /// As it is now.
    pub(super) async fn of(demo: &Demo, owner: &mut Owner) -> Result<Self> {
        let mut seen = BTreeMap::new();
        let things = &owner.things;
        let (request, complaint) = (&things.request, &things.complaint);
        for path in [
            "/account",
            "/account/data",
            "/account/ways",
            "/account/rights",
            &format!("/account/rights/requests/{request}"),
            &format!("/account/rights/requests/{complaint}"),
            "/account/sessions",
            "/account/support",
            "/account/not-me",
            "/account/close",
        ] {
            let page = owner.citizen.get(&demo.hub(path)).await?;
            seen.insert(path.to_owned(), vec![status(&page), page.document().text()]);
        }
        // These say how many minutes ago somebody asked.
        for path in [
            "/account/requests",
            &format!("/account/device/{}", things.ticket),
        ] {
            let page = owner.citizen.get(&demo.hub(path)).await?;
            let forms = page.document().forms().into_iter();
            let mut shown: Vec<String> = forms.map(|form| form.action).collect();
            shown.push(status(&page));
            seen.insert(path.to_owned(), shown);
        }
        let history = owner
            .citizen
            .get(&demo.hub("/account/history/export/json"))
            .await?;
        let entries = history.json().unwrap_or_default()["entries"].take();
        let kinds = entries.as_array().into_iter().flatten();
        let kinds = kinds.map(|it| it["kind"].to_string());
        // That evidence arrived may be confirmed at any time.
        let kinds = kinds.filter(|kind| !kind.contains("evidence.delivered"));
        seen.insert("history".to_owned(), kinds.collect());
        let rows = python(ABOUT, &demo.database(), &[&things.person])?;
        let rows = rows.lines().map(str::to_owned).collect();
        seen.insert("records".to_owned(), rows);
        Ok(Self(seen))
    }

    /// As it is once nothing of what happened before is still on its way.
    pub(super) async fn settled(demo: &Demo, owner: &mut Owner) -> Result<Self> {
        let mut last = None;
        let mut same = 0;
        wait::until("what happened to be seen everywhere", async || {
            let now = Self::of(demo, owner).await.ok()?;
            same = if last.as_ref() == Some(&now) {
                same + 1
            } else {
                0
            };
            last = Some(now.clone());
            (same == SETTLED_AFTER).then_some(now)
        })
        .await
    }

    /// Fails unless all is as it was: `told` says after what.
    pub(super) fn must_be(&self, before: &Self, told: &str) -> Result<()> {
        for (place, was) in &before.0 {
            let is = self.0.get(place);
            ensure!(
                is == Some(was),
                "{told}: {place}\n was {was:#?}\n  is {is:#?}"
            );
        }
        Ok(())
    }

    /// Fails unless every page was there.
    pub(super) fn must_be_whole(&self) -> Result<()> {
        for (place, seen) in &self.0 {
            let refused = |it: &String| it.starts_with("status ") && it != "status 200";
            ensure!(!seen.iter().any(refused), "{place}: {seen:#?}");
            ensure!(!seen.is_empty(), "{place}: nothing");
        }
        Ok(())
    }
}

fn status(page: &Page) -> String {
    format!("status {}", page.status)
}

/// So many times the same in a row.
const SETTLED_AFTER: usize = 5;

/// Every row of every table that names a person, or a name that services know them by.
const ABOUT: &str = "
person = base64.urlsafe_b64decode(args[0] + '==')
tables = [row[0] for row in db.execute(\"SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name\")]
for table in tables:
    columns = [row[1] for row in db.execute(f'PRAGMA table_info({table})')]
    if 'person' in columns:
        rows = db.execute(f'SELECT * FROM {table} WHERE person = ?', (person,))
    elif 'subject' in columns:
        rows = db.execute(f'SELECT * FROM {table} WHERE subject IN (SELECT subject FROM subject WHERE person = ?)', (person,))
    else:
        continue
    for row in rows:
        print(table, [it.hex() if isinstance(it, bytes) else it for it in row])
";
