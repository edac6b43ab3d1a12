//! One frame, one style sheet, one set of components: every page stands in the layout of `web`.

use super::{Findings, has_extension, is_of_the_product, is_rust, room_of, shipped_lines};

/// The one frame.
const LAYOUT: &str = "web/templates/layout.html";
const STYLES: &str = "web/assets/guichet.css";
/// What a page that has it was built beside the frame.
const OWN_FRAME: &[&str] = &[
    "<!doctype",
    "<html",
    "<head>",
    "<body",
    "<style",
    "style=\"",
    "rel=\"stylesheet\"",
];
/// The same in code.
const OWN_PAGE: &[&str] = &[
    "<!doctype html",
    "<html",
    "<style",
    "axum::response::Html",
    "response::{Html",
];

/// Every template stands in the layout or is part of one that does; no other file begins a page or says how one looks.
pub(super) fn every_page_stands_in_the_one_frame(texts: &[(String, String)]) -> Findings {
    let product = || texts.iter().filter(|(path, _)| is_of_the_product(path));
    let templates = || product().filter(|(path, _)| has_extension(path, "html"));
    let mut findings = Findings::new();
    for (path, content) in templates().filter(|(path, _)| path != LAYOUT) {
        let lower = content.to_lowercase();
        for own in OWN_FRAME.iter().filter(|own| lower.contains(**own)) {
            findings.push(format!(
                "{path}: has a `{own}` of its own: the frame is {LAYOUT}"
            ));
        }
        let stands = content.contains("{% extends \"layout.html\" %}");
        if !stands && !is_part(path, &templates) {
            findings.push(format!(
                "{path}: neither extends layout.html nor is part of a page that does"
            ));
        }
    }
    let sheets = product().filter(|(path, _)| has_extension(path, "css") && path != STYLES);
    findings.extend(sheets.map(|(path, _)| format!("{path}: the one style sheet is {STYLES}")));
    let code = product().filter(|(path, _)| is_rust(path) && room_of(path) != "web");
    for (path, content) in code {
        let own = shipped_lines(content).filter(|(_, line)| {
            let lower = line.to_lowercase();
            OWN_PAGE
                .iter()
                .any(|own| lower.contains(&own.to_lowercase()))
        });
        findings.extend(
            own.map(|(line, _)| format!("{path}:{line}: a page beside the frame: {LAYOUT}")),
        );
    }
    findings
}

/// Whether some other template takes this one in, by the end of its name.
fn is_part<'a, I: Iterator<Item = &'a (String, String)>>(
    path: &str,
    templates: &impl Fn() -> I,
) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ends = [format!("/{name}\""), format!("\"{name}\"")];
    templates()
        .filter(|(other, _)| other != path)
        .flat_map(|(_, content)| content.lines())
        .filter(|line| {
            ["include ", "import ", "from "]
                .iter()
                .any(|word| line.contains(word))
        })
        .any(|line| ends.iter().any(|end| line.contains(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Findings {
        let each = files
            .iter()
            .map(|(path, it)| ((*path).to_owned(), (*it).to_owned()));
        every_page_stands_in_the_one_frame(&each.collect::<Vec<_>>())
    }

    const PAGE: &str = "{% extends \"layout.html\" %}\n{% include \"demo/part.html\" %}";

    #[test]
    fn a_page_in_the_frame_and_its_parts_are_fine() {
        let files = [
            (
                LAYOUT,
                "<!DOCTYPE html><html><head></head><body></body></html>",
            ),
            (STYLES, "a {}"),
            ("demo/pages/home.html", PAGE),
            ("demo/pages/part.html", "<p>part</p>"),
            ("integration-tests/src/site.rs", "\"<!doctype html>\""),
            ("demo/src/tests.rs", "\"<!doctype html>\""),
        ];
        assert_eq!(found(&files), Findings::new());
    }

    #[test]
    fn a_page_beside_the_frame_is_found() {
        let files = [
            (
                "demo/pages/own.html",
                "<!doctype html>\n<p style=\"color: red\">x",
            ),
            ("demo/pages/lost.html", "<p>part of nothing</p>"),
            ("demo/assets/own.css", "a {}"),
            ("demo/src/page.rs", "let page = \"<!DOCTYPE html><p>x\";"),
            ("broker/src/page.rs", "use axum::response::Html;"),
        ];
        let found = found(&files);
        for (path, times) in [
            ("demo/pages/own.html:", 3),
            ("demo/pages/lost.html:", 1),
            ("demo/assets/own.css:", 1),
            ("demo/src/page.rs:1:", 1),
            ("broker/src/page.rs:1:", 1),
        ] {
            let count = found.iter().filter(|it| it.starts_with(path)).count();
            assert_eq!(count, times, "{path} {found:?}");
        }
    }
}
