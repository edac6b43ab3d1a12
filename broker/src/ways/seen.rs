//! What was there at a sign-in: the provider, the device, the service. What was never there before is told
//! to the person.
//!
//! Names are keyed digests, another for each person; what they stand for is sealed beside them. A device is
//! known by a cookie of its own, not by what it looks like, and not at all where it is not the person's.

use std::collections::BTreeMap;
use std::time::Duration;

use guichet_domain::{Acr, BrowserId, Client, PersonId, ProviderId, Sealed, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{WayKind, WayName, WaySeen};
use guichet_web::{CookieLife, PageError};
use http::{HeaderMap, HeaderValue};

use super::device::device_name;
use super::notice::{Notice, What};
use crate::hub::Hub;
use crate::login::AwaitingConsent;
use crate::session::Accustomed;

/// The cookie by which a device is known again.
const COOKIE: &str = "device";

/// For how long a device is known that nobody signs in from.
pub const KNOWN_FOR: Duration = Duration::from_hours(24 * 90);

/// Something that was there when a person signed in, as the account shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// What the account calls it by; says nothing.
    pub handle: String,
    /// What kind of thing.
    pub kind: WayKind,
    /// A provider's or a service's identifier, or what a device is called; empty where it has no name.
    pub name: String,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
    /// Whether it is the device that asks.
    pub is_here: bool,
}

impl Hub {
    /// Notes what was there when `awaited` was answered, and tells its person of what never was before. The
    /// cookie by which the device is known from now on. `again` when the service was open in this session.
    pub(crate) async fn note_sign_in(
        &self,
        awaited: &AwaitingConsent,
        client: &Client,
        headers: &HeaderMap,
        again: bool,
    ) -> Option<HeaderValue> {
        // Logged where it happened; the person has what they came for.
        let (known, cookie) = self.device_of(awaited, headers).ok()?;
        if let Err(error) = self
            .note_and_tell(awaited, client, headers, known, again)
            .await
        {
            tracing::error!(%error, "a sign-in was not noted for its person");
        }
        cookie
    }

    async fn note_and_tell(
        &self,
        awaited: &AwaitingConsent,
        client: &Client,
        headers: &HeaderMap,
        device: Option<BrowserId>,
        again: bool,
    ) -> Result<(), Fault> {
        let person = awaited.person;
        let label = device_name(headers);
        let id = device.map(|device| device.to_string());
        let (provider, service) = (awaited.provider.as_str(), client.id.as_str());
        let level = awaited.reached.acr.level.as_str();
        let mut there = vec![
            (WayKind::Provider, provider, provider),
            (WayKind::Service, service, service),
            (WayKind::Level, level, level),
        ];
        let shown = label.as_deref().unwrap_or_default();
        there.extend(id.as_deref().map(|id| (WayKind::Device, id, shown)));
        let names: Vec<WayName> = there
            .iter()
            .map(|(kind, thing, _)| (*kind, self.name_of_use(person, *kind, thing)))
            .collect();
        let last = self.parts().ways.last_noted(person, &names).await?;
        let is_told = |kind: WayKind| match kind {
            WayKind::Provider | WayKind::Device => true,
            WayKind::Service => !self.is_account(&client.id),
            WayKind::Level => false,
        };
        let new = names.iter().zip(&last).filter(|(_, last)| last.is_none());
        let mut new: Vec<WayKind> = new.map(|((kind, _), _)| *kind).collect();
        let has_new_device = new.contains(&WayKind::Device);
        new.retain(|kind| is_told(*kind));
        // It is known nowhere: a stranger's, each time, but once in a session.
        if id.is_none() && !again {
            new.push(WayKind::Device);
        }
        let is_first =
            last.iter().all(Option::is_none) && self.parts().ways.seen(person, 1).await?.is_empty();
        let new = if is_first { Vec::new() } else { new };
        self.tell_of_sign_in(awaited, client, headers, new, again || is_first)
            .await?;
        // Told first: whoever is cut short here tells it again, and nobody is known unheard.
        let stale = self.now().before(NOTED_AGAIN_AFTER);
        let due = there.iter().zip(names).zip(&last);
        let due = due.filter(|(_, last)| last.is_none_or(|it| it <= stale));
        let due: Result<Vec<_>, Fault> = due
            .map(|((&(.., shown), name), _)| Ok((name, self.seal_label(name, shown)?)))
            .collect();
        self.parts().ways.note(person, &due?, self.now()).await?;
        // Who was never here before has no devices.
        if has_new_device && !is_first {
            self.parts().ways.keep_devices(person, MOST_DEVICES).await?;
        }
        Ok(())
    }

