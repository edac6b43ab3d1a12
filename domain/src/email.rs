//! E-mail addresses as far as a hub judges them: whether a text can be one at all.

/// Whether `text` has the shape of an address: a local part of 1 to 64 visible characters, one `@`, a
/// host name of several labels; 254 characters at most (RFC 5321 §4.5.3.1). Quoted local parts, which
/// nobody has, are not accepted.
pub fn is_email_address(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(is_local)
        && host.contains('.')
        && host.split('.').all(is_label)
}

fn is_local(character: char) -> bool {
    !character.is_whitespace() && !character.is_control() && !"@\"(),:;<>[\\]".contains(character)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .chars()
            .all(|character| character.is_alphanumeric() || character == '-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_that_people_have_are_accepted() {
        for text in [
            "camille@example.org",
            "camille.martin+impots@mail.example.org",
            "o'hara@example.ie",
            "élodie@exemple.fr",
            "a@bücher.example",
        ] {
            assert!(is_email_address(text), "{text}");
        }
    }

    #[test]
    fn what_reaches_nobody_or_somebody_else_is_refused() {
        for text in [
            "",
            "camille",
            "@example.org",
            "camille@",
            "camille@localhost",
            "camille@example..org",
            "camille@-example.org",
            "a b@example.org",
            "camille@example.org\r\nBcc: x@example.org",
            "camille@example.org, x@example.org",
            "<camille@example.org>",
            "a@b@example.org",
        ] {
            assert!(!is_email_address(text), "{text}");
        }
        assert!(!is_email_address(&format!(
            "{}@example.org",
            "a".repeat(65)
        )));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_judge_fall_over(text in "\\PC{0,40}") {
            let _ = is_email_address(&text);
        }
    }
}
