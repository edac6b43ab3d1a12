//! How a data provider behaves: a visitor of its home page may have it answer later, be in doubt, or fail,
//! to see what becomes of a procedure then.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::response::Redirect;
use guichet_exchange_client::Answer;
use guichet_web::{Form, PageError};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::site::Site;

/// How it behaves now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mood {
    /// Answers.
    Working,
    /// Has nothing ready yet.
    Later,
    /// Knows several people who may be meant.
    Several,
    /// Answers 503.
    Down,
}

impl Mood {
    /// What it answers whoever asks; `None` when it looks and says what it finds.
    pub(super) fn answer(self) -> Option<Answer> {
        match self {
            Self::Later => Some(Answer::Later {
                retry_after: A_WHILE,
            }),
            Self::Several => Some(Answer::SeveralMatches),
            Self::Working | Self::Down => None,
        }
    }
}

/// A mood that all of a site shares.
pub(super) struct Shared(AtomicU8);

impl Default for Shared {
    fn default() -> Self {
        Self(AtomicU8::new(Mood::Working as u8))
    }
}

impl Shared {
    pub(super) fn get(&self) -> Mood {
        let mood = self.0.load(Ordering::Relaxed);
        [Mood::Later, Mood::Several, Mood::Down]
            .into_iter()
            .find(|known| *known as u8 == mood)
            .unwrap_or(Mood::Working)
    }

    fn set(&self, mood: Mood) {
        self.0.store(mood as u8, Ordering::Relaxed);
    }
}

/// The form of the page: `mood=working|later|several|down`.
#[derive(Deserialize)]
pub(super) struct Simulate {
    mood: Mood,
}

/// Anyone on this machine may play with it; another site's page may not.
pub(super) async fn simulate(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Form(form): Form<Simulate>,
) -> Result<Redirect, PageError> {
    site.csrf
        .check_source(&headers)
        .map_err(|_| PageError::new(StatusCode::FORBIDDEN, "error-form-refused"))?;
    site.mood.set(form.mood);
    tracing::info!(provider = site.provider.id(), mood = ?form.mood, "told how to behave");
    Ok(Redirect::to("/"))
}

/// When to ask again one that has nothing ready.
const A_WHILE: Duration = Duration::from_mins(5);
