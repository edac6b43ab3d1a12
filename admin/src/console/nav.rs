//! The one navigation of the console: what stands in it, in order, for whoever may read it.

use guichet_web::{NavigationLink, PageContext};

use super::{Console, Present};
use crate::people::{Action, Kind};

/// One entry.
struct Stop {
    /// The text that names it.
    text: &'static str,
    /// Where it leads.
    href: &'static str,
    /// What one must be allowed to read somewhere; nothing for what everybody has.
    of: Option<Kind>,
}

/// All there are. Whoever adds pages adds a line.
const STOPS: &[Stop] = &[
    stop("console-nav-status", "/", None),
    stop(
        "console-nav-simulation",
        "/simulation",
        Some(Kind::Provider),
    ),
    stop("console-nav-switches", "/switches", Some(Kind::Switch)),
    stop("console-nav-people", "/people", Some(Kind::Person)),
    stop(
        "console-nav-statistics",
        "/statistics",
        Some(Kind::Statistics),
    ),
    stop("console-nav-me", "/me", None),
];

const fn stop(text: &'static str, href: &'static str, of: Option<Kind>) -> Stop {
    Stop { text, href, of }
}

impl Console {
    /// The page of a request, wide, with the way to the others for whoever is in. `on` is the entry it belongs
    /// to.
    pub(crate) fn page(&self, page: PageContext, present: &Present, on: &str) -> PageContext {
        let rights = &present.rights;
        let reads = |kind| rights.may_somewhere(Action::Read, kind);
        let stops = STOPS.iter().filter(|stop| stop.of.is_none_or(reads));
        let links = stops.map(|stop| NavigationLink {
            label: self.pages.text(page.locale, stop.text, &[]),
            href: stop.href.to_owned(),
            current: stop.href == on,
        });
        let links = links.collect();
        page.wide().with_navigation(links)
    }
}
