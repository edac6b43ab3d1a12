//! The archive of everything the hub holds about somebody: JSON files in a ZIP, and a manifest with the digest
//! of each, signed by the hub. Whoever has the published keys verifies it, offline and for years.

use guichet_domain::Timestamp;
use guichet_keys::{
    JwkSet, JwsAlg, JwsRefusal, KeyRing, KeysError, Typ, TypRule, VerifyPolicy, sha256_base64url,
    verify_document,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::zip;

/// The name of the manifest in the archive.
const MANIFEST: &str = "manifest.jwt";

/// What an archive says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The hub.
    pub iss: String,
    /// When, in seconds.
    pub iat: i64,
    /// Its files.
    pub files: Vec<Listed>,
}

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// The SHA-256 of its bytes, base64url.
    pub sha256: String,
}

/// What is wrong with an archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveProblem {
    /// No archive of ours, or it was damaged.
    #[error("this is no archive of a citizen's account, or it was damaged")]
    NotAnArchive,
    /// There is no manifest in it that can be read.
    #[error("the manifest is missing or cannot be read")]
    NoManifest,
    /// The hub's keys do not verify its manifest.
    #[error("the hub did not sign this: {0}")]
    Signature(JwsRefusal),
    /// A file was changed.
    #[error("{0} was changed")]
    Changed(String),
    /// The manifest names a file that is not there.
    #[error("{0} is missing")]
    Missing(String),
    /// A file is there that the manifest does not name.
    #[error("{0} was added")]
    Added(String),
}

/// Packs files, signed.
pub(super) fn pack(
    ring: &KeyRing,
    issuer: &str,
    now: Timestamp,
    files: &[(String, Value)],
) -> Result<Option<Vec<u8>>, KeysError> {
    let mut writer = zip::Writer::default();
    let mut listed = Vec::new();
    for (name, content) in files {
        let bytes = match content {
            // A text, a receipt, stands as it is.
            Value::String(text) => text.clone().into_bytes(),
            json => format!("{json:#}\n").into_bytes(),
        };
        if writer.add(name, &bytes).is_none() {
            return Ok(None);
        }
        let sha256 = sha256_base64url(&bytes);
        let name = name.clone();
        listed.push(Listed { name, sha256 });
    }
    let manifest = Manifest {
        iss: issuer.to_owned(),
        iat: now.seconds(),
        files: listed,
    };
    let alg = ring.algs().first().copied().unwrap_or_default();
    let signed = ring.sign_jwt(alg, Typ::Archive, &manifest)?;
    let added = writer.add(MANIFEST, signed.as_bytes());
    Ok(added.and_then(|()| writer.finish()))
}

