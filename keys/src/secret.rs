//! Codes and tokens handed out, and the hashes by which they are found again.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::Entropy;
use zeroize::Zeroize as _;

use crate::digest::{same, sha256_of};

/// What a handed-out text is good for. The kind is hashed with the text, so that a text of one kind
/// is unknown wherever another kind is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandedOutKind {
    /// An authorization code.
    Code,
    /// An access token.
    AccessToken,
    /// A device code (RFC 8628).
    DeviceCode,
    /// An `auth_req_id` of CIBA.
    AuthReqId,
    /// A `request_uri` of PAR (RFC 9126).
    RequestUri,
    /// A registration access token (RFC 7592).
    RegistrationToken,
    /// An initial access token for registration (RFC 7591).
    InitialAccessToken,
    /// The cookie of a session.
    SessionCookie,
    /// `state` towards an upstream provider.
    UpstreamState,
    /// A link sent by mail.
    MailLink,
    /// The one-use right to fetch evidence.
    Voucher,
}

impl HandedOutKind {
    /// Stable: it is hashed, so changing it forgets what was handed out.
    const fn label(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::AccessToken => "access_token",
            Self::DeviceCode => "device_code",
            Self::AuthReqId => "auth_req_id",
            Self::RequestUri => "request_uri",
            Self::RegistrationToken => "registration_token",
            Self::InitialAccessToken => "initial_access_token",
            Self::SessionCookie => "session_cookie",
            Self::UpstreamState => "upstream_state",
            Self::MailLink => "mail_link",
            Self::Voucher => "voucher",
        }
    }
}

/// A fresh secret of 256 bits as 43 characters of base64url. It has no `Debug` and no `Display`,
/// and is wiped when dropped.
pub struct HandedOut {
    kind: HandedOutKind,
    text: String,
}

impl HandedOut {
    /// Draws one.
    pub fn fresh(entropy: &dyn Entropy, kind: HandedOutKind) -> Self {
        let mut bytes = entropy.bytes32();
        let text = URL_SAFE_NO_PAD.encode(bytes);
        bytes.zeroize();
        Self { kind, text }
    }

    /// The text to hand out.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is remembered of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.kind, &self.text)
    }
}

impl Drop for HandedOut {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

/// SHA-256 over the kind's label and the text: how a code or token rests, and its look-up key.
///
/// A plain hash suffices because what it hides has 256 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash under which `text`, presented as a `kind`, would be remembered.
    pub fn of(kind: HandedOutKind, text: &str) -> Self {
        Self(sha256_of(&[
            b"guichet handed out\0",
            kind.label().as_bytes(),
            b"\0",
            text.as_bytes(),
        ]))
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As remembered.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Whether `text`, presented as a `kind`, is the text this is the hash of; in constant time.
    pub fn is_of(&self, kind: HandedOutKind, text: &str) -> bool {
        same(&self.0, &Self::of(kind, text).0)
    }
}

impl fmt::Debug for TokenHash {
    /// A look-up key tells one token from another: it stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    #[test]
    fn a_code_is_never_found_as_a_token() {
        let code = HandedOut::fresh(&SystemEntropy, HandedOutKind::Code);
        assert_eq!(code.hash(), TokenHash::of(HandedOutKind::Code, code.text()));
        assert!(code.hash().is_of(HandedOutKind::Code, code.text()));
        assert!(!code.hash().is_of(HandedOutKind::AccessToken, code.text()));
        assert_ne!(
            code.hash(),
            TokenHash::of(HandedOutKind::RequestUri, code.text())
        );
    }

    #[test]
    fn a_secret_has_256_bits_and_is_drawn_anew() {
        let one = HandedOut::fresh(&SystemEntropy, HandedOutKind::Code);
        let other = HandedOut::fresh(&SystemEntropy, HandedOutKind::Code);
        assert_eq!(one.text().len(), 43);
        assert_ne!(one.text(), other.text());
    }

    #[test]
    fn the_hash_of_a_token_does_not_show_in_debug_output() {
        let hash = TokenHash::of(HandedOutKind::Code, "a");
        assert_eq!(format!("{hash:?}"), "TokenHash(..)");
    }
}
