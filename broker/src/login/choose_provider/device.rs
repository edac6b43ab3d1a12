//! What this device is told to keep of a choice: the provider, offered first the next time and never
//! followed by itself, where the person asked for that; or nothing at all, where the device is not theirs.

use std::time::Duration;

use guichet_domain::ProviderId;
use guichet_web::{CookieLife, PageError};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::hub::Hub;

/// What a person says about the device in front of them.
pub(super) struct Device {
    /// It is not their own.
    pub(super) is_shared: bool,
    /// It is to remember their choice.
    pub(super) remembers: bool,
}

/// The cookie: the short name of a provider, which says nothing about the person.
const COOKIE: &str = "provider";

/// Half a year: most people come back for a procedure once a year, and see what they chose.
const KEPT: Duration = Duration::from_hours(24 * 180);

impl Hub {
    /// The provider this browser remembers. Anybody may have written it: it is looked up like any other
    /// choice.
    pub(super) fn remembered_provider<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        self.parts().cookies.get(headers, COOKIE)
    }

    /// What makes the browser forget it.
    pub(super) fn forget_provider(&self) -> Result<HeaderValue, PageError> {
        let cookie = self.parts().cookies.clear(COOKIE);
        cookie.map_err(|error| self.fault("make a cookie", &error))
    }

    /// What the browser that sent `headers` is told to keep of the choice of `provider`.
    pub(super) fn keep_on(
        &self,
        device: &Device,
        headers: &HeaderMap,
        provider: &ProviderId,
    ) -> Result<HeaderMap, PageError> {
        let mut kept = HeaderMap::new();
        if device.is_shared != self.is_shared_device(headers) {
            let shared = self.remember_shared_device(device.is_shared)?;
            kept.append(SET_COOKIE, shared);
        }
        if device.is_shared {
            if self.remembered_provider(headers).is_some() {
                kept.append(SET_COOKIE, self.forget_provider()?);
            }
        } else if device.remembers {
            kept.append(SET_COOKIE, self.remember_provider(provider)?);
        }
        Ok(kept)
    }

    fn remember_provider(&self, provider: &ProviderId) -> Result<HeaderValue, PageError> {
        let cookies = &self.parts().cookies;
        let cookie = cookies.set(COOKIE, provider.as_str(), CookieLife::For(KEPT));
        cookie.map_err(|error| self.fault("make a cookie", &error))
    }
}
