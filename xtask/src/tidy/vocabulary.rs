//! What citizens read says one thing by one word, on pages that are all made of the same parts.

use super::{Findings, has_extension, text};

const GLOSSARY: &str = "docs/glossary.md";
/// The heading in the glossary under which the words of pages stand.
const ON_PAGES: &str = "## On pages";
/// Fewer rows than this, and the table was not read.
const LEAST: usize = 40;
/// The rooms whose pages are for citizens; those who operate the hub read words of their trade, too.
const CITIZENS: [&str; 5] = ["web/", "broker/", "portal/", "idp/", "demo/"];
const LANGUAGES: [&str; 2] = ["fr", "en"];

/// No text for citizens has a word that the glossary says another one for.
pub(super) fn pages_say_one_thing_by_one_word(texts: &[(String, String)]) -> Findings {
    let rows = rows(text(texts, GLOSSARY));
    if rows.len() < LEAST {
        return vec![format!("{GLOSSARY}: no table under `{ON_PAGES}`")];
    }
    let mut findings = Findings::new();
    for (path, content) in texts {
        let is_theirs = CITIZENS.iter().any(|room| path.starts_with(room));
        let language = LANGUAGES.iter().position(|it| is_of(path, it));
        let Some(language) = language.filter(|_| is_theirs && has_extension(path, "ftl")) else {
            continue;
        };
        for (index, line) in content.lines().enumerate() {
            let said = words(&shown(line));
            for row in &rows {
                let never = row.never[language].iter();
                for wrong in never.filter(|wrong| says(&said, wrong)) {
                    let right = &row.says[language];
                    let place = index + 1;
                    findings.push(format!(
                        "{path}:{place}: `{wrong}`, where pages say `{right}` ({GLOSSARY})"
                    ));
                }
            }
        }
    }
    findings
}

/// Every template of a page extends the one layout, or is a part that another includes; none has a style of its own.
pub(super) fn every_page_is_made_of_the_same_parts(texts: &[(String, String)]) -> Findings {
    let is_template = |path: &str| {
        has_extension(path, "html") && (path.contains("/pages/") || path.contains("/templates/"))
    };
    let templates = texts.iter().filter(|(path, _)| is_template(path));
    let wrong = templates.filter_map(|(path, content)| {
        if content.contains("<style") || content.contains(" style=\"") {
            return Some(format!("{path}: a style of its own"));
        }
        let is_whole = content.contains("<html") || content.contains("<body");
        let is_the_layout = path == "web/templates/layout.html";
        (is_whole && !is_the_layout).then(|| format!("{path}: not made of `layout.html`"))
    });
    wrong.collect()
}

/// A row of the table: what pages say, and what they never do, in each language.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    says: [String; 2],
    never: [Vec<String>; 2],
}

fn rows(glossary: &str) -> Vec<Row> {
    let table = glossary.lines().skip_while(|line| *line != ON_PAGES);
    let cells = table.filter_map(|line| {
        let line = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let cells: Vec<&str> = line.split(" | ").collect();
        <[&str; 4]>::try_from(cells).ok()
    });
    let list = |cell: &str| cell.split(", ").map(str::to_owned).collect();
    // The first row is the head.
    cells
        .skip(1)
        .map(|[french, english, not_french, not_english]| Row {
            says: [french.to_owned(), english.to_owned()],
            never: [list(not_french), list(not_english)],
        })
        .collect()
}

/// Whether a file has the texts of a language: `texts/fr.ftl`, `texts/fr/login.ftl`, `texts/register.fr.ftl`.
fn is_of(path: &str, language: &str) -> bool {
    let mut parts = path.split(['/', '.']);
    parts.any(|part| part == language)
}

/// What a person sees of a line: no name of a text, nothing that is put in, no comment.
fn shown(line: &str) -> String {
    if line.starts_with('#') {
        return String::new();
    }
    let is_name = |text: &str| {
        let mut letters = text.trim().chars();
        !text.trim().is_empty()
            && letters
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'))
    };
    let text = match line.split_once('=') {
        Some((name, text)) if is_name(name) => text,
        _ => line,
    };
    let mut seen = String::new();
    for (at, part) in text.split('{').enumerate() {
        let after = match part.split_once('}') {
            Some((_, after)) if at > 0 => after,
            _ => part,
        };
        seen.push(' ');
        seen.push_str(after);
    }
    seen
}

/// The words of a text, each between blanks, so that a phrase is found as a part of it.
fn words(text: &str) -> String {
    let lower = text.to_lowercase();
    let all = lower.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let all: Vec<&str> = all.filter(|word| !word.is_empty()).collect();
    format!(" {} ", all.join(" "))
}

fn says(said: &str, wrong: &str) -> bool {
    let phrase = words(wrong);
    said.contains(&phrase) || said.contains(&format!("{}s ", phrase.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glossary() -> String {
        let mut glossary = format!(
            "# Glossary\n| a | b | c | d |\n{ON_PAGES}\n| French | English | x | y |\n|---|---|---|---|\n"
        );
        glossary.push_str("| se connecter | sign in | se loguer, login | log in |\n");
        for row in 1..LEAST {
            glossary.push_str(&format!("| mot{row} | word{row} | non{row} | not{row} |\n"));
        }
        glossary
    }

    fn found(path: &str, line: &str) -> Findings {
        pages_say_one_thing_by_one_word(&[
            (GLOSSARY.to_owned(), glossary()),
            (path.to_owned(), line.to_owned()),
        ])
    }

    #[test]
    fn a_word_that_is_another_ones_is_found_where_citizens_read_it() {
        let path = "portal/texts/fr.ftl";
        for wrong in [
            "a = Vous loguer ? Se loguer ici.",
            "    Vos logins : trois.",
            "b = Login",
        ] {
            assert_eq!(found(path, wrong).len(), 1, "{wrong}");
        }
        for fine in [
            "login = Se connecter",
            "a = Bonjour { $login }",
            "# login",
            "a = Le catalogin",
            "a = Please log in",
        ] {
            assert_eq!(found(path, fine), Findings::new(), "{fine}");
        }
        assert_eq!(
            found("broker/texts/en/login.ftl", "a = Please log in.").len(),
            1
        );
        assert!(found("admin/texts/register.en.ftl", "a = log in").is_empty());
    }

    #[test]
    fn a_table_that_is_gone_is_found() {
        let texts = [(GLOSSARY.to_owned(), "# Glossary\n".to_owned())];
        assert_eq!(pages_say_one_thing_by_one_word(&texts).len(), 1);
    }

    #[test]
    fn a_page_that_is_not_made_of_the_layout_is_found() {
        let of = |path: &str, content: &str| {
            every_page_is_made_of_the_same_parts(&[(path.to_owned(), content.to_owned())]).len()
        };
        assert_eq!(
            of("portal/pages/home.html", "{% extends \"layout.html\" %}"),
            0
        );
        assert_eq!(
            of("portal/pages/home.html", "<html><body></body></html>"),
            1
        );
        assert_eq!(of("portal/pages/home.html", "<p style=\"color: red\">"), 1);
        assert_eq!(of("web/templates/layout.html", "<html>"), 0);
    }
}
