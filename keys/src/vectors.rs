//! The published vectors of `docs/identifiers.md`: made by another program, from the prose.

use aws_lc_rs::hmac;
use guichet_domain::{IdentityClaims, PivotIdentity};
use serde::Deserialize;

use crate::matching::{CanonicalIdentity, MatchingIndex};
use crate::pairwise::{SubjectNamespace, subject};

#[derive(Deserialize)]
struct Vectors {
    matching_index: Matching,
    pairwise_subject: Pairwise,
}

#[derive(Deserialize)]
struct Matching {
    key: String,
    vectors: Vec<MatchingVector>,
}

#[derive(Deserialize)]
struct MatchingVector {
    name: String,
    given_name: String,
    family_name: String,
    birthdate: String,
    gender: String,
    birthcountry: String,
    birthplace: String,
    canonical: String,
    index: String,
}

#[derive(Deserialize)]
struct Pairwise {
    sector_key: String,
    person_id: String,
    vectors: Vec<PairwiseVector>,
}

#[derive(Deserialize)]
struct PairwiseVector {
    name: String,
    issuer: String,
    sector: String,
    namespace: String,
    sub: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../identifier-vectors.json")).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn matching_indexes_are_the_published_ones() {
    let Matching { key, vectors } = vectors().matching_index;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes(&key));
    assert!(vectors.len() >= 8);
    for vector in &vectors {
        let claims = IdentityClaims {
            given_name: Some(vector.given_name.clone()),
            family_name: Some(vector.family_name.clone()),
            birthdate: Some(vector.birthdate.clone()),
            gender: Some(vector.gender.clone()),
            birthcountry: Some(vector.birthcountry.clone()),
            birthplace: Some(vector.birthplace.clone()),
            ..IdentityClaims::default()
        };
        let identity = PivotIdentity::from_claims(&claims).ok().unwrap();
        let canonical = CanonicalIdentity::of(&identity);
        assert_eq!(
            canonical.as_bytes(),
            bytes(&vector.canonical),
            "{}",
            vector.name
        );
        let index = MatchingIndex::of(&key, &identity);
        assert_eq!(
            index.as_bytes()[..],
            bytes(&vector.index),
            "{}",
            vector.name
        );
    }
}

#[test]
fn pairwise_subjects_are_the_published_ones() {
    let pairwise = vectors().pairwise_subject;
    let key = bytes(&pairwise.sector_key);
    let person = pairwise.person_id.parse().unwrap();
    assert!(pairwise.vectors.len() >= 4);
    for vector in &pairwise.vectors {
        let namespace = match vector.namespace.as_str() {
            "service" => SubjectNamespace::Service,
            "franceconnect_service" => SubjectNamespace::FranceConnectService,
            "data_provider" => SubjectNamespace::DataProvider,
            other => panic!("no namespace: {other}"),
        };
        let sector = vector.sector.parse().unwrap();
        let subject = subject(&key, &vector.issuer, &sector, person, namespace).unwrap();
        assert_eq!(subject.as_str(), vector.sub, "{}", vector.name);
    }
}
