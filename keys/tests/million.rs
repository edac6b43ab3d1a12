//! A million people, alike in every way that two people can be: no two have one matching index, and each
//! is found again however their names are written.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot make its people ends"
)]

use std::sync::Arc;

use guichet_domain::{IdentityClaims, PivotIdentity, Timestamp};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy};

const PEOPLE: usize = 1_000_000;

#[test]
fn no_two_of_a_million_people_are_one_and_none_is_two() {
    let keys = keys();
    let halves = std::thread::scope(|scope| {
        let halves = [0..PEOPLE / 2, PEOPLE / 2..PEOPLE];
        let indexing = halves.map(|half| {
            let keys = keys.clone();
            scope.spawn(move || half.map(|number| index(&keys, number)).collect::<Vec<_>>())
        });
        indexing.map(|half| half.join().unwrap())
    });
    let mut indexes = halves.concat();
    assert_eq!(indexes.len(), PEOPLE);
    indexes.sort_unstable();
    indexes.dedup();
    assert_eq!(
        indexes.len(),
        PEOPLE,
        "somebody was taken for somebody else"
    );
}

/// The index of a person; one in seventeen, which is in step with no name or date, is looked for by
/// another spelling, too.
fn index(keys: &Keys, number: usize) -> [u8; 32] {
    let person = Person::number(number);
    let index = *keys
        .matching_index(&person.identity(str::to_owned))
        .as_bytes();
    if number.is_multiple_of(17) {
        let again = keys.matching_index(&person.identity(respelled));
        assert_eq!(
            *again.as_bytes(),
            index,
            "person {number} was not found again"
        );
    }
    index
}

/// One for each family name, given name, date and place there is; gender goes along.
struct Person {
    family_name: String,
    given_names: String,
    birthdate: &'static str,
    place: (&'static str, &'static str),
    gender: &'static str,
}

impl Person {
    fn number(number: usize) -> Self {
        let mut rest = number;
        let mut next = || {
            let digit = rest % 10;
            rest /= 10;
            digit
        };
        let (family, given) = ([next(), next()], [next(), next()]);
        Self {
            family_name: format!("{}{}", STEMS[family[0]], ENDINGS[family[1]]),
            given_names: format!("{} {}", FIRST[given[0]], SECOND[given[1]]),
            birthdate: DATES[next()],
            place: PLACES[next()],
            gender: ["female", "male", "unspecified"][number % 3],
        }
    }

    fn identity(&self, spelled: impl Fn(&str) -> String) -> PivotIdentity {
        let claims = IdentityClaims {
            family_name: Some(spelled(&self.family_name)),
            given_name: Some(spelled(&self.given_names)),
            birthdate: Some(self.birthdate.to_owned()),
            gender: Some(self.gender.to_owned()),
            birthcountry: Some(self.place.0.to_owned()),
            birthplace: Some(self.place.1.to_owned()),
            ..IdentityClaims::default()
        };
        PivotIdentity::from_claims(&claims).ok().unwrap()
    }
}

/// As another clerk writes it: small letters, no ligatures, spaces for hyphens, another apostrophe.
fn respelled(name: &str) -> String {
    name.to_lowercase()
        .replace('œ', "oe")
        .replace('-', "  ")
        .replace('\'', "\u{2019}")
        .replace('é', "e\u{301}")
}

// Letters that could be the end of one name or the beginning of the next stand on both sides.
const STEMS: [&str; 10] = [
    "MART", "LEGR", "D'ARC", "BERN", "NGUY", "ÉLO", "ŒUV", "SAINT-", "O'N", "VAN ",
];
const ENDINGS: [&str; 10] = [
    "IN", "INE", "I", "ON", "EAU", "AND", "É", "A B", "YEN", "EZ",
];
const FIRST: [&str; 10] = [
    "CAMILLE",
    "CLAUDE",
    "JEAN",
    "MARIE",
    "ANNE-SOPHIE",
    "LINH",
    "E",
    "NE CAMILLE",
    "IN CLAUDE",
    "B",
];
const SECOND: [&str; 10] = [
    "", "AIMÉE", "LOUIS", "LOUISE", "MARIE", "JEAN", "A", "BEN", "Zoé", "ŒNONE",
];
const DATES: [&str; 10] = [
    "1978-03-14",
    "1978-03-00",
    "1978-00-00",
    "1978-03-01",
    "1978-01-01",
    "1987-03-14",
    "1978-12-31",
    "2000-02-29",
    "1969-00-00",
    "1969-01-01",
];
const PLACES: [(&str, &str); 10] = [
    ("99100", "75056"),
    ("99100", "69383"),
    ("99100", "2A004"),
    ("99100", "2B004"),
    ("99100", "20004"),
    ("99100", "97411"),
    ("99100", "01001"),
    ("99243", ""),
    ("99244", ""),
    ("99352", ""),
];

fn keys() -> Keys {
    let custody = Arc::new(MemoryCustody::new());
    let now = Timestamp::from_seconds(1);
    Keys::open(custody, Arc::new(SystemEntropy), now, &[]).unwrap()
}
