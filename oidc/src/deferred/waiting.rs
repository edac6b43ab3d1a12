//! How a house finds what waits for a person: by the code they typed, or by who they are.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{BrowserId, ClientId, GrantType, PersonId, Sealed, Timestamp};
use guichet_store::Fault;
use guichet_store::short_lived::Settlement;
use serde::{Deserialize, Serialize};

use super::record::{self, DeferredRecord, Standing};
use super::user_code;
use crate::refusal::key_fault;
use crate::{AcceptedRequest, DeferredKind, Engine};

/// A request that waits for a person's word.
#[derive(Clone)]
pub struct WaitingRequest {
    /// What was asked, to be handed to the house's own sign-in.
    pub request: AcceptedRequest,
    /// When.
    pub asked_at: Timestamp,
    /// From when on nobody may answer.
    pub expires: Timestamp,
    /// What the person compares.
    pub note: Note,
    /// Its name on pages: 22 characters of base64url. It finds nothing by itself.
    pub name: String,
    handle: [u8; 32],
}

/// What a person compares before they answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// The code that the device shows (RFC 8628 §3.3).
    UserCode(String),
    /// What the client shows too, if it said anything (CIBA Core §7.1 `binding_message`).
    Message(Option<String>),
}

/// What became of a code somebody typed.
#[derive(Clone)]
pub enum Typed {
    /// It is the code of this request.
    Found(Box<WaitingRequest>),
    /// No request waits under it.
    Unknown,
    /// There were too many tries; this one was not looked at.
    TooMany,
}

impl Engine {
    /// Whether a grant type is switched on.
    pub(crate) fn serves(&self, grant_type: GrantType) -> bool {
        match grant_type {
            GrantType::DeviceCode => self.serves_devices(),
            GrantType::Ciba => self.serves_ciba(),
            GrantType::AuthorizationCode | GrantType::RefreshToken => true,
            GrantType::TokenExchange => self.parts().exchanges_tokens(),
            GrantType::ClientCredentials => !self.settings().tokens.own_name_resources.is_empty(),
        }
    }

    /// Whether devices may ask here.
    pub fn serves_devices(&self) -> bool {
        self.settings().deferred.device.is_some()
    }

    /// Whether clients may ask here for people they name.
    pub fn serves_ciba(&self) -> bool {
        self.settings().deferred.ciba.is_some()
    }

    /// The request of the device that shows the code `typed`. `from` is what tries are counted by: the
    /// address they come from. Guessing is bounded for each address; against a crowd of them stands the
    /// length of the code alone (RFC 8628 §5.1), for what shut out a crowd would shut out everybody.
    pub async fn device_request(&self, typed: &str, from: &str) -> Result<Typed, Fault> {
        let now = self.now();
        let attempts = &self.parts().attempts;
        // Counted before the look, so that parallel tries are all seen.
        let tries = attempts
            .count(TRIES, from.as_bytes(), now.after(TRIES_WINDOW))
            .await?;
        if tries > TRIES_FROM_ONE {
            tracing::warn!(tries, "too many user codes were tried");
            return Ok(Typed::TooMany);
        }
        if let Some(code) = user_code::read(typed)
            && let Some(handle) = self
                .parts()
                .deferred
                .find(self.grants().of_user_code(&code))
                .await?
            && let Some(found) = self.waiting_behind(handle).await?
        {
            return Ok(Typed::Found(Box::new(found)));
        }
        Ok(Typed::Unknown)
    }

    /// The requests of clients that wait for the word of `person`, the latest first.
    pub async fn requests_for(&self, person: PersonId) -> Result<Vec<WaitingRequest>, Fault> {
        let mut found = self.requests_before(person, PLACES).await?;
        found.sort_by_key(|waiting| std::cmp::Reverse(waiting.asked_at));
        Ok(found)
    }

    /// Those in the places before `end`.
    async fn requests_before(
        &self,
        person: PersonId,
        end: u8,
    ) -> Result<Vec<WaitingRequest>, Fault> {
        let mut found = Vec::new();
        for place in 0..end {
            let lookup = self.grants().of_person(person, place);
            if let Some(handle) = self.parts().deferred.find(lookup).await?
                && let Some(waiting) = self.waiting_behind(handle).await?
            {
                found.push(waiting);
            }
        }
        Ok(found)
    }

