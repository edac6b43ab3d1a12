//! Everything that touches secret keys: custody, ring and rotation, JWKS, signing, verifying,
//! encrypting, sealing, pairwise subjects and the matching index.
//!
//! Start at [`Keys`]: one cheap handle from which every other room gets what it needs. Private key
//! bytes never leave this room; what leaves are signatures, sealed bytes, hashes and public keys.

mod blind_index;
mod custody;
mod digest;
mod entropy;
mod error;
mod fold;
mod frame;
mod history_key;
mod jwe;
mod jwk;
mod jwk_end;
mod jws;
mod keys;
mod ledger_key;
mod mac;
mod master;
mod matching;
mod pairwise;
mod public;
mod ring;
mod seal;
mod secret;
mod strict_json;
#[cfg(feature = "testing")]
#[expect(
    clippy::unwrap_used,
    reason = "what a test needs and cannot get ends it"
)]
pub mod testing;
mod text_digest;
mod thumbprint;
#[cfg(test)]
mod vectors;
mod webhook_key;

pub use blind_index::{BLINDED, BlindIndex, BlindIndexKey, BlindedIdentity, NotABlindIndex};
pub use custody::{
    BlobName, Custody, CustodyError, CustodyLock, FileCustody, MemoryCustody, Pkcs11Settings,
    Pkcs11Token, SigningToken, TokenCustody, TokenKey,
};
pub use digest::{
    Sha256, client_secret_hash, first_half, half_hash, pkce_s256, same, sha256, sha256_base64url,
    sha256_of,
};
pub use entropy::{SystemEntropy, warm_up};
pub use error::KeysError;
pub use fold::fold;
pub use history_key::{HistoryKey, HistoryKeys};
pub use jwe::{DecryptionRing, EncryptionKey, EncryptionKeySet, JweRefusal, encrypt};
pub use jwk::{JwkSet, JwkSetError, VerifyingKey};
pub use jws::{
    EmbeddedKey, HmacAlg, JwsAlg, JwsRefusal, TimeRule, TypRule, Verified, VerifyPolicy, verify,
    verify_document, verify_hmac, verify_self_contained,
};
pub use keys::{Held, Keys, Rotated};
pub use ledger_key::{LedgerSigner, LedgerVerifier};
pub use mac::Mac;
pub use matching::{CanonicalIdentity, MatchingIndex};
pub use pairwise::SubjectNamespace;
pub use ring::{KeyInfo, KeyPlace, KeyRing, KeyStage, LoneKey, RotationPolicy, Typ};
pub use seal::{Sealer, Unsealable};
pub use secret::{HandedOut, HandedOutKind, TokenHash};
pub use text_digest::{NotADigest, TextDigest};
pub use thumbprint::{certificate_thumbprint, thumbprint_of};
pub use webhook_key::{NotAWebhookSecret, WebhookKey};
