//! The `state` we send to a provider: which login an answer belongs to, and the secret that proves it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Entropy, LoginId};

/// `state` = the login's identifier, a point, 256 random bits as base64url. The identifier finds the
/// login; only the secret, kept in the login, makes the answer believed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct UpstreamState {
    login: LoginId,
    secret: [u8; 32],
}

impl UpstreamState {
    /// A fresh one.
    pub(crate) fn random(login: LoginId, entropy: &dyn Entropy) -> Self {
        Self {
            login,
            secret: entropy.bytes32(),
        }
    }

    /// The login it names.
    pub(crate) fn login(&self) -> LoginId {
        self.login
    }

    /// What the login keeps of it.
    pub(crate) fn digest(&self) -> StateDigest {
        StateDigest(guichet_keys::sha256(&self.secret).to_vec())
    }

    /// As it goes over the wire: 66 characters.
    pub(crate) fn to_text(&self) -> String {
        format!("{}.{}", self.login, URL_SAFE_NO_PAD.encode(self.secret))
    }

    /// Reads it back; `None` for anything we did not write.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (login, secret) = text.split_once('.')?;
        if secret.len() != 43 {
            return None;
        }
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        Some(Self {
            login: login.parse().ok()?,
            secret,
        })
    }
}

/// The hash of a state's secret.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct StateDigest(#[serde(with = "guichet_domain::id::base64url_bytes")] Vec<u8>);

impl StateDigest {
    /// Whether `state` is the one this was made from, in constant time.
    pub(crate) fn fits(&self, state: &UpstreamState) -> bool {
        guichet_keys::same(&self.0, &state.digest().0)
    }

    /// The bytes: what the replay guard remembers.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_state_comes_back_as_it_went_and_fits_its_digest_only() {
        let login = LoginId::from_bytes([7; 16]);
        let state = UpstreamState {
            login,
            secret: [1; 32],
        };
        let back = UpstreamState::parse(&state.to_text()).unwrap();
        assert_eq!(back.login(), login);
        assert!(state.digest().fits(&back));
        let other = UpstreamState {
            login,
            secret: [2; 32],
        };
        assert!(!state.digest().fits(&other));
    }

    #[test]
    fn what_we_did_not_write_is_no_state() {
        let text = UpstreamState {
            login: LoginId::from_bytes([7; 16]),
            secret: [1; 32],
        }
        .to_text();
        for other in [
            String::new(),
            ".".into(),
            text.replace('.', ""),
            format!("{text}A"),
            text[..65].to_owned(),
            format!(" {text}"),
            text.replace('.', ".."),
        ] {
            assert!(UpstreamState::parse(&other).is_none(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_has_one_spelling(text in "[A-Za-z0-9_.=-]{0,80}") {
            if let Some(state) = UpstreamState::parse(&text) {
                prop_assert_eq!(state.to_text(), text);
            }
        }

        #[test]
        fn every_state_survives_the_trip(login: [u8; 16], secret: [u8; 32]) {
            let state = UpstreamState { login: LoginId::from_bytes(login), secret };
            prop_assert!(UpstreamState::parse(&state.to_text()) == Some(state));
        }
    }
}
