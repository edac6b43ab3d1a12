//! Names of some places and countries by their COG code: a courtesy, not a gazetteer. Where a code has
//! no name here, pages show the code.

use guichet_web::Locale;

/// The name of a French place.
pub(super) fn place(code: &str) -> Option<&'static str> {
    let borough = |prefix: &str, city: &[&'static str]| {
        let number: usize = code.strip_prefix(prefix)?.parse().ok()?;
        city.get(number.checked_sub(1)?).copied()
    };
    borough("751", &PARIS)
        .or_else(|| borough("6938", &LYON))
        .or_else(|| {
            PLACES
                .iter()
                .find(|(known, _)| *known == code)
                .map(|(_, name)| *name)
        })
}

/// The name of a country.
pub(super) fn country(code: &str, locale: Locale) -> Option<&'static str> {
    let (_, french, english) = COUNTRIES.iter().find(|(known, ..)| *known == code)?;
    Some(match locale {
        Locale::French => french,
        Locale::English => english,
    })
}

const PARIS: [&str; 20] = [
    "Paris 1er",
    "Paris 2e",
    "Paris 3e",
    "Paris 4e",
    "Paris 5e",
    "Paris 6e",
    "Paris 7e",
    "Paris 8e",
    "Paris 9e",
    "Paris 10e",
    "Paris 11e",
    "Paris 12e",
    "Paris 13e",
    "Paris 14e",
    "Paris 15e",
    "Paris 16e",
    "Paris 17e",
    "Paris 18e",
    "Paris 19e",
    "Paris 20e",
];

const LYON: [&str; 9] = [
    "Lyon 1er", "Lyon 2e", "Lyon 3e", "Lyon 4e", "Lyon 5e", "Lyon 6e", "Lyon 7e", "Lyon 8e",
    "Lyon 9e",
];

const PLACES: [(&str, &str); 22] = [
    ("06088", "Nice"),
    ("13055", "Marseille"),
    ("21231", "Dijon"),
    ("25056", "Besançon"),
    ("29019", "Brest"),
    ("2A004", "Ajaccio"),
    ("2B033", "Bastia"),
    ("31555", "Toulouse"),
    ("33063", "Bordeaux"),
    ("34172", "Montpellier"),
    ("35238", "Rennes"),
    ("38185", "Grenoble"),
    ("44109", "Nantes"),
    ("54395", "Nancy"),
    ("59350", "Lille"),
    ("63113", "Clermont-Ferrand"),
    ("67482", "Strasbourg"),
    ("69123", "Lyon"),
    ("75056", "Paris"),
    ("76540", "Rouen"),
    ("87085", "Limoges"),
    ("97411", "Saint-Denis"),
];

const COUNTRIES: [(&str, &str, &str); 20] = [
    ("99100", "France", "France"),
    ("99109", "Allemagne", "Germany"),
    ("99127", "Italie", "Italy"),
    ("99131", "Belgique", "Belgium"),
    ("99132", "Royaume-Uni", "United Kingdom"),
    ("99134", "Espagne", "Spain"),
    ("99137", "Luxembourg", "Luxembourg"),
    ("99139", "Portugal", "Portugal"),
    ("99140", "Suisse", "Switzerland"),
    ("99216", "Chine", "China"),
    ("99243", "Viêt Nam", "Vietnam"),
    ("99326", "Côte d’Ivoire", "Ivory Coast"),
    ("99335", "Mali", "Mali"),
    ("99341", "Sénégal", "Senegal"),
    ("99350", "Maroc", "Morocco"),
    ("99351", "Tunisie", "Tunisia"),
    ("99352", "Algérie", "Algeria"),
    ("99401", "Canada", "Canada"),
    ("99404", "États-Unis", "United States"),
    ("99416", "Brésil", "Brazil"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boroughs_are_named_and_what_is_no_borough_is_not() {
        assert_eq!(place("69383"), Some("Lyon 3e"));
        assert_eq!(place("75101"), Some("Paris 1er"));
        assert_eq!(place("75120"), Some("Paris 20e"));
        assert_eq!(place("2A004"), Some("Ajaccio"));
        for code in ["75100", "75121", "69380", "751", "", "99999"] {
            assert_eq!(place(code), None, "{code}");
        }
    }

    #[test]
    fn names_stand_in_the_order_of_their_codes_once_each() {
        assert!(PLACES.is_sorted_by(|one, other| one.0 < other.0));
        assert!(COUNTRIES.is_sorted_by(|one, other| one.0 < other.0));
    }
}
