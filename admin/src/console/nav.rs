//! The one navigation of the console: what stands in it, in order, for whoever may read it. One row: what is of one
//! sort opens below its name.

use guichet_web::{Locale, NavigationLink, PageContext};

use super::{Console, Present};
use crate::people::{Action, Kind};

/// One page.
struct Stop {
    /// The text that names it.
    text: &'static str,
    /// Where it leads.
    href: &'static str,
    /// What one must be allowed to read somewhere; nothing for what everybody has.
    of: Option<Kind>,
}

/// What stands in the row.
enum Entry {
    /// A page.
    Page(Stop),
    /// Several, under one name: its text.
    Menu(&'static str, &'static [Stop]),
}

/// All there are. Whoever adds pages adds a line.
const ENTRIES: &[Entry] = &[
    Entry::Page(stop("console-nav-status", "/", None)),
    Entry::Menu(
        "console-menu-registry",
        &[
            stop("console-nav-clients", "/clients", Some(Kind::Client)),
            stop("console-nav-providers", "/providers", Some(Kind::Provider)),
            stop(
                "console-nav-data-providers",
                "/data-providers",
                Some(Kind::DataProvider),
            ),
            stop("console-nav-catalogue", "/catalogue", Some(Kind::Catalogue)),
        ],
    ),
    Entry::Page(stop(
        "console-nav-onboarding",
        "/onboarding",
        Some(Kind::Habilitation),
    )),
    Entry::Menu(
        "console-menu-operation",
        &[
            stop(
                "console-nav-statistics",
                "/statistics",
                Some(Kind::Statistics),
            ),
            stop(
                "console-nav-simulation",
                "/simulation",
                Some(Kind::Provider),
            ),
            stop("console-nav-switches", "/switches", Some(Kind::Switch)),
            stop("console-nav-support", "/support", Some(Kind::Support)),
            stop("console-nav-webhooks", "/webhooks", Some(Kind::Webhook)),
            stop("console-nav-audit", "/audit", Some(Kind::Ledger)),
        ],
    ),
    Entry::Page(stop("console-nav-people", "/people", Some(Kind::Person))),
    Entry::Page(stop("console-nav-me", "/me", None)),
];

const fn stop(text: &'static str, href: &'static str, of: Option<Kind>) -> Stop {
    Stop { text, href, of }
}

impl Console {
    /// The page of a request, wide, with the way to the others for whoever is in. `on` is the entry it belongs
    /// to.
    pub(crate) fn page(&self, page: PageContext, present: &Present, on: &str) -> PageContext {
        let at = (page.locale, on);
        let entries = ENTRIES.iter().filter_map(|entry| match entry {
            Entry::Page(stop) => self.link(stop, present, at),
            Entry::Menu(text, stops) => {
                let links = stops.iter().filter_map(|stop| self.link(stop, present, at));
                let label = self.pages.text(page.locale, text, &[]);
                NavigationLink::menu(label, links.collect())
            }
        });
        let links = entries.collect();
        page.wide().with_navigation(links)
    }

    /// The way there, where they may read it.
    fn link(
        &self,
        stop: &Stop,
        present: &Present,
        (locale, on): (Locale, &str),
    ) -> Option<NavigationLink> {
        let reads = |kind| present.rights.may_somewhere(Action::Read, kind);
        let label = || self.pages.text(locale, stop.text, &[]);
        let may = stop.of.is_none_or(reads);
        may.then(|| NavigationLink::to(label(), stop.href, stop.href == on))
    }
}
