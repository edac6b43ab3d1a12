//! The words of the domain: what parses is written so that it parses to the same again; an identity that
//! is accepted is written as claims that say the same when they are read and written again.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use guichet_domain::{
    Acr, Amr, Claim, ClientId, ContentEncryption, CountryCode, GrantId, IdentityClaims,
    KeyManagementAlg, LoginId, PartialDate, PersonId, PivotIdentity, PlaceCode, ProviderId, Scope,
    Scopes, Sector, SessionId, SigningAlg, SubjectIdentifier,
};
use guichet_keys::CanonicalIdentity;

use crate::{Target, as_text, by_name};

pub(crate) fn target(input: &[u8]) {
    let ways: [(&str, Target); 2] = [
        ("word", |input| as_text(input, word)),
        ("identity", identity),
    ];
    by_name(input, &ways, |way, rest| way(rest));
}

fn word(text: &str) {
    survives::<Acr>(text);
    survives::<Amr>(text);
    survives::<Claim>(text);
    survives::<ClientId>(text);
    survives::<ContentEncryption>(text);
    survives::<CountryCode>(text);
    survives::<GrantId>(text);
    survives::<KeyManagementAlg>(text);
    survives::<LoginId>(text);
    survives::<PartialDate>(text);
    survives::<PersonId>(text);
    survives::<PlaceCode>(text);
    survives::<ProviderId>(text);
    survives::<Scope>(text);
    survives::<Scopes>(text);
    survives::<Sector>(text);
    survives::<SessionId>(text);
    survives::<SigningAlg>(text);
    survives::<SubjectIdentifier>(text);
}

fn survives<T>(text: &str)
where
    T: FromStr + Display + PartialEq,
    T::Err: Debug,
{
    if let Ok(value) = text.parse::<T>() {
        let again = value.to_string().parse::<T>();
        assert!(again.expect("what was written parses") == value, "{text:?}");
    }
}

/// Claims about a person: those that make an identity make the same one again.
fn identity(json: &[u8]) {
    let Ok(claims) = serde_json::from_slice::<IdentityClaims>(json) else {
        return;
    };
    let Ok(identity) = PivotIdentity::from_claims(&claims) else {
        return;
    };
    let mut written = IdentityClaims::default();
    identity.write_claims(&mut written);
    // What is unknown of a birth date is presumed when it is written; from then on it is known.
    let again = PivotIdentity::from_claims(&written).expect("what was written is read");
    let mut twice = IdentityClaims::default();
    again.write_claims(&mut twice);
    assert!(twice == written);
    assert!(!CanonicalIdentity::of(&identity).as_bytes().is_empty());
}
