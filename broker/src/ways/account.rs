//! What the account shows of the ways into an identity, and what its person changes there.

use std::collections::BTreeSet;

use guichet_domain::{PersonId, ProviderId, Timestamp};
use guichet_store::durable::WayKind;
use guichet_web::PageError;
use http::HeaderMap;

use super::aliases::AliasShown;
use super::change::{Chosen, WayChange};
use super::door::words_of;
use super::seen::{Used, provider_of};
use crate::hub::Hub;
use crate::logout::Ending;
use crate::session::LiveSession;

/// The ways into the identity of whoever is signed in.
#[derive(Clone, Debug)]
pub struct WaysOverview {
    /// Who.
    pub person: PersonId,
    /// The providers there are, in the order of the choice page.
    pub providers: Vec<ProviderWay>,
    /// Whether providers that come later may speak for them.
    pub others_open: bool,
    /// Whether they hear of every sign-in, not of unusual ones alone.
    pub tells_all: bool,
    /// Where they are told by mail.
    pub address: Option<String>,
    /// The address whose code they are to type.
    pub asked: Option<String>,
    /// The devices they signed in from, the latest first.
    pub devices: Vec<Used>,
    /// Addresses that stand for theirs.
    pub aliases: Vec<AliasShown>,
}

/// A provider, as a way in.
#[derive(Clone, Debug)]
pub struct ProviderWay {
    /// Its identifier.
    pub id: ProviderId,
    /// What citizens call it.
    pub name: String,
    /// Since when it may not speak for them; `None` where it may.
    pub closed: Option<Timestamp>,
    /// Whether the session that asks rests on its word.
    pub in_use: bool,
    /// When it spoke for them, the first time and the last; `None` where it never did.
    pub spoke: Option<(Timestamp, Timestamp)>,
}

impl Hub {
    /// The ways into the identity of whoever is signed in at the browser that sent `headers`; `None` where
    /// nobody is.
    pub async fn ways(&self, headers: &HeaderMap) -> Result<Option<WaysOverview>, PageError> {
        let Some(here) = self.account_session(headers).await? else {
            return Ok(None);
        };
        let person = self.standing(here.session.person).await?;
        let known = self.known_choices(person).await;
        let known = known.map_err(|fault| self.fault("read a citizen's choices", &fault))?;
        let used = async |kind| {
            let used = self.used_by(person, kind, headers).await;
            used.map_err(|fault| self.fault("read what a citizen used", &fault))
        };
        let spoken = used(WayKind::Provider).await?;
        let devices = used(WayKind::Device).await?;
        let aliases = self.aliases_of(person).await;
        let aliases = aliases.map_err(|fault| self.fault("read mail aliases", &fault))?;
        let choices = known.counting();
        let in_use: BTreeSet<&ProviderId> = words_of(&here.session).collect();
        let spoke = |id: &ProviderId| {
            let mut used = spoken
                .iter()
                .filter(|it| provider_of(it).as_ref() == Some(id));
            used.next().map(|it| (it.first, it.last))
        };
        let providers = self.parts().providers.providers();
        let is_shown = |id: &ProviderId| in_use.contains(id) || spoke(id).is_some();
        let shown = providers
            .iter()
            .filter(|it| it.active && it.display.displayed || is_shown(&it.id))
            .map(|it| ProviderWay {
                id: it.id.clone(),
                name: it.name.clone(),
                closed: choices.closed(&it.id),
                in_use: in_use.contains(&it.id),
                spoke: spoke(&it.id),
            });
        let providers = shown.collect();
        Ok(Some(WaysOverview {
            person,
            providers,
            others_open: choices.are_others_open(),
            tells_all: choices.tells_all(),
            address: choices.address().map(|(address, _)| address.to_owned()),
            asked: choices.asked_for(self.now()).map(str::to_owned),
            devices,
            aliases,
        }))
    }

    /// Carries out a change of whoever is signed in at the browser that sent `headers`, freshly; `None` where
    /// nobody is. What a provider was closed for begins nothing any more, on any node, once this returns;
    /// sessions that rest on its word have ended.
    pub async fn change_ways(
        &self,
        headers: &HeaderMap,
        change: &WayChange,
    ) -> Result<Option<Chosen>, PageError> {
        let (here, person) = if change.is_answer() {
            let Some(here) = self.account_session(headers).await? else {
                return Ok(None);
            };
            let person = self.standing(here.session.person).await?;
            (here, person)
        } else {
            match self.fresh_session(headers).await? {
                Some(Ok(fresh)) => fresh.into_parts(),
                Some(Err(doubt)) => return Ok(Some(Chosen::Doubted(doubt))),
                None => return Ok(None),
            }
        };
        let chosen = self.carry_out_change(person, &here, change).await;
        let chosen = chosen.map_err(|fault| self.fault("keep a citizen's choices", &fault))?;
        // Said again, it ends what a dying process may have left open.
        if matches!(chosen, Chosen::Changed | Chosen::Unchanged) && change.may_close() {
            self.end_sessions_of_closed_ways(&here).await?;
        }
        Ok(Some(chosen))
    }

    async fn end_sessions_of_closed_ways(&self, here: &LiveSession) -> Result<(), PageError> {
        for live in self.sessions_alive(here).await? {
            if self.rests_on_closed_way(&live.session).await? {
                self.end_for_good(live, Ending::WayClosed).await?;
            }
        }
        Ok(())
    }
}
