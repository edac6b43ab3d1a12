//! What pages say: the values of Fluent texts, what stands between the tags of a template, and the few texts that
//! code or settings hold in both languages; each with its line and its language.

use super::{has_extension, is_rust, shipped_lines};

/// A language that pages speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    French,
    English,
}

/// A line of a text as a person reads it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said<'a> {
    /// The line it stands on, counted from one.
    pub(super) line: usize,
    /// The name of its text; empty where it has none.
    pub(super) name: &'a str,
    /// The words, with a sign that is no letter in place of what is filled in.
    pub(super) words: String,
}

/// Everything that a file says in one language.
pub(super) fn said<'a>(path: &str, content: &'a str, language: Language) -> Vec<Said<'a>> {
    if has_extension(path, "ftl") {
        return if language_of(path) == language {
            values(content)
        } else {
            Vec::new()
        };
    }
    if has_extension(path, "html") {
        return between_tags(content);
    }
    if is_rust(path) || has_extension(path, "toml") {
        return in_both(content, language);
    }
    Vec::new()
}

/// A file of texts is named for its language, or lies in a folder that is.
fn language_of(path: &str) -> Language {
    let is_french = path.split(['/', '.']).any(|part| part == "fr");
    if is_french {
        Language::French
    } else {
        Language::English
    }
}

/// The values of a Fluent file: no names, no comments, nothing that is filled in. A variant begins a line of its
/// own, by the form of the house.
fn values(content: &str) -> Vec<Said<'_>> {
    let mut said = Vec::new();
    let mut name = "";
    for (index, line) in content.lines().enumerate() {
        if line.starts_with('#') {
            continue;
        }
        let is_head = !line.starts_with(' ') && !line.starts_with('}');
        let mut value = line.trim();
        if let Some((head, rest)) = line.split_once('=').filter(|(head, _)| {
            let attribute = head.trim_start().strip_prefix('.').unwrap_or(head);
            (is_head || attribute.len() < head.trim_start().len()) && is_name(attribute.trim())
        }) {
            value = rest;
            if is_head {
                name = head.trim();
            }
        } else if value.starts_with('[') || value.starts_with("*[") {
            value = value.split_once(']').map_or("", |(_, variant)| variant);
        }
        let words = without_braces(value);
        if words.chars().any(char::is_alphabetic) {
            let line = index + 1;
            said.push(Said { line, name, words });
        }
    }
    said
}

fn is_name(text: &str) -> bool {
    let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    !text.is_empty() && text.chars().all(is_part)
}

/// Without what stands in braces, which on one line may begin, end or do both.
fn without_braces(value: &str) -> String {
    let mut words = String::new();
    let mut depth = 0_usize;
    let closes_first = value.find('}').is_some_and(|end| {
        let begins = value.find('{');
        begins.is_none_or(|begin| end < begin)
    });
    let value = if closes_first {
        value.split_once('}').map_or("", |(_, rest)| rest)
    } else {
        value
    };
    for letter in value.chars() {
        match letter {
            '{' => {
                depth += 1;
                words.push(FILLED_IN);
            }
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => words.push(letter),
            _ => {}
        }
    }
    words
}

/// What a template says itself, in whatever language: nothing of its tags, its commands, or of what is code.
fn between_tags(content: &str) -> Vec<Said<'static>> {
    let mut rest = content;
    let mut line = 1;
    let mut said: Vec<Said<'static>> = Vec::new();
    while let Some(letter) = rest.chars().next() {
        let closed = BRACKETS.iter().find(|(begin, _)| rest.starts_with(begin));
        let taken = closed.map_or(letter.len_utf8(), |(_, end)| {
            rest.find(end).map_or(rest.len(), |at| at + end.len())
        });
        let (passed, after) = rest.split_at(taken);
        if closed.is_none() {
            match said.last_mut().filter(|it| it.line == line) {
                Some(last) => last.words.push(letter),
                None => said.push(Said {
                    line,
                    name: "",
                    words: letter.to_string(),
                }),
            }
        } else if let Some(last) = said.last_mut().filter(|it| it.line == line) {
            last.words.push(FILLED_IN);
        }
        line += passed.matches('\n').count();
        rest = after;
    }
    said.retain(|it| it.words.chars().any(char::is_alphabetic));
    said
}

