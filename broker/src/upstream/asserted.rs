//! What a provider asserts of a sign-in, in our words: claims about the person, level and methods. The
//! members of its answers that are not claims of ours go no further (threat N-17); its record's rules
//! say what becomes of the others.

use guichet_domain::{Amr, Claim, IdentityClaims, Provider};
use serde_json::{Map, Value};

use super::Upstream;
use super::failure::ProviderFailure;
use crate::claims_mapping::{ClaimsMapping, Input};

/// What a provider asserts.
pub(crate) struct Asserted {
    /// Of the person.
    pub(crate) claims: IdentityClaims,
    /// Of the level, in the provider's own words.
    pub(crate) acr: Option<String>,
    /// Of the methods: those known here.
    pub(crate) amr: Vec<Amr>,
}

impl Asserted {
    /// What `record` makes of the members of an ID token and of a userinfo answer, both believed.
    pub(crate) fn of(
        input: &Input<'_>,
        record: &Provider,
        mapping: &ClaimsMapping,
    ) -> Result<Self, ProviderFailure> {
        let wrong = ProviderFailure::ClaimType;
        let below = identity_claims(input.id_token).ok_or(wrong)?;
        let claims = match input.userinfo {
            Some(userinfo) => over(below, identity_claims(userinfo).ok_or(wrong)?),
            None => below,
        };
        let mut asserted = Self {
            claims,
            acr: text(input.id_token, "acr"),
            amr: record
                .amr
                .methods(&known_methods(input.id_token.get("amr"))),
        };
        let mapped = mapping.apply(input).map_err(|failure| {
            tracing::warn!(
                provider = %record.id, claim = failure.claim, reason = %failure.reason,
                "a mapping failed on what a provider said"
            );
            ProviderFailure::Mapping
        })?;
        asserted.replace(mapped).ok_or(ProviderFailure::Mapping)?;
        Ok(asserted)
    }

    /// Puts what the rules made in place of what came.
    fn replace(&mut self, mut mapped: Map<String, Value>) -> Option<()> {
        if let Some(acr) = mapped.remove("acr") {
            self.acr = acr.as_str().map(str::to_owned);
        }
        if let Some(amr) = mapped.remove("amr") {
            self.amr = known_methods(Some(&amr));
        }
        if mapped.is_empty() {
            return Some(());
        }
        // What came was verified, or not; nobody said so of an address that a rule made.
        if mapped.contains_key("email") {
            mapped.entry("email_verified").or_insert(Value::Null);
        }
        let mut claims = serde_json::to_value(&self.claims).ok()?;
        claims.as_object_mut()?.append(&mut mapped);
        self.claims = serde_json::from_value(claims).ok()?;
        Some(())
    }
}

impl Upstream {
    /// What this provider asserts by `said`, all of it believed.
    pub(crate) fn asserted(&self, said: &Input<'_>) -> Result<Asserted, ProviderFailure> {
        Asserted::of(said, &self.record, &self.mapping)
    }
}

/// The identity claims among `members`; others are dropped (threat N-17). `None` when one of them has
/// a wrong type.
pub(super) fn identity_claims(members: &Map<String, Value>) -> Option<IdentityClaims> {
    let mut known: Map<String, Value> = members
        .iter()
        .filter(|(name, value)| name.parse().is_ok_and(Claim::is_a_providers) && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    // Some providers write it as text.
    if let Some(flag) = known.get_mut("email_verified") {
        match flag.as_str() {
            Some("true") => *flag = Value::Bool(true),
            Some("false") => *flag = Value::Bool(false),
            _ => (),
        }
    }
    serde_json::from_value(Value::Object(known)).ok()
}

fn over(below: IdentityClaims, above: IdentityClaims) -> IdentityClaims {
    // The same names, together and one by one.
    let (given_name, given_name_array) = match above.given_name {
        Some(names) => (Some(names), above.given_name_array),
        None => (below.given_name, below.given_name_array),
    };
    // An address and whether it was verified belong together.
    let (email, email_verified) = match above.email {
        Some(email) => (Some(email), above.email_verified),
        None => (below.email, below.email_verified),
    };
    IdentityClaims {
        given_name,
        given_name_array,
        family_name: above.family_name.or(below.family_name),
        preferred_username: above.preferred_username.or(below.preferred_username),
        gender: above.gender.or(below.gender),
        birthdate: above.birthdate.or(below.birthdate),
        // The hub's own to say.
        idp_birthdate: None,
        idp_id: None,
        birthplace: above.birthplace.or(below.birthplace),
        birthcountry: above.birthcountry.or(below.birthcountry),
        email,
        email_verified,
        phone_number: above.phone_number.or(below.phone_number),
    }
}

/// Methods known here, each once; others are dropped.
fn known_methods(amr: Option<&Value>) -> Vec<Amr> {
    let texts = amr.and_then(Value::as_array);
    let texts = texts.into_iter().flatten().filter_map(Value::as_str);
    let mut known: Vec<Amr> = texts.filter_map(|text| text.parse().ok()).collect();
    known.sort_unstable();
    known.dedup();
    known
}

fn text(members: &Map<String, Value>, name: &str) -> Option<String> {
    members.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_a_rule_made_is_verified_where_a_rule_says_so() {
        let replaced = |mapped: Value| {
            let came = serde_json::json!({"email": "a@x", "email_verified": true});
            let mut asserted = Asserted {
                claims: identity_claims(&members(came)).unwrap(),
                acr: None,
                amr: Vec::new(),
            };
            asserted.replace(members(mapped)).unwrap();
            (asserted.claims.email, asserted.claims.email_verified)
        };
        let other = Some("b@x".to_owned());
        let flag = |mapped| replaced(mapped).1;
        assert_eq!(replaced(serde_json::json!({"email": "b@x"})), (other, None));
        assert_eq!(flag(serde_json::json!({"email": null})), None);
        let stated = serde_json::json!({"email": "b@x", "email_verified": true});
        assert_eq!(flag(stated), Some(true));
        assert_eq!(flag(serde_json::json!({"family_name": "B"})), Some(true));
    }

    fn members(json: Value) -> Map<String, Value> {
        match json {
            Value::Object(members) => members,
            _ => unreachable!("an object"),
        }
    }

    #[test]
    fn only_identity_claims_of_the_right_type_are_taken() {
        let taken = identity_claims(&members(serde_json::json!({
            "sub": "1", "given_name": "Camille", "acr": "eidas3", "groups": ["admin"], "idp_id": "x",
            "email_verified": "true", "phone_number": null,
        })));
        let taken = taken.unwrap();
        assert_eq!(
            serde_json::to_string(&taken).unwrap(),
            r#"{"given_name":"Camille","email_verified":true}"#
        );
        let wrong = identity_claims(&members(serde_json::json!({"given_name": 5})));
        assert!(wrong.is_none());
    }

    #[test]
    fn the_userinfo_answer_goes_over_the_token_and_verification_stays_with_its_address() {
        let claims = |json| identity_claims(&members(json)).unwrap();
        let below = claims(serde_json::json!({
            "given_name": "A", "family_name": "B", "email": "a@x", "email_verified": true}));
        let above = claims(serde_json::json!({"given_name": "C", "email": "c@x"}));
        let both = over(below, above);
        assert_eq!(both.given_name.as_deref(), Some("C"));
        assert_eq!(both.family_name.as_deref(), Some("B"));
        assert_eq!(both.email.as_deref(), Some("c@x"));
        assert_eq!(both.email_verified, None);
    }
}
