//! Statements about one person and everybody they were merged with: each is planned by `store`'s own test, so that
//! none reads what is of all.

use super::Findings;

/// Where the statements stand.
const SQL: &str = "store/src/durable/sql/";
/// How one begins; written apart so that this file does not find itself.
const ABOUT_KIN: &str = concat!(": &str = with_", "kin!(");

/// Each such statement stands in its file's `OF_A_PERSON`, and each file with one in `plans.rs`.
pub(super) fn every_statement_about_a_person_is_planned(texts: &[(String, String)]) -> Findings {
    let plans = texts
        .iter()
        .find(|(path, _)| path.strip_prefix(SQL) == Some("plans.rs"))
        .map_or("", |(_, content)| content);
    let mut findings = Findings::new();
    for (path, content) in texts {
        let Some(module) = path.strip_prefix(SQL).and_then(|it| it.strip_suffix(".rs")) else {
            continue;
        };
        let statements: Vec<&str> = content.lines().filter_map(statement).collect();
        if statements.is_empty() {
            continue;
        }
        let listed = listed(content);
        for statement in statements.iter().filter(|it| !listed.contains(it)) {
            findings.push(format!("{path}: `{statement}` is not in `OF_A_PERSON`"));
        }
        if !plans.contains(&format!("super::{module}::OF_A_PERSON")) {
            findings.push(format!("{path}: plans.rs does not plan its `OF_A_PERSON`"));
        }
    }
    findings
}

/// The name of the statement that a line begins.
fn statement(line: &str) -> Option<&str> {
    let (head, _) = line.split_once(ABOUT_KIN)?;
    head.rsplit(' ').next()
}

/// The names in a file's list.
fn listed(content: &str) -> Vec<&str> {
    let list = content.split_once("OF_A_PERSON: &[&str] =");
    let list = list
        .and_then(|(_, rest)| rest.split_once(';'))
        .map_or("", |(list, _)| list);
    list.split(|it: char| !it.is_ascii_alphanumeric() && it != '_')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_in_no_list_and_a_list_that_nobody_plans_are_found() {
        let file = |name: &str, content: &str| (format!("{SQL}{name}.rs"), content.to_owned());
        let one = format!(
            "const FIND{ABOUT_KIN}\"\");\nconst LOST{ABOUT_KIN}\"\");\nconst OF_A_PERSON: &[&str] = &[FIND];\n"
        );
        let two =
            format!("const SEEN{ABOUT_KIN}\"\");\nconst OF_A_PERSON: &[&str] =\n    &[SEEN];\n");
        let texts = [
            file("one", &one),
            file("two", &two),
            file("plans", "super::one::OF_A_PERSON"),
        ];
        let found = every_statement_about_a_person_is_planned(&texts);
        assert_eq!(
            found,
            [
                format!("{SQL}one.rs: `LOST` is not in `OF_A_PERSON`"),
                format!("{SQL}two.rs: plans.rs does not plan its `OF_A_PERSON`"),
            ]
        );
    }
}
