//! The archive of everything the hub holds about somebody: JSON files in a ZIP, and a manifest with the digest
//! of each, signed by the hub. Whoever has the published keys verifies it, offline and for years.

use std::collections::BTreeMap;
use std::io::Read;

use guichet_domain::Timestamp;
use guichet_keys::{
    JwkSet, JwsAlg, JwsRefusal, KeyRing, KeysError, Typ, TypRule, VerifyPolicy, sha256_base64url,
    verify_document,
};
use serde::{Deserialize, Serialize};

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
    /// Where it comes from fails.
    #[error("it cannot be read: {0}")]
    Source(String),
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

impl From<zip::Unread> for ArchiveProblem {
    fn from(unread: zip::Unread) -> Self {
        match unread {
            zip::Unread::Damaged => Self::NotAnArchive,
            zip::Unread::Source(error) => Self::Source(error.to_string()),
        }
    }
}

/// Packs files one after the other, and signs what it packed. What it returns is to be sent, in this order.
#[derive(Default)]
pub(super) struct Packer {
    zip: zip::Writer,
    listed: Vec<Listed>,
}

impl Packer {
    /// A file. `None` where there is no room for it.
    pub(super) fn file(&mut self, name: String, content: &[u8]) -> Option<Vec<u8>> {
        let packed = self.pack(&name, content)?;
        let sha256 = sha256_base64url(content);
        self.listed.push(Listed { name, sha256 });
        Some(packed)
    }

    /// What comes after the last.
    pub(super) fn end(
        mut self,
        ring: &KeyRing,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, KeysError> {
        let manifest = Manifest {
            iss: issuer.to_owned(),
            iat: now.seconds(),
            files: std::mem::take(&mut self.listed),
        };
        let alg = ring.algs().first().copied().unwrap_or_default();
        let signed = ring.sign_jwt(alg, Typ::Archive, &manifest)?;
        let packed = self.pack(MANIFEST, signed.as_bytes());
        Ok(packed.and_then(|mut packed| {
            packed.append(&mut self.zip.end()?);
            Some(packed)
        }))
    }

    fn pack(&mut self, name: &str, content: &[u8]) -> Option<Vec<u8>> {
        let mut packed = self.zip.begin(name, content)?;
        packed.extend_from_slice(content);
        Some(packed)
    }
}

/// Checks an archive with the published keys of its hub, one file after the other; what its manifest says where
/// every file is as it was.
pub fn verify_archive(from: impl Read, keys: &JwkSet) -> Result<Manifest, ArchiveProblem> {
    let mut reader = zip::Reader::new(from);
    let (mut digests, mut manifest) = (BTreeMap::new(), None);
    while let Some((name, content)) = reader.next()? {
        if name == MANIFEST {
            manifest = Some(content);
        } else {
            digests.insert(name, sha256_base64url(&content));
        }
    }
    let text = manifest.and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or(ArchiveProblem::NoManifest)?;
    let policy = VerifyPolicy {
        algs: &JwsAlg::ALL,
        typ: TypRule::Exactly(Typ::Archive.as_str()),
    };
    let verified = verify_document(&text, keys, policy, zip::LONGEST);
    let manifest = verified.and_then(guichet_keys::Verified::claims_as::<Manifest>);
    let manifest = manifest.map_err(ArchiveProblem::Signature)?;
    for Listed { name, sha256 } in &manifest.files {
        match digests.remove(name) {
            Some(found) if found == *sha256 => {}
            Some(_) => return Err(ArchiveProblem::Changed(name.clone())),
            None => return Err(ArchiveProblem::Missing(name.clone())),
        }
    }
    match digests.into_keys().next() {
        Some(name) => Err(ArchiveProblem::Added(name)),
        None => Ok(manifest),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use guichet_domain::SigningAlg;
    use guichet_keys::{Keys, MemoryCustody, SystemEntropy};

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
        let mut zip = Packer::default();
        let files: [(&str, &[u8]); 2] = [("about.json", b"{}\n"), ("receipts/a.jwt", b"a.b.c")];
        let mut packed = Vec::new();
        for (name, content) in files {
            packed.extend(zip.file(name.to_owned(), content).unwrap());
        }
        let end = zip.end(keys.ring(), "https://hub.example", NOW).unwrap();
        packed.extend(end.unwrap());
        packed
    }

    fn files(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut reader = zip::Reader::new(bytes);
        std::iter::from_fn(|| reader.next().unwrap()).collect()
    }

    fn zipped<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
        let (mut writer, mut bytes) = (zip::Writer::default(), Vec::new());
        for (name, content) in files {
            bytes.extend(writer.begin(name, content).unwrap());
            bytes.extend_from_slice(content);
        }
        bytes.extend(writer.end().unwrap());
        bytes
    }

    #[test]
    fn an_archive_is_verified_with_the_published_keys() {
        let keys = keys();
        let manifest = verify_archive(&*packed(&keys), &published(&keys)).unwrap();
        assert_eq!(manifest.iss, "https://hub.example");
        let names: Vec<&str> = manifest
            .files
            .iter()
            .map(|file| file.name.as_str())
            .collect();
        assert_eq!(names, ["about.json", "receipts/a.jwt"]);
        assert_eq!(
            files(&packed(&keys))[1].1,
            b"a.b.c",
            "a receipt stands as it is"
        );
    }

    #[test]
    fn whatever_was_changed_in_an_archive_is_named() {
        let keys = keys();
        let (files, published) = (files(&packed(&keys)), published(&keys));
        let all = || {
            files
                .iter()
                .map(|(name, it)| (name.as_str(), it.as_slice()))
        };
        let without = |gone: &'static str| zipped(all().filter(move |(name, _)| *name != gone));
        let problem = |bytes: &[u8]| verify_archive(bytes, &published).unwrap_err();
        let about = || "about.json".to_owned();
        let changed = all().map(|(name, it)| match name {
            "about.json" => (name, &b"{ }"[..]),
            _ => (name, it),
        });
        assert_eq!(problem(&zipped(changed)), ArchiveProblem::Changed(about()));
        let gone = without("about.json");
        assert_eq!(problem(&gone), ArchiveProblem::Missing(about()));
        let more = zipped(all().chain([("more.json", &b"{}"[..])]));
        assert_eq!(problem(&more), ArchiveProblem::Added("more.json".into()));
        assert_eq!(problem(&without(MANIFEST)), ArchiveProblem::NoManifest);
        // What unpacks last is forged, and the first is as the manifest says.
        let twice = zipped(all().chain([("about.json", &b"{ }"[..])]));
        assert_eq!(problem(&twice), ArchiveProblem::NotAnArchive);
        assert_eq!(problem(b"PK"), ArchiveProblem::NotAnArchive);
        let others = self::keys();
        let foreign = verify_archive(&*packed(&others), &published).unwrap_err();
        assert!(
            matches!(foreign, ArchiveProblem::Signature(_)),
            "{foreign:?}"
        );
    }
}
