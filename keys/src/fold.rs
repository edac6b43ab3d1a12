//! Names folded so that spelling habits do not split a person in two: table version 1.
//!
//! Only what this table lists is folded, so that distinct names stay distinct. A change of the table
//! is a new version beside this one, never an edit: stored indexes were made with it.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;

/// The version in the canonical bytes.
pub(crate) const TABLE_VERSION: u8 = 1;

/// Letters that Unicode does not decompose, and what civil registers write for them. Looked up after
/// upper-casing (so `ß` has already become `SS`) and decomposition.
const LETTERS: &[(char, &str)] = &[
    ('Æ', "AE"),
    ('Œ', "OE"),
    ('ẞ', "SS"),
    ('Ø', "O"),
    ('Đ', "D"),
    ('Ð', "D"),
    ('Ł', "L"),
    ('Ħ', "H"),
    ('Ŧ', "T"),
    ('Þ', "TH"),
];

/// The canonical spelling of a name.
///
/// 1. NFC, upper case by Unicode's default mapping, canonical decomposition.
/// 2. The letters that do not decompose are replaced by what registers write for them; combining marks
///    U+0300 to U+036F after a letter A to Z are dropped.
/// 3. Hyphens, apostrophes, full stops, commas and white space become one space; invisible
///    characters (soft hyphen, zero-width) are dropped; no space at either end.
/// 4. Whatever else there is stays, in NFC.
pub fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    let mut after_latin = false;
    let mut pending_space = false;
    for character in name.nfc().flat_map(char::to_uppercase).nfd() {
        if is_invisible(character) || (after_latin && is_dropped_mark(character)) {
            continue;
        }
        if is_separator(character) {
            pending_space = !folded.is_empty();
            after_latin = false;
            continue;
        }
        if pending_space {
            folded.push(' ');
            pending_space = false;
        }
        let replacement = LETTERS.iter().find(|(letter, _)| *letter == character);
        match replacement {
            Some((_, text)) => folded.push_str(text),
            None => folded.push(character),
        }
        // A mark that was kept does not end the letter it stands on.
        after_latin = replacement.is_some()
            || character.is_ascii_uppercase()
            || (after_latin && canonical_combining_class(character) != 0);
    }
    folded.nfc().collect()
}

const fn is_dropped_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

/// Hyphens and dashes, apostrophes and what is typed for them, full stop, comma, white space.
const fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '-' | '\u{2010}'
                ..='\u{2015}'
                    | '\u{2212}'
                    | '\''
                    | '`'
                    | '\u{b4}'
                    | '\u{2bc}'
                    | '\u{2018}'
                    | '\u{2019}'
                    | '\u{2032}'
                    | '.'
                    | ','
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spelling_habits_fold_together() {
        for (name, folded) in [
            ("Anne-Sophie", "ANNE SOPHIE"),
            ("anne  sophie ", "ANNE SOPHIE"),
            ("D\u{2019}Artagnan", "D ARTAGNAN"),
            ("L'Hôpital-Saint-Cœur", "L HOPITAL SAINT COEUR"),
            ("Æsop", "AESOP"),
            ("Weiß", "WEISS"),
            ("WEIẞ", "WEISS"),
            ("Ngọc Ánh Đặng", "NGOC ANH DANG"),
            ("Ünsal Çelik", "UNSAL CELIK"),
            ("Łukasz", "LUKASZ"),
            ("J. R", "J R"),
            ("ne\u{ad}mo", "NEMO"),
        ] {
            assert_eq!(fold(name), folded);
        }
    }

    #[test]
    fn distinct_names_stay_distinct() {
        for (one, other) in [
            ("DARTAGNAN", "D'ARTAGNAN"),
            ("MARTIN", "MARTINE"),
            ("ИЙ", "ИИ"),
            ("LE GOFF", "LEGOFF"),
            ("OE", "O"),
        ] {
            assert_ne!(fold(one), fold(other));
        }
    }

    proptest! {
        #[test]
        fn normal_forms_and_case_do_not_count(name in "[a-zA-ZàâäéèêëîïôöùûüÿçœæßñÀÉÔđĐłŁ' -]{0,40}") {
            let nfd: String = name.nfd().collect();
            let nfc: String = name.nfc().collect();
            prop_assert_eq!(fold(&nfd), fold(&nfc));
            prop_assert_eq!(fold(&name.to_uppercase()), fold(&name));
        }

        #[test]
        fn folding_twice_changes_nothing_more(name in "\\PC{0,40}") {
            let once = fold(&name);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn a_french_name_becomes_plain_letters(name in "[a-zàâäéèêëîïôöùûüÿçœæ' -]{1,40}") {
            let folded = fold(&name);
            prop_assert!(folded.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b' '));
            prop_assert!(!folded.contains("  ") && folded.trim() == folded);
        }
    }
}