/// Texts that code or settings hold in both languages: `"fr": "…"`, `fr = "…"`.
fn in_both(content: &str, language: Language) -> Vec<Said<'static>> {
    let tag = match language {
        Language::French => "fr",
        Language::English => "en",
    };
    let beginnings = [
        format!("\"{tag}\": \""),
        format!("{tag} = \""),
        format!("{tag}: \""),
    ];
    let mut said = Vec::new();
    for (line, content) in shipped_lines(content) {
        for beginning in &beginnings {
            for (at, found) in content.match_indices(beginning.as_str()) {
                if content[..at].ends_with(|it: char| it.is_alphanumeric() || it == '_') {
                    continue;
                }
                let rest = &content[at + found.len()..];
                let words = rest.split('"').next().unwrap_or_default().to_owned();
                said.push(Said {
                    line,
                    name: "",
                    words,
                });
            }
        }
    }
    said
}

/// What stands for a value that is filled in: no letter, so that nothing reads on over it.
const FILLED_IN: char = '\u{fffc}';
/// What a template says to the machine, by how it begins and ends; what is most comes first.
const BRACKETS: &[(&str, &str)] = &[
    ("{#", "#}"),
    ("{%", "%}"),
    ("{{", "}}"),
    ("<code", "</code>"),
    ("<pre", "</pre>"),
    ("<", ">"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, content: &str) -> Vec<(usize, String, String)> {
        let said = said(path, content, Language::English);
        let each = said.into_iter();
        each.map(|it| (it.line, it.name.to_owned(), it.words.trim().to_owned()))
            .collect()
    }

    #[test]
    fn values_are_read_without_names_comments_and_what_is_filled_in() {
        let text = "# Not this.\nlogin-title = Sign in to { $service } now\n    .what = It = all\nmany = { $n ->\n    [one] One mail\n   *[other] { $n } mails\n}. Done\nlong =\n    First line.\n";
        let filled = FILLED_IN;
        let row = |line, name: &str, words: &str| (line, name.to_owned(), words.to_owned());
        assert_eq!(
            told("idp/texts/en.ftl", text),
            [
                row(2, "login-title", &format!("Sign in to {filled} now")),
                row(3, "login-title", "It = all"),
                row(5, "many", "One mail"),
                row(6, "many", &format!("{filled} mails")),
                row(7, "many", ". Done"),
                row(9, "long", "First line."),
            ]
        );
        assert!(told("idp/texts/fr.ftl", text).is_empty());
        assert!(told("broker/texts/fr/login.ftl", text).is_empty());
    }

    #[test]
    fn a_template_says_what_stands_between_its_tags_and_is_no_code() {
        let page = "{# a login #}\n<h1 id=\"login\">{{ t(\"login\") }}</h1>\n<p>Log in <code>login</code></p>\n";
        let words: Vec<_> = told("demo/pages/a.html", page);
        assert_eq!(words.len(), 1, "{words:?}");
        assert_eq!(words[0].0, 3);
        assert!(words[0].2.contains("Log in"), "{words:?}");
    }

    #[test]
    fn texts_in_both_languages_are_found_in_code_and_settings() {
        let code =
            "let title = json!({\"fr\": \"Bon\", \"en\": \"Log in\"});\n// \"en\": \"not this\"\n";
        let found = told("demo/src/a.rs", code);
        assert_eq!(found, [(1, String::new(), "Log in".to_owned())]);
        let settings = told(
            "exchange/catalogue.toml",
            "label = { fr = \"A\", en = \"B\" }",
        );
        assert_eq!(settings, [(1, String::new(), "B".to_owned())]);
    }
}
