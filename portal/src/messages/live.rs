//! `GET /account/live`: an open page hears within seconds that something was said, by server-sent events. An
//! event holds nothing: the page asks for its messages again, as whoever is signed in then.
//!
//! One look at the store a second serves every open page of a node, however many there are; each page looks
//! up its citizen's few names in what was found. Whoever enters a service while the page is open has a name more:
//! the names are read again once somebody was told who was not told lately, every few seconds at most.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use guichet_domain::{Clock, PersonId, SubjectIdentifier, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{Messages, People};
use guichet_web::PageError;
use http::{HeaderMap, StatusCode};
use tokio::sync::Mutex;
use tokio::time::{MissedTickBehavior, interval};

use crate::Portal;
use crate::places::{Place, Places};

/// Who was told something lately, looked up at most once a second. Cheap to clone.
#[derive(Clone)]
pub struct Live {
    messages: Arc<dyn Messages>,
    clock: Arc<dyn Clock>,
    lately: Arc<Mutex<Lately>>,
    places: Places,
}

#[derive(Default)]
struct Lately {
    looked: Option<Timestamp>,
    said: Arc<Said>,
    /// How often somebody was told who was not told lately.
    newcomers: u64,
}

/// To whom, and when.
type Said = HashMap<SubjectIdentifier, Vec<Timestamp>>;

impl Live {
    /// What `messages` hold.
    pub fn new(messages: Arc<dyn Messages>, clock: Arc<dyn Clock>) -> Self {
        Self {
            messages,
            clock,
            lately: Arc::default(),
            places: Places::new(MOST, MOST_OF_ONE),
        }
    }

    /// For how long a page does without reading its names again: longer where many are open.
    fn names_hold(&self) -> Duration {
        NAMES_HOLD.max(Duration::from_secs(
            self.places.count() / MOST_READS_A_SECOND,
        ))
    }

    /// What was said in the last half minute: long enough for clocks of nodes that differ by seconds.
    async fn said_lately(&self) -> Result<(Arc<Said>, u64), Fault> {
        let mut lately = self.lately.lock().await;
        let now = self.clock.now();
        if lately.looked.is_none_or(|at| now.since(at) >= EVERY) {
            let since = Timestamp::from_millis(now.millis() - LATELY_MILLIS);
            let mut said = Said::new();
            for (name, at) in self.messages.said_since(since, MOST_SAID).await? {
                said.entry(name).or_default().push(at);
            }
            if said.keys().any(|name| !lately.said.contains_key(name)) {
                lately.newcomers += 1;
            }
            lately.said = Arc::new(said);
            lately.looked = Some(now);
        }
        Ok((Arc::clone(&lately.said), lately.newcomers))
    }
}

/// The names that services know a person by.
async fn names_of(people: &dyn People, person: PersonId) -> Result<Vec<SubjectIdentifier>, Fault> {
    let file = people.file(person).await?;
    let names = file.map(|file| file.names).unwrap_or_default();
    Ok(names.into_iter().map(|name| name.subject).collect())
}

/// Names are not read again before: of each page, and of all pages of a node together so many in a second.
const NAMES_HOLD: Duration = Duration::from_secs(2);
const MOST_READS_A_SECOND: u64 = 500;

/// More in half a minute on all nodes together, and some pages hear late: when they are opened again.
const MOST_SAID: u32 = 10_000;
const LATELY_MILLIS: i64 = 30_000;
const EVERY: Duration = Duration::from_secs(1);
/// A page that stays open asks again: its session may have ended meanwhile.
const LONGEST: Duration = Duration::from_mins(10);

pub(crate) async fn follow(
    State(portal): State<Portal>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let Some(person) = portal.signed_in.person(&headers).await? else {
        // Tells the browser not to ask again.
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let Ok(place) = portal.live.places.take(person) else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let fault = |fault| portal.fault("follow messages", &fault);
    let listener = Listener::new(&portal, person, place).await;
    let listener = listener.map_err(fault)?;
    let events = stream::unfold(listener, |mut listener| async move {
        listener.next().await.then(|| {
            let event = Event::default().event("messages").data("changed");
            (Ok::<_, Infallible>(event), listener)
        })
    });
    Ok(Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response())
}

/// One open page.
struct Listener {
    live: Live,
    people: Arc<dyn People>,
    person: PersonId,
    names: Vec<SubjectIdentifier>,
    /// When they were read, and how many newcomers there had been.
    names_read: (Timestamp, u64),
    /// What it was told of, or was there when it came.
    known: HashSet<(SubjectIdentifier, Timestamp)>,
    until: Timestamp,
    ticks: tokio::time::Interval,
    _place: Place,
}

impl Listener {
    async fn new(portal: &Portal, person: PersonId, place: Place) -> Result<Self, Fault> {
        let live = portal.live.clone();
        let names_read = (live.clock.now(), live.said_lately().await?.1);
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut listener = Self {
            until: live.clock.now().after(LONGEST),
            live,
            people: Arc::clone(&portal.people),
            person,
            names: names_of(&*portal.people, person).await?,
            names_read,
            known: HashSet::new(),
            ticks,
            _place: place,
        };
        listener.hears_something_new().await?;
        Ok(listener)
    }

    /// Waits until something new was said to its citizen; `false` when its time is over.
    async fn next(&mut self) -> bool {
        loop {
            self.ticks.tick().await;
            if self.live.clock.now() >= self.until {
                return false;
            }
            match self.hears_something_new().await {
                Ok(true) => return true,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "an open page was not told of messages");
                    return false;
                }
            }
        }
    }

    /// Reads the names again where one of the newcomers may be a name of its citizen's that is new.
    async fn learn_names(&mut self, newcomers: u64) -> Result<(), Fault> {
        let (at, before) = self.names_read;
        let now = self.live.clock.now();
        if newcomers == before || now.since(at) < self.live.names_hold() {
            return Ok(());
        }
        self.names = names_of(&*self.people, self.person).await?;
        self.names_read = (now, newcomers);
        Ok(())
    }

    async fn hears_something_new(&mut self) -> Result<bool, Fault> {
        let (said, newcomers) = self.live.said_lately().await?;
        self.learn_names(newcomers).await?;
        let of = |name: &SubjectIdentifier| {
            let times = said.get(name).into_iter().flatten();
            let times = times.map(|at| (name.clone(), *at));
            times.collect::<Vec<_>>()
        };
        let theirs: HashSet<_> = self.names.iter().flat_map(of).collect();
        let is_new = !theirs.is_subset(&self.known);
        self.known = theirs;
        Ok(is_new)
    }
}

/// What is open at once on one node. Whoever finds no place reads the page as without JavaScript.
const MOST: usize = 20_000;
/// More tabs and devices than anybody has open.
const MOST_OF_ONE: usize = 16;
