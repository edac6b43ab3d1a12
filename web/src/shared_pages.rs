//! The pages that several rooms show: a message, a question, a form that posts itself.

use axum::response::Response;
use http::header::LOCATION;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use crate::{PageContext, Pages};

/// A page that says one thing, and perhaps leads on.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// The title, in the page's language.
    pub title: String,
    /// The paragraphs.
    pub paragraphs: Vec<String>,
    /// How it looks.
    pub tone: Tone,
    /// A link to go on by.
    pub next: Option<Link>,
}

/// Whether something went well, needs attention or is only said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Only said.
    #[default]
    Info,
    /// Done.
    Success,
    /// Needs attention.
    Warning,
    /// Went wrong.
    Error,
}

/// A link that looks like a button.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// A question with two distinct buttons, `decision=accept` and `decision=refuse`.
#[derive(Clone, Debug, Serialize)]
pub struct Question {
    /// The title, in the page's language: the question itself.
    pub title: String,
    /// The paragraphs.
    pub paragraphs: Vec<String>,
    /// Where the answer is posted.
    pub action: String,
    /// The hidden token.
    pub csrf: String,
    /// What the accepting button says.
    pub accept: String,
    /// What the refusing button says.
    pub refuse: String,
}

impl Pages {
    /// A message.
    pub fn message(&self, page: &PageContext, message: &Message) -> Response {
        self.html(
            page,
            "message.html",
            context!(message => Value::from(Serde(message))),
        )
    }

    /// A question.
    pub fn confirm(&self, page: &PageContext, question: &Question) -> Response {
        self.html(
            page,
            "confirm.html",
            context!(question => Value::from(Serde(question))),
        )
    }

    /// A page that has the browser load `frames`, then goes on to where `response` leads; by itself,
    /// or by its one link (OIDC Front-Channel Logout §4). Without frames, the answer as it is.
    ///
    /// The policy of the page lets in the origins of those frames and no other; a frame may run its
    /// own script in its own origin and cannot take the browser away from here.
    pub fn with_frames_on_the_way(
        &self,
        page: &PageContext,
        frames: &[url::Url],
        response: Response,
    ) -> Response {
        if frames.is_empty() {
            return response;
        }
        let mut origins: Vec<String> = frames
            .iter()
            .map(|frame| frame.origin().ascii_serialization())
            .collect();
        origins.sort_unstable();
        origins.dedup();
        let headers = response.headers();
        let next = headers.get(LOCATION).and_then(|next| next.to_str().ok());
        let frames: Value = frames
            .iter()
            .map(|frame| Value::from(frame.as_str()))
            .collect();
        self.html(
            &page.clone().with_frames(origins),
            "signed_out.html",
            context!(frames, next),
        )
    }

    /// A form that posts `fields` to `action` by itself, or by its one button where there is no
    /// script (OAuth 2.0 Form Post Response Mode). `action` is a registered address, nothing else.
    ///
    /// The page alone tells the receiver our origin, as its own checks may ask for it.
    pub fn form_post(&self, page: &PageContext, action: &str, fields: &[(&str, &str)]) -> Response {
        let mut page = page.clone().with_script("form-post.js");
        page.tells_origin = true;
        if let Some(origin) = origin_of(action) {
            page = page.with_form_to(origin);
        }
        let fields: Value = fields
            .iter()
            .map(|(name, value)| context!(name => *name, value => *value))
            .collect();
        self.html(&page, "form_post.html", context!(action, fields))
    }
}

fn origin_of(action: &str) -> Option<String> {
    let url = url::Url::parse(action).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| url.origin().ascii_serialization())
}
