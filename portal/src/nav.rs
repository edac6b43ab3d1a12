//! The way around the account: the same few links on top of each of its pages.

use guichet_web::{NavigationLink, PageContext};

use crate::{Portal, app};

/// The rooms of the account, in the order of its navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// What waits, and the services.
    Home,
    /// Who has what, and may fetch what.
    Data,
    /// What happened.
    History,
    /// What leads in, and who hears of it.
    Ways,
    /// Open sessions.
    Sessions,
    /// What a citizen may demand.
    Rights,
    /// "It was not me".
    NotMe,
}

impl Room {
    const ALL: [Self; 7] = [
        Self::Home,
        Self::Data,
        Self::History,
        Self::Ways,
        Self::Sessions,
        Self::Rights,
        Self::NotMe,
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::Home => "/account",
            Self::Data => "/account/data",
            Self::History => "/account/history",
            Self::Ways => "/account/ways",
            Self::Sessions => "/account/sessions",
            Self::Rights => "/account/rights",
            Self::NotMe => "/account/not-me",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Home => "nav-home",
            Self::Data => "nav-data",
            Self::History => "nav-history",
            Self::Ways => "nav-ways",
            Self::Sessions => "nav-sessions",
            Self::Rights => "nav-rights",
            Self::NotMe => "nav-not-me",
        }
    }
}

impl Portal {
    /// A page of the account, in this room.
    pub(crate) fn in_room(&self, page: PageContext, room: Room) -> PageContext {
        let link = |it: Room| {
            let label = self.pages.text(page.locale, it.text(), &[]);
            NavigationLink::to(label, self.path(it.path()), it == room)
        };
        let links = Room::ALL.into_iter().map(link).collect();
        page.with_navigation(links).with_manifest(app::MANIFEST)
    }
}
