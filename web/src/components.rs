//! Gives each page only the components it uses.
//!
//! Importing a file of macros builds every macro of it anew for each page rendered, which would
//! cost more than the rest of the page. So `components.html` is cut at its macros once, at start,
//! and each page gets a module of those it names as `ui.<name>`, and of those they call in turn.

use std::collections::{BTreeMap, BTreeSet};

/// The modules, each under a name that lists what is in it, and which page imports which.
pub(crate) struct Components {
    /// Name and source of each module.
    pub(crate) modules: BTreeMap<String, String>,
    /// The module of each page.
    pub(crate) of_page: BTreeMap<String, String>,
}

impl Components {
    /// Cuts `components` for `pages`, which are all templates by name.
    pub(crate) fn cut(components: &str, pages: &BTreeMap<String, String>) -> Self {
        let (outside, macros) = split(components);
        let mut cut = Self {
            modules: BTreeMap::new(),
            of_page: BTreeMap::new(),
        };
        for page in pages.keys() {
            let used = with_their_own(uses(page, pages), &macros);
            let names: Vec<&str> = used.iter().copied().collect();
            let module = format!("ui:{}", names.join("+"));
            cut.modules.entry(module.clone()).or_insert_with(|| {
                used.iter()
                    .fold(outside.clone(), |text, name| text + macros[name])
            });
            cut.of_page.insert(page.clone(), module);
        }
        cut
    }
}

/// The macros of a file by name, and what is outside of them.
fn split(source: &str) -> (String, BTreeMap<&str, &str>) {
    let mut outside = String::new();
    let mut macros = BTreeMap::new();
    let mut rest = source;
    while let Some((start, name)) = next_macro(rest) {
        let length = rest[start..]
            .find("endmacro")
            .map_or(rest.len(), |end| start + end);
        let end = rest[length..]
            .find("%}")
            .map_or(rest.len(), |end| length + end + 2);
        outside.push_str(&rest[..start]);
        macros.insert(name, &rest[start..end]);
        rest = &rest[end..];
    }
    outside.push_str(rest);
    (outside, macros)
}

/// Where the next `{% macro name(` begins, and its name.
fn next_macro(source: &str) -> Option<(usize, &str)> {
    source.match_indices("{%").find_map(|(start, _)| {
        let tag = source[start + 2..]
            .trim_start_matches(['-', '+'])
            .trim_start();
        let name = identifier(tag.strip_prefix("macro ")?.trim_start());
        (!name.is_empty()).then_some((start, name))
    })
}

/// What a page names as `ui.<name>`, itself or in a template it extends or includes.
fn uses<'p>(page: &'p str, pages: &'p BTreeMap<String, String>) -> BTreeSet<&'p str> {
    let mut used = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![page];
    while let Some(name) = waiting.pop() {
        let Some(source) = pages.get(name).filter(|_| seen.insert(name)) else {
            continue;
        };
        used.extend(
            source
                .match_indices("ui.")
                .map(|(at, _)| identifier(&source[at + 3..])),
        );
        let quoted = source
            .split(['"', '\''])
            .filter_map(|text| pages.get_key_value(text));
        // The file itself is imported, and names nothing of its importer's.
        waiting.extend(
            quoted
                .map(|(name, _)| name.as_str())
                .filter(|name| *name != FILE),
        );
    }
    used
}

/// Adds what the macros call in turn; drops names that are no macros.
fn with_their_own<'m>(
    used: BTreeSet<&str>,
    macros: &BTreeMap<&'m str, &'m str>,
) -> BTreeSet<&'m str> {
    let mut all = BTreeSet::new();
    let mut waiting: Vec<&str> = used.into_iter().collect();
    while let Some(name) = waiting.pop() {
        let Some((name, source)) = macros.get_key_value(name) else {
            continue;
        };
        if all.insert(*name) {
            let calls = |other: &&&str| source.contains(&format!(" {other}("));
            waiting.extend(macros.keys().filter(calls));
        }
    }
    all
}

fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    &text[..end.unwrap_or(text.len())]
}

/// The file that is cut.
pub(crate) const FILE: &str = "components.html";

#[cfg(test)]
mod tests {
    use super::*;

    const MACROS: &str = "{# about #}{% macro a(x) %}A{{ x }}{% endmacro %}\n\
        {%- macro b() -%}{{ a(1) }}{%- endmacro -%}\n{% set c = 1 %}{% macro d() %}D{% endmacro %}";

    fn pages(pages: &[(&str, &str)]) -> BTreeMap<String, String> {
        pages
            .iter()
            .map(|(name, source)| ((*name).to_owned(), (*source).to_owned()))
            .collect()
    }

    #[test]
    fn a_page_gets_what_it_names_and_what_that_calls() {
        let pages = pages(&[
            ("x.html", "{{ ui.b() }} {{ ui.unknown }}"),
            ("y.html", "plain"),
        ]);
        let cut = Components::cut(MACROS, &pages);
        assert_eq!(cut.of_page["x.html"], "ui:a+b");
        assert_eq!(cut.of_page["y.html"], "ui:");
        let module = &cut.modules["ui:a+b"];
        assert!(module.contains("macro a") && module.contains("macro b"));
        assert!(module.contains("set c = 1") && !module.contains("macro d"));
    }

    #[test]
    fn a_page_gets_what_the_templates_around_and_inside_it_name() {
        let pages = pages(&[
            (
                "page.html",
                "{% extends \"frame.html\" %}{% include 'part.html' %}",
            ),
            ("frame.html", "{{ ui.d() }}"),
            ("part.html", "{% extends \"page.html\" %}{{ ui.a(1) }}"),
        ]);
        assert_eq!(
            Components::cut(MACROS, &pages).of_page["page.html"],
            "ui:a+d"
        );
    }
}