    /// Tells the person of a sign-in with something `new`, or of every one when they want that and it is
    /// one of many: neither the first of all nor one more in the same session, which is `quiet`.
    async fn tell_of_sign_in(
        &self,
        awaited: &AwaitingConsent,
        client: &Client,
        headers: &HeaderMap,
        new: Vec<WayKind>,
        quiet: bool,
    ) -> Result<(), Fault> {
        let person = awaited.person;
        let suspicious = self.floor(headers).is_some();
        let is_unusual = suspicious || !new.is_empty();
        if quiet && !is_unusual {
            return Ok(());
        }
        let choices = self.known_choices(person).await?.counting();
        if !is_unusual && !choices.tells_all() {
            return Ok(());
        }
        let notice = Notice {
            what: What::SignIn {
                provider: self.provider_name(&awaited.provider),
                service: client.name.clone(),
                device: device_name(headers),
                new,
                suspicious,
            },
            at: self.now(),
            visit: awaited.trip.browsing.to_string(),
        };
        let once = awaited.trip.id.to_string();
        self.tell_once(person, &once, &[notice], &choices).await
    }

    fn seal_label(&self, (kind, name): WayName, label: &str) -> Result<Sealed, Fault> {
        let ways = &self.sealers().ways;
        let sealed = ways.seal(&context(kind, &name), label.as_bytes());
        sealed.map_err(|error| Fault::new("seal what a citizen used", error))
    }

    fn name_of_use(&self, person: PersonId, kind: WayKind, thing: &str) -> [u8; 32] {
        let parts = [
            kind.as_str().as_bytes(),
            person.as_bytes(),
            thing.as_bytes(),
        ];
        self.sealers().used.tag(&parts)
    }

    /// What of a kind was there at sign-ins of a person, the latest first.
    pub(super) async fn used_by(
        &self,
        person: PersonId,
        kind: WayKind,
        headers: &HeaderMap,
    ) -> Result<Vec<Used>, Fault> {
        let here = self.parts().cookies.get(headers, COOKIE);
        let here = here.map(|id| self.name_of_use(person, WayKind::Device, id));
        let seen = self.parts().ways.seen_of(person, kind, MOST_SHOWN).await?;
        let used = seen.into_iter().map(|seen| {
            Ok(Used {
                handle: handle(&seen.name),
                name: self.open_label(&seen)?,
                is_here: here == Some(seen.name),
                kind: seen.kind,
                first: seen.first,
                last: seen.last,
            })
        });
        used.collect()
    }

    /// How a person is used to sign in: what a sign-in is held against before it changes anything that keeps
    /// others out.
    pub(crate) async fn accustomed(&self, person: PersonId) -> Result<Accustomed, Fault> {
        let choices = self.known_choices(person).await?.counting();
        let providers = self.parts().providers.providers();
        let is_open = |id: &ProviderId| {
            let active = providers.iter().any(|it| it.id == *id && it.active);
            active && choices.closed(id).is_none()
        };
        let nobody = HeaderMap::new();
        let spoke = self.used_by(person, WayKind::Provider, &nobody).await?;
        let spoke = spoke
            .iter()
            .filter_map(|used| Some((provider_of(used)?, used.first)));
        let mut first: BTreeMap<ProviderId, Timestamp> = BTreeMap::new();
        for (id, since) in spoke.filter(|(id, _)| is_open(id)) {
            let known = first.entry(id).or_insert(since);
            *known = since.min(*known);
        }
        let since = self.now().before(LEVEL_COUNTS_FOR);
        let levels = self.used_by(person, WayKind::Level, &nobody).await?;
        let levels = levels.iter().filter(|used| used.last >= since);
        let highest: Option<Acr> = levels.filter_map(|used| used.name.parse().ok()).max();
        let reachable = providers
            .iter()
            .filter(|it| is_open(&it.id))
            .flat_map(|it| it.levels.iter().copied())
            .max();
        let lowest = Acr::ALL[0];
        Ok(Accustomed {
            level: highest.unwrap_or(lowest).min(reachable.unwrap_or(lowest)),
            providers: first.into_iter().collect(),
        })
    }

