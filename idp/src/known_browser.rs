//! Browsers that signed in to an account before: strangers who try its password do not lock them out
//! (threat N-58). Being known opens nothing; it only gives a browser a counter of its own.

use guichet_domain::{Entropy, Sealed};
use guichet_keys::Sealer;
use guichet_web::{CookieError, CookieLife, Cookies};
use http::{HeaderMap, HeaderValue};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::throttle::Trier;

/// The cookie `known`: a random number, sealed for the account it is about.
pub(crate) struct KnownBrowsers {
    sealer: Sealer,
}

impl KnownBrowsers {
    pub(crate) fn new(sealer: Sealer) -> Self {
        Self { sealer }
    }

    /// How tries of `account` by this browser are counted.
    pub(crate) fn trier(
        &self,
        cookies: &Cookies,
        headers: &HeaderMap,
        account: &[u8; 32],
    ) -> Trier {
        self.number(cookies, headers, account)
            .map_or(Trier::Stranger, Trier::Known)
    }

    /// The cookie after a sign-in to `account`; `None` when the browser has it already, or when it
    /// cannot be made: the sign-in does not depend on it.
    pub(crate) fn remember(
        &self,
        cookies: &Cookies,
        headers: &HeaderMap,
        account: &[u8; 32],
        entropy: &dyn Entropy,
    ) -> Option<HeaderValue> {
        if self.number(cookies, headers, account).is_some() {
            return None;
        }
        let sealed = self.sealer.seal(account, &entropy.bytes16()).ok()?;
        let value = URL_SAFE_NO_PAD.encode(sealed.as_bytes());
        let cookie: Result<_, CookieError> = cookies.set(COOKIE, &value, CookieLife::For(LIFETIME));
        cookie.ok()
    }

    fn number(
        &self,
        cookies: &Cookies,
        headers: &HeaderMap,
        account: &[u8; 32],
    ) -> Option<[u8; 16]> {
        let sealed = URL_SAFE_NO_PAD.decode(cookies.get(headers, COOKIE)?).ok()?;
        let opened = self
            .sealer
            .open(account, &Sealed::from_bytes(sealed))
            .ok()?;
        opened.try_into().ok()
    }
}

const COOKIE: &str = "known";
const LIFETIME: Duration = Duration::from_hours(180 * 24);
