//! Tokens of forms as the hub makes them, by the hub's own key: nobody outside holds one for a thing of somebody
//! else, and so nobody outside ever gets as far as the second check, whose thing it is. With these a test does.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_integration_tests::{Demo, HttpCitizen};

/// What the tokens of the account's forms are made with.
pub(super) struct Mint(hmac::Key);

impl Mint {
    /// That of a running demo.
    pub(super) fn of(demo: &Demo) -> Result<Self> {
        let file = demo.database().with_file_name("keys").join("master");
        let text = fs::read_to_string(file)?;
        let secret = text.trim().strip_prefix("guichet-master-1:");
        let secret = URL_SAFE_NO_PAD.decode(secret.context("another master secret")?)?;
        // HKDF-SHA-256 (RFC 5869), one block of it.
        let extracted = mac(&key(b"guichet 2026 master secret"), &[&secret]);
        let purpose: [&[u8]; 2] = [b"guichet derive: portal-csrf", &[1]];
        Ok(Self(key(&mac(&key(&extracted), &purpose))))
    }

    /// The token that a browser would be given for a form about `subject`.
    pub(super) fn token(&self, browser: &HttpCitizen, form: &str, subject: &str) -> Result<String> {
        let cookies = browser.cookies();
        let cookie = cookies.iter().find(|(name, _)| name == "hub-browser");
        let (_, cookie) = cookie.context("no browser of the hub's")?;
        let browser = URL_SAFE_NO_PAD.decode(cookie)?;
        ensure!(browser.len() == 16, "another cookie: {cookie}");
        let mut message = b"guichet form 1".to_vec();
        for field in [browser.as_slice(), form.as_bytes(), subject.as_bytes()] {
            message.extend(u64::try_from(field.len())?.to_be_bytes());
            message.extend(field);
        }
        Ok(URL_SAFE_NO_PAD.encode(mac(&self.0, &[&message])))
    }
}

fn key(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

fn mac(key: &hmac::Key, parts: &[&[u8]]) -> Vec<u8> {
    hmac::sign(key, &parts.concat()).as_ref().to_vec()
}
