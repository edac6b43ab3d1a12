//! A register that finds a citizen by their blind index: without their name, and without the hub having
//! read a name in it.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::PivotIdentity;
use guichet_keys::{BlindIndex, BlindedIdentity};

use crate::hub::{Hub, HubError, Proof};

/// The rows of a register by the index of the identity in each. To be kept and brought up to date, not made
/// anew: the hub counts what it indexes.
#[derive(Clone, Debug)]
pub struct BlindRegister<Row>(HashMap<BlindIndex, Vec<Row>>);

/// Whose row an index means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match<'a, Row> {
    /// Nobody's here.
    Nobody,
    /// This one.
    One(&'a Row),
    /// More than one: nobody guesses.
    Several,
}

impl<Row> Default for BlindRegister<Row> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<Row> BlindRegister<Row> {
    /// Has `rows` indexed and adds them.
    pub async fn add(
        &mut self,
        hub: &Hub,
        rows: impl IntoIterator<Item = (PivotIdentity, Row)>,
    ) -> Result<(), HubError> {
        let (people, rows): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let indexes = hub.blind_indexes(&people).await?;
        for (index, row) in indexes.into_iter().zip(rows) {
            self.0.entry(index).or_default().push(row);
        }
        Ok(())
    }

    /// Whose row the index in a voucher means.
    pub fn find(&self, index: &str) -> Match<'_, Row> {
        let index = index.parse::<BlindIndex>().ok();
        let rows = index.and_then(|index| self.0.get(&index));
        match rows.map(Vec::as_slice) {
            None | Some([]) => Match::Nobody,
            Some([row]) => Match::One(row),
            Some(_) => Match::Several,
        }
    }
}

impl Hub {
    /// The blind index of each of `people`, in order: what the hub sees of them tells it nothing
    /// (RFC 9497). Needs `indexed_a_day` in one's record.
    pub async fn blind_indexes(
        &self,
        people: &[PivotIdentity],
    ) -> Result<Vec<BlindIndex>, HubError> {
        let mut indexes = Vec::with_capacity(people.len());
        for some in people.chunks(MOST) {
            indexes.extend(self.index(some).await?);
        }
        Ok(indexes)
    }

    async fn index(&self, people: &[PivotIdentity]) -> Result<Vec<BlindIndex>, HubError> {
        let entropy = &*self.means().entropy;
        let blinded = people.iter().map(|one| BlindedIdentity::of(one, entropy));
        let blinded: Option<Vec<_>> = blinded.collect();
        let blinded = blinded.ok_or(HubError::OwnKeys)?;
        let texts = blinded
            .iter()
            .map(|it| URL_SAFE_NO_PAD.encode(it.message()));
        let texts = texts.collect::<Vec<_>>().join(" ");
        let url = format!("{}/exchange/blind-indexes", self.issuer());
        let answer = self.post(&url, &[("blinded", &texts)], Proof::None).await?;
        let evaluated = answer["evaluated"].as_array().ok_or(NONE)?;
        if evaluated.len() != blinded.len() {
            return Err(NONE);
        }
        let finished = blinded.iter().zip(evaluated).map(|(blinded, evaluated)| {
            let evaluated = URL_SAFE_NO_PAD.decode(evaluated.as_str()?).ok()?;
            blinded.index(&evaluated)
        });
        finished.collect::<Option<Vec<_>>>().ok_or(NONE)
    }
}

/// As many as the hub takes at once.
const MOST: usize = 256;
const NONE: HubError = HubError::Answer("no indexes");
