//! The strict search: the same person to the letter, the same person but for spelling, somebody
//! near, or nobody.

use guichet_domain::Gender;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::answer::Answer;
use super::question::Question;
use super::records::Record;

/// What the register answers.
pub(super) fn search(question: &Question, records: &'static [Record]) -> Answer {
    let asked = Folded {
        family_name: fold(&question.family_name),
        given_names: fold(&question.given_names),
    };
    let same_birth = |record: &&Record| {
        is_of_sex(record, question.gender)
            && record.birthdate == question.birthdate.to_string()
            && place(record) == question.place
    };
    let same_given = |record: &&Record| fold(&record.given_names.join(" ")) == asked.given_names;
    let candidates: Vec<&Record> = records
        .iter()
        .filter(same_birth)
        .filter(same_given)
        .collect();
    if let Some(record) = candidates
        .iter()
        .find(|r| fold(r.family_name) == asked.family_name)
    {
        return found(question, record);
    }
    let married =
        |record: &&Record| record.name_in_use.map(fold).as_ref() == Some(&asked.family_name);
    if candidates.iter().any(married) {
        return Answer::MarriedNameOnly;
    }
    match records
        .iter()
        .filter(|record| comes_near(record, question, &asked))
        .count()
    {
        0 => Answer::NotFound,
        1 => Answer::OneNearMatch,
        _ => Answer::SeveralNearMatches,
    }
}

struct Folded {
    family_name: String,
    given_names: String,
}

fn found(question: &Question, record: &'static Record) -> Answer {
    let to_the_letter = record.family_name == question.family_name
        && record.given_names.join(" ") == question.given_names
        && question.gender != Gender::Unspecified;
    if to_the_letter {
        Answer::Identical(record)
    } else {
        Answer::Corrected(record)
    }
}

/// The same name, first given name and date of birth.
fn comes_near(record: &Record, question: &Question, asked: &Folded) -> bool {
    let first = record
        .given_names
        .first()
        .copied()
        .map(fold)
        .unwrap_or_default();
    fold(record.family_name) == asked.family_name
        && record.birthdate == question.birthdate.to_string()
        && asked.given_names.split(' ').next() == first.split(' ').next()
}

fn is_of_sex(record: &Record, gender: Gender) -> bool {
    match gender {
        Gender::Female => record.sex == "F",
        Gender::Male => record.sex == "M",
        Gender::Unspecified => true,
    }
}

fn place(record: &Record) -> &'static str {
    if record.place.is_empty() {
        record.country
    } else {
        record.place
    }
}

/// Upper case without accents and ligatures; whatever is no letter is a single space.
fn fold(text: &str) -> String {
    let letters = text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_uppercase);
    let plain = letters.fold(String::new(), |mut plain, c| {
        match c {
            'Œ' => plain.push_str("OE"),
            'Æ' => plain.push_str("AE"),
            c if c.is_alphabetic() => plain.push(c),
            _ => plain.push(' '),
        }
        plain
    });
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spelling_does_not_count_when_folded() {
        assert_eq!(fold("Lebœuf"), "LEBOEUF");
        assert_eq!(fold(" Anne-Sophie  Zoé "), "ANNE SOPHIE ZOE");
        assert_eq!(fold("D’Été"), "D ETE");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in ".{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