/// Checks an archive with the published keys of its hub; what its manifest says where every file is as it was.
pub fn verify_archive(bytes: &[u8], keys: &JwkSet) -> Result<Manifest, ArchiveProblem> {
    let files = zip::read(bytes).ok_or(ArchiveProblem::NotAnArchive)?;
    let manifest = files.iter().find(|(name, _)| name == MANIFEST);
    let text = manifest.and_then(|(_, bytes)| str::from_utf8(bytes).ok());
    let text = text.ok_or(ArchiveProblem::NoManifest)?;
    let policy = VerifyPolicy {
        algs: &JwsAlg::ALL,
        typ: TypRule::Exactly(Typ::Archive.as_str()),
    };
    let verified = verify_document(text, keys, policy, zip::LONGEST);
    let manifest = verified.and_then(guichet_keys::Verified::claims_as::<Manifest>);
    let manifest = manifest.map_err(ArchiveProblem::Signature)?;
    for listed in &manifest.files {
        let found = files.iter().find(|(name, _)| *name == listed.name);
        let (name, bytes) = found.ok_or_else(|| ArchiveProblem::Missing(listed.name.clone()))?;
        if sha256_base64url(bytes) != listed.sha256 {
            return Err(ArchiveProblem::Changed(name.clone()));
        }
    }
    let is_listed = |name: &str| manifest.files.iter().any(|listed| listed.name == name);
    let added = files
        .iter()
        .find(|(name, _)| name != MANIFEST && !is_listed(name));
    match added {
        Some((name, _)) => Err(ArchiveProblem::Added(name.clone())),
        None => Ok(manifest),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use guichet_domain::SigningAlg;
    use guichet_keys::{Keys, MemoryCustody, SystemEntropy};
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn keys() -> Keys {
        let custody = Arc::new(MemoryCustody::new());
        Keys::open(custody, Arc::new(SystemEntropy), NOW, &[SigningAlg::Es256]).unwrap()
    }

    fn published(keys: &Keys) -> JwkSet {
        JwkSet::parse(&keys.ring().jwks_for_good()).unwrap()
    }

    fn packed(keys: &Keys) -> Vec<u8> {
        let files = [
            ("about.json".to_owned(), json!({ "what": "é" })),
            ("receipts/a.jwt".to_owned(), json!("a.b.c")),
        ];
        let packed = pack(keys.ring(), "https://hub.example", NOW, &files).unwrap();
        packed.unwrap()
    }

    /// The archive with one file in another's place.
    fn with(bytes: &[u8], change: impl Fn(&str, &[u8]) -> Option<Vec<u8>>, added: bool) -> Vec<u8> {
        let mut writer = zip::Writer::default();
        for (name, content) in zip::read(bytes).unwrap() {
            if let Some(content) = change(&name, content) {
                writer.add(&name, &content).unwrap();
            }
        }
        if added {
            writer.add("more.json", b"{}").unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn an_archive_is_verified_with_the_published_keys() {
        let keys = keys();
        let manifest = verify_archive(&packed(&keys), &published(&keys)).unwrap();
        assert_eq!(manifest.iss, "https://hub.example");
        let names: Vec<&str> = manifest
            .files
            .iter()
            .map(|file| file.name.as_str())
            .collect();
        assert_eq!(names, ["about.json", "receipts/a.jwt"]);
        let text = packed(&keys);
        let files = zip::read(&text).unwrap();
        assert_eq!(files[1].1, b"a.b.c", "a receipt stands as it is");
    }

    #[test]
    fn whatever_was_changed_in_an_archive_is_named() {
        let keys = keys();
        let (bytes, published) = (packed(&keys), published(&keys));
        let same = |content: &[u8]| Some(content.to_vec());
        let problem = |bytes: &[u8]| verify_archive(bytes, &published).unwrap_err();
        let changed = with(
            &bytes,
            |name, it| {
                if name == "about.json" {
                    same(b"{}")
                } else {
                    same(it)
                }
            },
            false,
        );
        assert_eq!(
            problem(&changed),
            ArchiveProblem::Changed("about.json".into())
        );
        let without = with(
            &bytes,
            |name, it| (name != "about.json").then(|| it.to_vec()),
            false,
        );
        assert_eq!(
            problem(&without),
            ArchiveProblem::Missing("about.json".into())
        );
        let more = with(&bytes, |_, it| same(it), true);
        assert_eq!(problem(&more), ArchiveProblem::Added("more.json".into()));
        let unsigned = with(
            &bytes,
            |name, it| (name != MANIFEST).then(|| it.to_vec()),
            false,
        );
        assert_eq!(problem(&unsigned), ArchiveProblem::NoManifest);
        // What unpacks last is forged, and the first is as the manifest says.
        let mut twice = zip::Writer::default();
        for (name, content) in zip::read(&bytes).unwrap() {
            twice.add(&name, content).unwrap();
        }
        twice.add("about.json", b"{}").unwrap();
        let twice = twice.finish().unwrap();
        assert_eq!(problem(&twice), ArchiveProblem::NotAnArchive);
        assert_eq!(problem(b"PK"), ArchiveProblem::NotAnArchive);
        let others = self::keys();
        let foreign = verify_archive(&packed(&others), &published).unwrap_err();
        assert!(
            matches!(foreign, ArchiveProblem::Signature(_)),
            "{foreign:?}"
        );
    }
}