    /// Forgets the device that the account calls `handle`: the next sign-in from there is from a new one.
    pub(super) async fn forget_device(
        &self,
        person: PersonId,
        handle_of: &str,
    ) -> Result<bool, Fault> {
        match self.device_called(person, handle_of).await? {
            Some(seen) => {
                let ways = &self.parts().ways;
                ways.forget_seen(person, seen.kind, seen.name).await
            }
            None => Ok(false),
        }
    }

    /// Whether the account of a person calls one of their devices `handle_of`.
    pub(super) async fn is_device_of(
        &self,
        person: PersonId,
        handle_of: &str,
    ) -> Result<bool, Fault> {
        let device = self.device_called(person, handle_of).await?;
        Ok(device.is_some())
    }

    async fn device_called(
        &self,
        person: PersonId,
        handle_of: &str,
    ) -> Result<Option<WaySeen>, Fault> {
        let ways = &self.parts().ways;
        let devices = ways.seen_of(person, WayKind::Device, MOST_SHOWN).await?;
        let is_meant = |seen: &WaySeen| {
            guichet_keys::same(handle(&seen.name).as_bytes(), handle_of.as_bytes())
        };
        Ok(devices.into_iter().find(is_meant))
    }

    fn open_label(&self, seen: &WaySeen) -> Result<String, Fault> {
        let context = context(seen.kind, &seen.name);
        let opened = self
            .sealers()
            .ways
            .open(&context, &Sealed::clone(&seen.sealed));
        let bytes = opened.map_err(|error| Fault::new("open what a citizen used", error))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The device, known by its cookie, which it gets where it has none; none on a device that is not the
    /// person's own.
    fn device_of(
        &self,
        awaited: &AwaitingConsent,
        headers: &HeaderMap,
    ) -> Result<(Option<BrowserId>, Option<HeaderValue>), PageError> {
        let parts = self.parts();
        if awaited.trip.shared_device {
            return Ok((None, None));
        }
        let known = parts.cookies.get(headers, COOKIE);
        let id = known
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| BrowserId::random(&*parts.entropy));
        let cookie = parts
            .cookies
            .set(COOKIE, &id.to_string(), CookieLife::For(KNOWN_FOR));
        let cookie = cookie.map_err(|error| self.fault("make a cookie", &error))?;
        Ok((Some(id), Some(cookie)))
    }

    /// Forgets devices that nobody signed in from for long. The binary calls this now and then.
    pub async fn forget_devices(&self) {
        let since = self.now().before(KNOWN_FOR);
        if let Err(error) = self.parts().ways.forget_devices(since).await {
            tracing::warn!(%error, "devices could not be forgotten");
        }
    }
}

/// Which of the providers used are there no more, nor their names.
pub(super) fn provider_of(used: &Used) -> Option<ProviderId> {
    (used.kind == WayKind::Provider)
        .then(|| used.name.parse().ok())
        .flatten()
}

fn context(kind: WayKind, name: &[u8; 32]) -> Vec<u8> {
    [kind.as_str().as_bytes(), b" ", name].concat()
}

/// What the account calls something by; says nothing.
pub(super) fn handle(name: &[u8; 32]) -> String {
    BrowserId::from_bytes(guichet_keys::first_half(*name)).to_string()
}

/// What was there within so long is not noted again: a sign-in writes nothing when nothing is new.
const NOTED_AGAIN_AFTER: Duration = Duration::from_hours(1);
/// More than anybody has; of more the oldest are forgotten.
const MOST_DEVICES: u32 = 50;
/// More than anybody has.
const MOST_SHOWN: u32 = 200;
/// How long a level that somebody reached is what they are known to reach: a little more than a year, since
/// some services are entered once in one.
const LEVEL_COUNTS_FOR: Duration = Duration::from_hours(24 * 400);
