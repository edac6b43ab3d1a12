//! One word for each thing on every page: the tables of `docs/glossary.md` say which, and which words are none.

use super::texts::{Language, Said, said};
use super::{Findings, in_backticks, is_of_the_product, table_rows, text};

const GLOSSARY: &str = "docs/glossary.md";
const WHY: [&str; 3] = ["word", "stands in", "because"];
/// How many terms there are to be in each language.
const LEAST: usize = 40;

/// A word that is not said on pages.
struct Never<'a> {
    /// As the glossary writes it.
    word: &'a str,
    /// The same, letter by letter comparable.
    folded: Vec<String>,
    /// What is said instead.
    term: &'a str,
}

/// Where such a word stands all the same.
struct Exception<'a> {
    word: &'a str,
    /// Names of texts, or of files whose texts have none; the last letter may be `*` for all that begin so.
    names: Vec<&'a str>,
}

/// No text of any page has a word that the glossary has another one for.
pub(super) fn every_page_says_it_in_the_words_of_the_glossary(
    texts: &[(String, String)],
) -> Findings {
    let glossary = text(texts, GLOSSARY);
    let exceptions = exceptions(glossary);
    let mut findings: Findings = Vec::new();
    let mut used = vec![false; exceptions.iter().map(|it| it.names.len()).sum()];
    for language in [Language::French, Language::English] {
        let never = never(glossary, language, &mut findings);
        let pages = texts.iter().filter(|(path, _)| is_of_the_product(path));
        for (path, content) in pages {
            for line in said(path, content, language) {
                // What has no name of its own goes by that of its file.
                let place = if line.name.is_empty() {
                    path.as_str()
                } else {
                    line.name
                };
                for found in wrong(&line, &never) {
                    if !is_excepted(&exceptions, found.word, place, &mut used) {
                        findings.push(format!(
                            "{path}:{}: “{}” is “{}” on pages ({GLOSSARY})",
                            line.line, found.word, found.term
                        ));
                    }
                }
            }
        }
    }
    findings.extend(idle(&exceptions, &used));
    findings
}

/// The words that are none in a language, and what is wrong with its table.
fn never<'a>(glossary: &'a str, language: Language, findings: &mut Findings) -> Vec<Never<'a>> {
    let title = match language {
        Language::French => "on pages, in French",
        Language::English => "on pages, in English",
    };
    let rows = table_rows(glossary, &[title, "what it is", "never"]);
    if rows.len() < LEAST {
        findings.push(format!(
            "{GLOSSARY}: {} terms “{title}”, there are to be {LEAST}",
            rows.len()
        ));
    }
    let mut never = Vec::new();
    for row in rows {
        let [term, meaning, words] = row.as_slice() else {
            continue;
        };
        let words: Vec<&str> = words.split(',').map(str::trim).collect();
        if meaning.is_empty() || words.iter().any(|word| word.is_empty()) {
            findings.push(format!(
                "{GLOSSARY}: “{term}” has no meaning, or no word that it stands in place of"
            ));
        }
        let words = words.into_iter().filter(|word| !word.is_empty());
        never.extend(words.map(|word| Never {
            word,
            folded: folded(word),
            term,
        }));
    }
    never
}

fn exceptions(glossary: &str) -> Vec<Exception<'_>> {
    let rows = table_rows(glossary, &WHY).into_iter();
    rows.filter_map(|row| {
        let [word, names, why] = row.as_slice() else {
            return None;
        };
        // One without a reason excepts nothing.
        (!why.is_empty()).then(|| Exception {
            word,
            names: in_backticks(names).collect(),
        })
    })
    .collect()
}

/// The words of a line that are none.
fn wrong<'a, 'b>(line: &Said<'_>, never: &'b [Never<'a>]) -> Vec<&'b Never<'a>> {
    let spoken = folded(&line.words);
    let is_said = |it: &&Never<'_>| {
        spoken
            .windows(it.folded.len())
            .any(|words| is_same(words, &it.folded))
    };
    never.iter().filter(is_said).collect()
}

fn is_same(words: &[String], wanted: &[String]) -> bool {
    words
        .iter()
        .zip(wanted)
        .all(|(word, wanted)| word.strip_prefix(wanted.as_str()).is_some_and(is_ending))
}

/// What a word may have at its end and be the same: that there are several.
fn is_ending(rest: &str) -> bool {
    matches!(rest, "" | "s" | "x" | "es")
}

/// The words of a text, in small letters. An apostrophe ends a word, so that `l’` and `d’` are words of their own;
/// a hyphen and a low line do not. Anything else between them but spaces is a word that is like no other.
fn folded(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() || matches!(letter, '-' | '_') {
            match words.last_mut().filter(|_| is_open) {
                Some(word) => word.push(letter),
                None => words.push(letter.to_string()),
            }
            is_open = true;
            continue;
        }
        is_open = false;
        if !letter.is_whitespace() && !matches!(letter, '’' | '\'') {
            words.push(letter.to_string());
        }
    }
    words
}

