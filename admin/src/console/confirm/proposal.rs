//! What somebody is about to do, and how its page says so.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Dangerous;

/// What somebody is about to do.
pub(crate) struct Proposal<D: Dangerous> {
    pub(super) input: D::Input,
    pub(super) announced: Announced,
}

/// What its page says.
#[derive(Serialize, Deserialize)]
pub(super) struct Announced {
    /// The text that says what is about to happen; `$name` in it is the next.
    pub(super) title: String,
    /// What it happens to, in words.
    pub(super) name: String,
    /// Where whoever thinks better of it goes.
    pub(super) back: String,
    /// What becomes another.
    pub(super) rows: Vec<Row>,
    /// What they should know before they confirm.
    pub(super) warnings: Vec<Caution>,
}

/// Something that becomes another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The text that names it, where there is one.
    pub(crate) label: Option<String>,
    /// The same, as the standards or the record spell it.
    pub(crate) member: String,
    /// What it is; nothing where it has its default, or is a secret.
    pub(crate) before: Option<Value>,
    /// What it will be, by the same rule.
    pub(crate) after: Option<Value>,
}

/// What somebody should know before they confirm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Caution {
    /// The text; its attribute `.what` says more.
    pub(crate) text: String,
    /// What `$name` in it stands for.
    pub(crate) name: String,
}

impl<D: Dangerous> Proposal<D> {
    /// That it is done with `input`. `title` is the text that says so, `name` what it is done to, `back` the page
    /// it was asked for on.
    pub(crate) fn new(input: D::Input, (title, name): (&str, &str), back: String) -> Self {
        Self {
            input,
            announced: Announced {
                title: title.to_owned(),
                name: name.to_owned(),
                back,
                rows: Vec::new(),
                warnings: Vec::new(),
            },
        }
    }

    /// With what becomes another.
    #[must_use]
    pub(crate) fn with_rows(mut self, rows: Vec<Row>) -> Self {
        self.announced.rows = rows;
        self
    }

    /// With what they should know.
    #[must_use]
    pub(crate) fn with_warnings(mut self, warnings: Vec<Caution>) -> Self {
        self.announced.warnings = warnings;
        self
    }
}

impl Caution {
    /// The text of this name, about `name`.
    pub(crate) fn new(text: &str, name: &str) -> Self {
        Self {
            text: text.to_owned(),
            name: name.to_owned(),
        }
    }
}

impl Row {
    /// Something that there was nothing of before, in words.
    pub(crate) fn said(label: &str, member: &str, text: impl Into<String>) -> Self {
        Self {
            label: Some(label.to_owned()),
            member: member.to_owned(),
            before: None,
            after: Some(Value::String(text.into())),
        }
    }
}
