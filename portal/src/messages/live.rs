//! `GET /account/live`: an open page hears within seconds that something was said, by server-sent events. An
//! event holds nothing: the page asks for its messages again, as whoever is signed in then.
//!
//! One look at the store a second serves every open page of a node, however many there are; each page looks
//! up its citizen's few names in what was found.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use guichet_domain::{Clock, SubjectIdentifier, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::Messages;
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

    /// What was said in the last half minute: long enough for clocks of nodes that differ by seconds.
    async fn said_lately(&self) -> Result<Arc<Said>, Fault> {
        let mut lately = self.lately.lock().await;
        let now = self.clock.now();
        if lately.looked.is_none_or(|at| now.since(at) >= EVERY) {
            let since = Timestamp::from_millis(now.millis() - LATELY_MILLIS);
            let mut said = Said::new();
            for (name, at) in self.messages.said_since(since, MOST_SAID).await? {
                said.entry(name).or_default().push(at);
            }
            lately.said = Arc::new(said);
            lately.looked = Some(now);
        }
        Ok(Arc::clone(&lately.said))
    }
}

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
    let names = portal.names_of(person).await.map_err(fault)?;
    let names = names.into_iter().map(|name| name.subject).collect();
    let listener = Listener::new(portal.live.clone(), names, place).await;
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
    names: Vec<SubjectIdentifier>,
    /// What it was told of, or was there when it came.
    known: HashSet<(SubjectIdentifier, Timestamp)>,
    until: Timestamp,
    ticks: tokio::time::Interval,
    _place: Place,
}

impl Listener {
    async fn new(live: Live, names: Vec<SubjectIdentifier>, place: Place) -> Result<Self, Fault> {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut listener = Self {
            until: live.clock.now().after(LONGEST),
            live,
            names,
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

    async fn hears_something_new(&mut self) -> Result<bool, Fault> {
        let said = self.live.said_lately().await?;
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