fn is_excepted(exceptions: &[Exception<'_>], word: &str, name: &str, used: &mut [bool]) -> bool {
    let each = exceptions
        .iter()
        .flat_map(|it| it.names.iter().map(move |known| (it.word, *known)));
    let mut is_excepted = false;
    for ((known, place), used) in each.zip(used.iter_mut()) {
        let is_there = place
            .strip_suffix('*')
            .map_or(place == name, |beginning| name.starts_with(beginning));
        if known == word && is_there {
            (*used, is_excepted) = (true, true);
        }
    }
    is_excepted
}

/// Exceptions that nothing needs.
fn idle(exceptions: &[Exception<'_>], used: &[bool]) -> Findings {
    let each = exceptions
        .iter()
        .flat_map(|it| it.names.iter().map(move |name| (it.word, *name)));
    let idle = each.zip(used).filter(|(_, used)| !**used);
    idle.map(|((word, name), _)| format!("{GLOSSARY}: no text `{name}` says “{word}”"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = "| on pages, in French | what it is | never |\n|---|---|---|\n| fournisseur d’identité | qui confirme | FI, fournisseur d’authentification |\n| courriel | un message | mail, e-mail |\n\n| on pages, in English | what it is | never |\n|---|---|---|\n| sign in | entering | log in, login |\n\n| word | stands in | because |\n|---|---|---|\n| login | `oauth-login`, `field-*` | a parameter |\n| mail | `kept` |  |\n";

    fn found(files: &[(&str, &str)]) -> Findings {
        let mut texts = vec![(GLOSSARY.to_owned(), TABLES.to_owned())];
        texts.extend(
            files
                .iter()
                .map(|(path, it)| ((*path).to_owned(), (*it).to_owned())),
        );
        let findings = every_page_says_it_in_the_words_of_the_glossary(&texts);
        let about_tables = |it: &String| it.contains("terms “on pages");
        assert_eq!(findings.iter().filter(|it| about_tables(it)).count(), 2);
        findings
            .into_iter()
            .filter(|it| !about_tables(it))
            .collect()
    }

    #[test]
    fn another_word_is_found_whatever_its_letters_number_and_elision() {
        let french = "a = Un Mail de l’e-mail\nb = Des fournisseurs d'authentification\nmail-c = Rien, { $mail }, e-mailing, FIN\n";
        let english = "oauth-login = The login hint\nfield-a = login\nb = Log\n    .what = Log in; no blog in sight, prompt=login_hint\n";
        let found = found(&[
            ("demo/texts/fr/demo.ftl", french),
            ("idp/texts/en.ftl", english),
        ]);
        let at = |line: &str, word: &str| {
            found
                .iter()
                .filter(|it| it.starts_with(line) && it.contains(&format!("“{word}” is")))
                .count()
        };
        assert_eq!(at("demo/texts/fr/demo.ftl:1:", "mail"), 1, "{found:?}");
        assert_eq!(at("demo/texts/fr/demo.ftl:1:", "e-mail"), 1, "{found:?}");
        let whole = "fournisseur d’authentification";
        assert_eq!(at("demo/texts/fr/demo.ftl:2:", whole), 1, "{found:?}");
        assert_eq!(at("idp/texts/en.ftl:4:", "log in"), 1, "{found:?}");
        assert_eq!(found.len(), 4, "{found:?}");
    }

    #[test]
    fn an_exception_that_nothing_needs_is_found_and_one_without_a_reason_is_none() {
        let found = found(&[("idp/texts/fr.ftl", "kept = Un mail\n")]);
        assert_eq!(
            found,
            [
                "idp/texts/fr.ftl:1: “mail” is “courriel” on pages (docs/glossary.md)",
                "docs/glossary.md: no text `oauth-login` says “login”",
                "docs/glossary.md: no text `field-*` says “login”",
            ]
        );
    }

    #[test]
    fn a_term_without_a_word_it_stands_in_place_of_counts_for_nothing() {
        let table = TABLES.replace("| log in, login |", "|  |");
        let texts = [(GLOSSARY.to_owned(), table)];
        let found = every_page_says_it_in_the_words_of_the_glossary(&texts);
        assert!(
            found
                .iter()
                .any(|it| it.contains("“sign in” has no meaning")),
            "{found:?}"
        );
    }

    #[test]
    fn what_tries_the_product_out_is_no_page() {
        let code = "json!({\"en\": \"Log in\"})";
        let used = ("idp/texts/en.ftl", "oauth-login = login\nfield-x = login\n");
        let outside = found(&[("integration-tests/src/a.rs", code), used]);
        assert_eq!(outside, Findings::new());
        assert_eq!(found(&[("demo/src/a.rs", code), used]).len(), 1);
    }
}
