//! Where the hub sends events in tests: they are written down, and answered as told.

use std::sync::Mutex;

use async_trait::async_trait;
use url::Url;

use crate::{EventPost, Posted};

/// Both parties' `events_uri`. At first nobody answers.
#[derive(Default)]
pub struct Listening {
    came: Mutex<Vec<(String, String)>>,
    answer: Mutex<Option<Posted>>,
}

impl Listening {
    /// Answers everything with this from now on.
    pub fn says(&self, status: u16, body: &'static str) {
        let body = body.as_bytes().into();
        *self.answer.lock().unwrap() = Some(Posted { status, body });
    }

    /// Answers nothing any more.
    pub fn falls_silent(&self) {
        *self.answer.lock().unwrap() = None;
    }

    /// The addresses and tokens that came since this was asked.
    pub fn came(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.came.lock().unwrap())
    }
}

#[async_trait]
impl EventPost for Listening {
    async fn post_event(&self, url: &Url, token: &str) -> Option<Posted> {
        let came = (url.to_string(), token.to_owned());
        self.came.lock().unwrap().push(came);
        self.answer.lock().unwrap().clone()
    }
}
