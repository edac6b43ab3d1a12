//! The routes of the account, read from the list that it serves by: a table that is held against them misses none.

use std::collections::BTreeSet;

/// The list that the account serves.
const LIST: &str = include_str!("../../../../portal/src/lib.rs");

/// The routes of the list, by method.
pub(super) fn routes() -> BTreeSet<(&'static str, String)> {
    let mut routes = BTreeSet::new();
    for route in LIST.split(".route(").skip(1) {
        let route = route.split(".route(").next().unwrap_or(route);
        let Some((path, handlers)) = route.split_once(',') else {
            continue;
        };
        let path = path.trim().trim_matches('"').to_owned();
        let handlers = handlers.split(".layer(").next().unwrap_or(handlers);
        for (method, words) in [("GET", "get("), ("POST", "post(")] {
            if handlers.contains(words) {
                routes.insert((method, path.clone()));
            }
        }
    }
    routes
}
