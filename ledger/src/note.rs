//! Checkpoints as C2SP writes them (tlog-checkpoint, signed-note): text that a person can copy and
//! any witness can check.
//!
//! ```text
//! guichet.example/ledger
//! 1024
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//!
//! — guichet.example/ledger Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q…
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_keys::{KeysError, LedgerSigner, LedgerVerifier, sha256_of};

use crate::tree::Hash;

/// Ed25519 in signed notes.
const ED25519: u8 = 1;

/// What a checkpoint says, once its signature was found to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// How many entries it covers.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// Why a text is no checkpoint of this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not in the form of a checkpoint.
    #[error("not a checkpoint: origin, size and root on a line each, an empty line, signatures")]
    Malformed,
    /// A checkpoint of another log.
    #[error("a checkpoint of another log")]
    Origin,
    /// No signature of this log's key holds.
    #[error("the checkpoint is not signed by this log's key")]
    Signature,
}

/// Whether `origin` can name a log and its key: C2SP allows no white space and no plus in a name.
pub(crate) fn is_origin(origin: &str) -> bool {
    let is_plain =
        |character: char| !character.is_whitespace() && !character.is_control() && character != '+';
    (1..=255).contains(&origin.len()) && origin.chars().all(is_plain)
}

/// Signs a checkpoint.
pub(crate) fn sign(
    signer: &LedgerSigner,
    origin: &str,
    statement: Signed,
) -> Result<String, KeysError> {
    let text = text(origin, statement);
    let mut signature = key_hash(origin, &signer.verifier()).to_vec();
    signature.extend_from_slice(&signer.sign(text.as_bytes())?);
    Ok(format!(
        "{text}\n\u{2014} {origin} {}\n",
        STANDARD.encode(signature)
    ))
}

/// Reads a checkpoint; other signatures on it (those of witnesses) are passed over.
pub fn open(note: &str, verifier: &LedgerVerifier, origin: &str) -> Result<Signed, NoteError> {
    let (body, signatures) = note.split_once("\n\n").ok_or(NoteError::Malformed)?;
    let mut lines = body.split('\n');
    let (Some(name), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(NoteError::Malformed);
    };
    let size: u64 = size.parse().map_err(|_| NoteError::Malformed)?;
    let root = STANDARD.decode(root).map_err(|_| NoteError::Malformed)?;
    let root = root.try_into().map_err(|_| NoteError::Malformed)?;
    let signed = Signed { size, root };
    if name != origin {
        return Err(NoteError::Origin);
    }
    // Says the same only if written the same: no extension lines, no leading zeros.
    let text = text(origin, signed);
    if text.strip_suffix('\n') != Some(body) {
        return Err(NoteError::Malformed);
    }
    let prefix = format!("\u{2014} {origin} ");
    let holds = signatures
        .lines()
        .filter_map(|line| STANDARD.decode(line.strip_prefix(&prefix)?).ok())
        .filter_map(|bytes| Some(bytes.strip_prefix(&key_hash(origin, verifier))?.to_vec()))
        .any(|signature| verifier.verify(text.as_bytes(), &signature));
    if holds {
        Ok(signed)
    } else {
        Err(NoteError::Signature)
    }
}

/// The log's public key as signed notes write it (`name+hash+key`), for witnesses and auditors.
pub fn verifier_key(origin: &str, verifier: &LedgerVerifier) -> String {
    let hash = u32::from_be_bytes(key_hash(origin, verifier));
    let key = [&[ED25519][..], verifier.as_bytes()].concat();
    format!("{origin}+{hash:08x}+{}", STANDARD.encode(key))
}

/// The log and the public key that a [`verifier_key`] names; `None` if its parts do not fit.
pub fn parse_verifier_key(text: &str) -> Option<(String, LedgerVerifier)> {
    let mut parts = text.splitn(3, '+');
    let (origin, _, key) = (parts.next()?, parts.next()?, parts.next()?);
    let key = STANDARD.decode(key).ok()?;
    let verifier = LedgerVerifier::from_bytes(key.strip_prefix(&[ED25519])?.try_into().ok()?);
    let is_itself = is_origin(origin) && verifier_key(origin, &verifier) == text;
    is_itself.then(|| (origin.to_owned(), verifier))
}

fn text(origin: &str, signed: Signed) -> String {
    format!(
        "{origin}\n{}\n{}\n",
        signed.size,
        STANDARD.encode(signed.root)
    )
}

fn key_hash(origin: &str, verifier: &LedgerVerifier) -> [u8; 4] {
    let hash = sha256_of(&[origin.as_bytes(), b"\n", &[ED25519], verifier.as_bytes()]);
    [hash[0], hash[1], hash[2], hash[3]]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::signer;

    const ORIGIN: &str = "guichet.example/ledger";
    const SIGNED: Signed = Signed {
        size: 1024,
        root: [7; 32],
    };

    #[test]
    fn a_signed_checkpoint_reads_back() {
        let signer = signer();
        let note = sign(&signer, ORIGIN, SIGNED).unwrap();
        assert!(note.starts_with("guichet.example/ledger\n1024\nBwcH"));
        assert_eq!(open(&note, &signer.verifier(), ORIGIN), Ok(SIGNED));
        let with_witness = format!("{note}\u{2014} witness.example AAAAAAAA\n");
        assert_eq!(open(&with_witness, &signer.verifier(), ORIGIN), Ok(SIGNED));
    }

    #[test]
    fn no_changed_character_leaves_it_signed() {
        let signer = signer();
        let note = sign(&signer, ORIGIN, SIGNED).unwrap();
        for at in (0..note.len() - 1).filter(|at| note.as_bytes()[*at].is_ascii()) {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(
                open(&changed, &signer.verifier(), ORIGIN).is_err(),
                "{changed}"
            );
        }
    }

    #[test]
    fn another_key_or_another_log_does_not_do() {
        let note = sign(&signer(), ORIGIN, SIGNED).unwrap();
        let other = signer().verifier();
        assert_eq!(open(&note, &other, ORIGIN), Err(NoteError::Signature));
        assert_eq!(open(&note, &other, "other.example"), Err(NoteError::Origin));
    }

    #[test]
    fn the_example_of_the_signed_note_specification_names_its_key_the_same() {
        // C2SP signed-note: PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
        let key: [u8; 33] = STANDARD
            .decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .unwrap()
            .try_into()
            .unwrap();
        let verifier = LedgerVerifier::from_bytes(key[1..].try_into().unwrap());
        assert_eq!(
            verifier_key("PeterNeumann", &verifier),
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        );
        let named = verifier_key("PeterNeumann", &verifier);
        let read = parse_verifier_key(&named);
        assert_eq!(read, Some(("PeterNeumann".to_owned(), verifier)));
        for changed in [
            "Peter",
            "PeterNeumann+c74f20a3",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] {
            assert_eq!(parse_verifier_key(changed), None, "{changed}");
        }
    }

    #[test]
    fn a_name_with_a_space_or_a_plus_names_no_log() {
        for name in ["", "a b", "a+b", "a\nb", &"a".repeat(256)] {
            assert!(!is_origin(name), "{name}");
        }
        assert!(is_origin(ORIGIN));
    }

    proptest! {
        #[test]
        fn garbage_is_refused(text in "\\PC{0,200}", lines in "[a-z0-9=\n]{0,100}") {
            let verifier = LedgerVerifier::from_bytes([1; 32]);
            prop_assert!(open(&text, &verifier, ORIGIN).is_err());
            prop_assert!(open(&lines, &verifier, ORIGIN).is_err());
        }
    }
}
