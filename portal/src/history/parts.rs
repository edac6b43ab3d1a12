//! What is found of a history, the newest first, part by part: however long it is, a node holds one part.

use guichet_domain::PersonId;
use guichet_store::Fault;
use guichet_store::durable::histories::{HistoryQuery, Place};
use guichet_web::Locale;

use super::{Filter, Line};
use crate::Portal;

/// What is still to be read.
pub(crate) struct Parts {
    portal: Portal,
    locale: Locale,
    /// The next part; `None` after the last.
    query: Option<HistoryQuery>,
}

impl Parts {
    /// The whole history of this person.
    pub(crate) async fn of(
        portal: &Portal,
        person: PersonId,
        locale: Locale,
    ) -> Result<Self, Fault> {
        Self::found(portal, person, &Filter::everything(), locale).await
    }

    /// What the filter finds of it.
    pub(super) async fn found(
        portal: &Portal,
        person: PersonId,
        filter: &Filter,
        locale: Locale,
    ) -> Result<Self, Fault> {
        let subject = portal.own_history(person).await?;
        Ok(Self {
            query: Some(filter.query(&subject, portal.clock.now(), LINES)),
            portal: portal.clone(),
            locale,
        })
    }

    /// The next part; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Line>>, Fault> {
        let Some(mut query) = self.query.take() else {
            return Ok(None);
        };
        let rows = self.portal.history.page(&query).await?;
        let lines = rows
            .iter()
            .filter_map(|row| self.portal.history_line(row, self.locale));
        let lines = lines.collect();
        if let Some(last) = rows.last().filter(|_| rows.len() == LINES as usize) {
            query.place = Place::Before(last.sequence);
            self.query = Some(query);
        }
        Ok(Some(lines))
    }
}

/// As many as are read at once.
const LINES: u32 = 500;