    /// A ticket for `waiting`: what this browser carries from the page where the code was typed to the
    /// next, so that the code itself is typed, and counted, once. No other browser can use it.
    pub fn ticket(&self, waiting: &WaitingRequest, browser: BrowserId) -> Result<String, Fault> {
        let sealed = self
            .ticket_sealer()
            .seal(browser.as_bytes(), &waiting.handle)
            .map_err(key_fault("seal a ticket"))?;
        Ok(URL_SAFE_NO_PAD.encode(sealed.as_bytes()))
    }

    /// The request that `ticket` was made for; `None` once it is answered or expired, and for whatever
    /// is no ticket of this browser.
    pub async fn by_ticket(
        &self,
        ticket: &str,
        browser: BrowserId,
    ) -> Result<Option<WaitingRequest>, Fault> {
        let opened = URL_SAFE_NO_PAD
            .decode(ticket.as_bytes())
            .ok()
            .map(Sealed::from_bytes)
            .and_then(|sealed| self.ticket_sealer().open(browser.as_bytes(), &sealed).ok())
            .and_then(|handle| <[u8; 32]>::try_from(handle).ok());
        match opened {
            Some(handle) => self.waiting_behind(handle).await,
            None => Ok(None),
        }
    }

    /// Opens a grant in a free place of `person`; `false` when there is none, or when this client has
    /// too many already: no service may bury a person, or another service's request, under its own.
    pub(super) async fn open_for(
        &self,
        person: PersonId,
        handle: [u8; 32],
        record: &DeferredRecord,
    ) -> Result<bool, Fault> {
        if self.waiting_of(person, &record.client, PLACES).await? >= PLACES_FOR_ONE {
            return Ok(false);
        }
        let sealed = self.grants().seal(handle, record)?;
        let forget = record.expires.after(record::REMEMBERED_AFTER);
        for place in 0..PLACES {
            let lookup = self.grants().of_person(person, place);
            let opened = self
                .parts()
                .deferred
                .open(handle, Some(lookup), sealed.clone(), forget)
                .await?;
            if opened {
                return self.stays(person, place, handle, record).await;
            }
        }
        Ok(false)
    }

    /// Whether a grant that was just opened in `place` may stay: requests that came at once were all
    /// counted before any of them was open. Those in the first places stay; the others give theirs back.
    async fn stays(
        &self,
        person: PersonId,
        place: u8,
        handle: [u8; 32],
        record: &DeferredRecord,
    ) -> Result<bool, Fault> {
        if self.waiting_of(person, &record.client, place).await? < PLACES_FOR_ONE {
            return Ok(true);
        }
        let refused = self.grants().seal(handle, &record.refused())?;
        let denied = Settlement::Denied;
        self.parts()
            .deferred
            .settle(handle, denied, refused)
            .await?;
        Ok(false)
    }

    /// How many requests of a client wait for `person` in the places before `end`.
    async fn waiting_of(
        &self,
        person: PersonId,
        client: &ClientId,
        end: u8,
    ) -> Result<usize, Fault> {
        let waiting = self.requests_before(person, end).await?;
        let theirs = waiting.iter().filter(|it| it.request.client() == client);
        Ok(theirs.count())
    }

    async fn waiting_behind(&self, handle: [u8; 32]) -> Result<Option<WaitingRequest>, Fault> {
        let Some(record) = record::waiting(self, handle).await? else {
            return Ok(None);
        };
        let Standing::Waiting(request) = record.standing else {
            return Ok(None);
        };
        Ok(Some(WaitingRequest {
            request: *request,
            asked_at: record.asked_at,
            expires: record.expires,
            note: record.note,
            name: URL_SAFE_NO_PAD.encode(self.grants().public_name(handle)),
            handle,
        }))
    }
}

impl WaitingRequest {
    /// Who waits.
    pub fn kind(&self) -> DeferredKind {
        match self.note {
            Note::UserCode(_) => DeferredKind::Device,
            Note::Message(_) => DeferredKind::Ciba,
        }
    }
}

/// Requests that may wait for one person at once, and how many of them one client may have.
const PLACES: u8 = 16;
const PLACES_FOR_ONE: usize = 4;

/// Codes that one address may try in a window. With a thousand devices waiting, ten thousand addresses
/// together find one of 10^13 codes in one window of thirty thousand.
const TRIES: &str = "user code tries";
const TRIES_FROM_ONE: u64 = 30;
const TRIES_WINDOW: Duration = Duration::from_mins(10);
