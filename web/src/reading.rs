//! How somebody wants to read: in easy language, in large type. A link chooses it, a cookie remembers it, and
//! every page of every instance of the host follows.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// What somebody chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Short sentences, one idea each (easy to read; in French FALC), where a page has them.
    pub easy: bool,
    /// Larger letters.
    pub large: bool,
}

impl Reading {
    /// The name of the cookie that remembers it. It is no secret.
    pub const COOKIE: &'static str = "guichet-reading";

    /// What a browser says that it chose earlier.
    pub fn of(headers: &HeaderMap) -> Self {
        let chosen = crate::cookies::read_one(headers.get_all(COOKIE), Self::COOKIE);
        chosen.map_or_else(Self::default, Self::of_words)
    }

    /// The same by its words, `easy`, `large` or `easy-large`; anything else is nothing chosen.
    pub(crate) fn of_words(words: &str) -> Self {
        let has = |wanted: &str| words.split('-').any(|word| word == wanted);
        Self {
            easy: has("easy"),
            large: has("large"),
        }
    }

    /// Its words.
    pub(crate) const fn words(self) -> &'static str {
        match (self.easy, self.large) {
            (true, true) => "easy-large",
            (true, false) => "easy",
            (false, true) => "large",
            (false, false) => "full",
        }
    }

    /// The `Set-Cookie` value that remembers it for a year.
    pub(crate) fn remember(self, secure: bool) -> Option<HeaderValue> {
        let (name, words) = (Self::COOKIE, self.words());
        let secure = if secure { "; Secure" } else { "" };
        let cookie =
            format!("{name}={words}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(cookie).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_remembered_and_nonsense_is_nothing_chosen() {
        for reading in [(true, true), (true, false), (false, true), (false, false)] {
            let (easy, large) = reading;
            let reading = Reading { easy, large };
            let mut headers = HeaderMap::new();
            let cookie = format!("a=b; {}={}", Reading::COOKIE, reading.words());
            headers.insert(COOKIE, cookie.parse().unwrap());
            assert_eq!(Reading::of(&headers), reading);
        }
        assert_eq!(Reading::of_words("<script>"), Reading::default());
        assert_eq!(Reading::of(&HeaderMap::new()), Reading::default());
        let cookie = Reading::default().remember(true).unwrap();
        assert!(cookie.to_str().unwrap().ends_with("; Secure"));
    }
}
