//! Whom the register knows. Fictional, and kept apart from what identity providers state: the
//! register is an authority of its own.

use serde::Serialize;

/// One person in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Record {
    /// Each given name by itself: one of them may hold a space.
    pub(super) given_names: &'static [&'static str],
    pub(super) family_name: &'static str,
    /// The name in use, by marriage.
    pub(super) name_in_use: Option<&'static str>,
    /// `YYYY-MM-DD`, `00` where unknown.
    pub(super) birthdate: &'static str,
    /// `F` or `M`.
    pub(super) sex: &'static str,
    /// COG code of the place; empty for a birth abroad.
    pub(super) place: &'static str,
    /// COG code of the country.
    pub(super) country: &'static str,
    /// Date of death.
    pub(super) died: Option<&'static str>,
}

/// Everybody. Paul is not among them, and of Jean there are two, neither quite the one who asks.
pub(super) const RECORDS: &[Record] = &[
    born_in_france(&["Camille", "Aimée"], "MARTIN", "F", "1990-04-12", "69383"),
    born_in_france(&["Ange"], "CASANOVA", "M", "1985-08-15", "2A004"),
    born_abroad(&["Linh"], "NGUYEN", "F", "1994-02-03", "99243"),
    born_abroad(&["Moussa"], "DIALLO", "M", "1978-03-00", "99335"),
    Record {
        name_in_use: Some("NDIAYE"),
        ..born_abroad(&["Awa"], "DIOP", "F", "1969-00-00", "99341")
    },
    born_in_france(
        &["Anne Sophie", "Zoé"],
        "LEBŒUF",
        "F",
        "1988-12-24",
        "29019",
    ),
    Record {
        died: Some("2019-01-02"),
        ..born_in_france(&["Victor"], "LEFÈVRE", "M", "1931-02-26", "59350")
    },
    born_in_france(&["Jean", "Marie"], "DUPONT", "M", "1975-06-01", "75114"),
    born_in_france(
        &["Jean", "Paul", "Louis"],
        "DUPONT",
        "M",
        "1975-06-01",
        "75115",
    ),
    born_in_france(&["Dominique"], "ROUSSEL", "F", "1979-11-03", "44109"),
    born_in_france(&["Yann"], "BERNARD", "M", "1983-05-21", "67482"),
    born_in_france(&["Inès"], "GARNIER", "F", "1981-02-17", "35238"),
    born_in_france(&["Karim"], "HADDAD", "M", "1976-09-09", "13055"),
];

const fn born_in_france(
    given_names: &'static [&'static str],
    family_name: &'static str,
    sex: &'static str,
    birthdate: &'static str,
    place: &'static str,
) -> Record {
    Record {
        given_names,
        family_name,
        name_in_use: None,
        birthdate,
        sex,
        place,
        country: "99100",
        died: None,
    }
}

const fn born_abroad(
    given_names: &'static [&'static str],
    family_name: &'static str,
    sex: &'static str,
    birthdate: &'static str,
    country: &'static str,
) -> Record {
    Record {
        place: "",
        country,
        ..born_in_france(given_names, family_name, sex, birthdate, "")
    }
}
