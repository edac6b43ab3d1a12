//! How one instance presents itself: its name and its colour.

use serde::Serialize;

/// The name and the colour at the top of every page of one instance.
#[derive(Clone, Debug, Serialize)]
pub struct Brand {
    /// The name shown, such as `Guichet` or `Compte Citoyen`.
    pub name: String,
    /// The colour that tells this instance from its neighbours.
    pub accent: Accent,
    /// The emblem beside the name.
    pub emblem: Emblem,
    /// Whether a banner says that everything here is fictional.
    pub demo: bool,
    /// The way without a screen, named on every page; none where it is no business of this instance.
    pub assistance: Option<Assistance>,
}

/// Where somebody is helped who cannot or will not use a screen. What is empty is not named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Assistance {
    /// The telephone number, with what a call costs and when somebody answers.
    pub phone: String,
    /// Where there is a desk.
    pub desk: String,
    /// The address for letters.
    pub post: String,
}

impl Brand {
    /// The hub's own look under the name `name`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            accent: Accent::Ink,
            emblem: Emblem::Guichet,
            demo: false,
            assistance: None,
        }
    }

    /// With another colour.
    #[must_use]
    pub fn accent(mut self, accent: Accent) -> Self {
        self.accent = accent;
        self
    }

    /// With another emblem.
    #[must_use]
    pub fn emblem(mut self, emblem: Emblem) -> Self {
        self.emblem = emblem;
        self
    }

    /// With the way without a screen.
    #[must_use]
    pub fn assistance(mut self, assistance: Assistance) -> Self {
        self.assistance = Some(assistance);
        self
    }

    /// With the banner that says everything here is fictional.
    #[must_use]
    pub fn demo(mut self) -> Self {
        self.demo = true;
        self
    }
}

/// A colour of the palette; a class of the style sheet, since no page has inline style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Accent {
    /// The hub's own deep ink.
    #[default]
    Ink,
    /// Blue.
    Blue,
    /// Green.
    Green,
    /// Violet.
    Violet,
    /// Amber.
    Amber,
    /// Teal.
    Teal,
    /// Rose.
    Rose,
}

impl Accent {
    /// Every colour.
    pub const ALL: [Self; 7] = [
        Self::Ink,
        Self::Blue,
        Self::Green,
        Self::Violet,
        Self::Amber,
        Self::Teal,
        Self::Rose,
    ];

    /// The class of `<body>` that puts the colour on.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Ink => "theme-ink",
            Self::Blue => "theme-blue",
            Self::Green => "theme-green",
            Self::Violet => "theme-violet",
            Self::Amber => "theme-amber",
            Self::Teal => "theme-teal",
            Self::Rose => "theme-rose",
        }
    }
}

/// The picture beside the name; drawn by the style sheet in the accent colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Emblem {
    /// The counter window: the hub.
    #[default]
    Guichet,
    /// The first letter of the name: everyone else.
    Initial,
}
