//! What an attacker tries: everybody they know of, in every form a system might keep them, plain, hashed, and
//! hashed with every key that lies about.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guichet_integration_tests::hex::hex;

use super::dump::{Dump, WINDOW};
use super::{Citizen, citizen};

/// By what somebody was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// A name, a date or an address stands there.
    Plain,
    /// A hash of the identity does.
    Hash(&'static str),
    /// A hash under a key that stands there, too, or that is no secret.
    Keyed,
}

/// Everybody: the first of them sign in.
pub(super) fn dictionary() -> Vec<Citizen> {
    let families = [
        "QUELQUUNE",
        "LEFEBVRE-ROUX",
        "D'ARTAGNAN",
        "BERNARD",
        "NGUYỄN",
    ];
    let given = [
        "Élodie Marie",
        "Anne-Sophie Zoé",
        "Ange Dominique",
        "Linh Thị",
    ];
    let years = ["1985-02-14", "1978-03-00", "1969-00-00", "2001-12-31"];
    let mut people = Vec::new();
    for family in families {
        for names in given {
            for date in years {
                people.push(citizen(people.len(), family, names, date));
            }
        }
    }
    // Those who sign in differ in everything.
    people.swap(1, 21);
    people.swap(2, 42);
    people
}

/// Whether, and how, somebody is in a dump. `known` is what is no secret at all.
pub(super) fn found(who: &Citizen, dump: &Dump, known: &[String]) -> Option<Guess> {
    if plain(who).iter().any(|text| dump.contains(text.as_bytes())) {
        return Some(Guess::Plain);
    }
    let forms = forms(who);
    let hashes = [
        ("SHA-1", &digest::SHA1_FOR_LEGACY_USE_ONLY),
        ("SHA-256", &digest::SHA256),
        ("SHA-512", &digest::SHA512),
    ];
    for (name, algorithm) in hashes {
        let is_there = |form: &Vec<u8>| stands(dump, digest::digest(algorithm, form).as_ref());
        if forms.iter().any(is_there) {
            return Some(Guess::Hash(name));
        }
    }
    let guessed = [&b""[..], b"guichet", b"guichet matching index", &[0; 32]];
    let known = known.iter().map(String::as_bytes);
    let mut keys = guessed.into_iter().chain(known).chain(dump.rows());
    let opens = |key: &[u8]| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let is_there = |form: &Vec<u8>| stands(dump, hmac::sign(&key, form).as_ref());
        forms.iter().any(is_there)
    };
    keys.any(opens).then_some(Guess::Keyed)
}

/// What FranceConnect v2 keeps: the values one after another, hashed without a key.
pub(super) fn franceconnect_hash(who: &Citizen) -> Vec<u8> {
    let hash = digest::digest(&digest::SHA256, concatenated(who).as_bytes());
    STANDARD.encode(hash.as_ref()).into_bytes()
}

/// What a system keeps whose key lies beside it.
pub(super) fn keyed_hash(who: &Citizen, key: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, &framed(who)).as_ref().to_vec()
}

/// What would give somebody away as it is. A given name alone does not: it is many people's.
fn plain(who: &Citizen) -> Vec<String> {
    let family = who.text("family_name");
    let date = who.text("birthdate");
    vec![
        family.to_owned(),
        family.to_lowercase(),
        who.text("given_name").to_owned(),
        who.text("email").to_owned(),
        date.to_owned(),
        date.replace('-', ""),
    ]
}

/// Every form of an identity that a system might hash.
fn forms(who: &Citizen) -> Vec<Vec<u8>> {
    let concatenated = concatenated(who);
    let separated: Vec<String> = FIELDS.map(|claim| who.text(claim).to_owned()).into();
    vec![
        concatenated.clone().into_bytes(),
        concatenated.to_uppercase().into_bytes(),
        concatenated.to_lowercase().into_bytes(),
        separated.join("|").into_bytes(),
        separated.join(";").into_bytes(),
        framed(who),
        who.text("email").as_bytes().to_vec(),
        who.text("sub").as_bytes().to_vec(),
    ]
}

const FIELDS: [&str; 6] = [
    "given_name",
    "family_name",
    "birthdate",
    "gender",
    "birthplace",
    "birthcountry",
];

fn concatenated(who: &Citizen) -> String {
    FIELDS.map(|claim| who.text(claim)).concat()
}

/// The canonical identity of `docs/identifiers.md`, for names that fold as these do.
fn framed(who: &Citizen) -> Vec<u8> {
    let folded = |claim| {
        who.text(claim)
            .to_uppercase()
            .replace(['É', 'È'], "E")
            .replace('Ễ', "E")
            .replace('Ị', "I")
            .replace(['-', '\''], " ")
    };
    let mut bytes = Vec::new();
    let mut field = |field: &[u8]| {
        let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(field);
    };
    field(b"guichet pivot identity");
    field(&[1]);
    for claim in ["family_name", "given_name"] {
        field(folded(claim).as_bytes());
    }
    for claim in ["birthdate", "gender", "birthcountry", "birthplace"] {
        field(who.text(claim).as_bytes());
    }
    bytes
}

/// Whether the beginning of a hash stands in a dump: as bytes, in hexadecimal digits, or as base64.
fn stands(dump: &Dump, hash: &[u8]) -> bool {
    let hex = hex(&hash[..WINDOW / 2]);
    let twelve = &hash[..WINDOW / 4 * 3];
    dump.has(&hash[..WINDOW])
        || dump.has(hex.as_bytes())
        || dump.has(hex.to_uppercase().as_bytes())
        || dump.has(STANDARD.encode(twelve).as_bytes())
        || dump.has(URL_SAFE_NO_PAD.encode(twelve).as_bytes())
}
