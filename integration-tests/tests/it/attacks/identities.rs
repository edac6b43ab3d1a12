//! Somebody has every record of the hub and a list of everybody in the country: whom do they find? And two
//! services and a data provider lay what they received side by side: whom do they have in common?

mod dump;
mod guesses;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::servers::Redis;
use guichet_integration_tests::{Hands as _, MockProvider, RawClient};
use serde_json::{Value, json};

use crate::interop::deployment::{Deployment, SignedIn, finish, sign_in};
use dump::Dump;
use guesses::{Guess, dictionary};

#[tokio::test]
async fn a_dump_of_every_store_and_a_list_of_everybody_recover_nobody() -> Result<()> {
    let redis = Redis::start().await?;
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    deployment.short_lived = redis.url();
    let mut node = deployment.start().await?;
    let everybody = dictionary();
    // Sessions, consents, subjects, ledger entries; and one login that stays open.
    for citizen in everybody.iter().take(3) {
        provider.present(citizen.claims.clone());
        sign_in(&service, &deployment.issuer, &provider).await?;
    }
    let attempt = service.attempt(&deployment.issuer)?;
    let mut citizen = service.citizen();
    citizen
        .visit(&attempt.url())
        .choose(&provider.button())
        .await?;

    let mut dump = Dump::of_redis(&redis)?;
    assert!(dump.records() > 5, "the sessions and the login are there");
    node.process.terminate().await?;
    dump.add_sqlite(&deployment.database())?;
    let known = [
        deployment.issuer.clone(),
        service.client_id.clone(),
        service.client_secret.clone(),
    ];
    for citizen in &everybody {
        let found = guesses::found(citizen, &dump, &known);
        assert_eq!(found, None, "{}", citizen.claims);
    }

    // The same attack finds what FranceConnect v2 keeps, and a hash whose key is in the database.
    let victim = &everybody[1];
    let mut careless = dump.clone();
    careless.add_row(&guesses::franceconnect_hash(victim));
    let found = guesses::found(victim, &careless, &known);
    assert_eq!(found, Some(Guess::Hash("SHA-256")));
    let mut careless = dump.clone();
    careless.add_row(&guesses::keyed_hash(victim, b"a key beside the lock"));
    careless.add_row(b"a key beside the lock");
    assert_eq!(
        guesses::found(victim, &careless, &known),
        Some(Guess::Keyed)
    );
    let mut careless = dump;
    careless.add_row(b"...BERNARD...");
    let bernard = everybody
        .iter()
        .find(|one| one.claims["family_name"] == "BERNARD");
    let found = guesses::found(bernard.context("nobody is called so")?, &careless, &known);
    assert_eq!(found, Some(Guess::Plain));
    Ok(())
}

#[tokio::test]
async fn what_two_services_and_a_data_provider_received_has_nobody_in_common() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let (one, other) = (RawClient::new("one"), RawClient::new("other"));
    let keeper = RawClient::new("famille");
    let mut deployment = Deployment::new(&[&one, &other, &keeper], &[&provider])?;
    for client in &mut deployment.clients {
        client["scope"] = format!("openid {DATA}").into();
    }
    deployment.further = format!(
        "[[resources]]\nidentifier = \"{RESOURCE}\"\nscopes = [\"{DATA}\"]\nclients = [\"famille\"]\n"
    );
    let _node = deployment.start().await?;
    let mut camille = someone();
    camille["sub"] = "camille".into();
    camille["given_name"] = "Camille".into();
    let mut held = Vec::new();
    for citizen in [someone(), camille] {
        provider.present(citizen);
        let (mut visits, mut received) = (Vec::new(), Vec::new());
        let mut of_keeper = Values::new();
        for service in [&one, &other] {
            let (mut first, mut second) = (Values::new(), Values::new());
            let plain = sign_in_without(service, &deployment, &provider).await?;
            collect(&plain.tokens.json, &mut first);
            collect(&plain.userinfo.json, &mut first);
            collect(&claims_of(plain.tokens.text("id_token"))?, &mut first);
            let token = token_for_data(service, &deployment, &provider, &mut second).await?;
            let answer = keeper.introspect(&deployment.issuer, &token).await?;
            assert_eq!(answer.json["active"], true, "{}", answer.body);
            collect(&answer.json, &mut of_keeper);
            received.push(&first | &second);
            visits.push((first, second, json!(plain.sub()).to_string()));
        }
        received.push(of_keeper);
        held.push((visits, received));
    }
    for ((visits, mine), (_, theirs)) in [(&held[0], &held[1]), (&held[1], &held[0])] {
        for (left, right) in [(0, 1), (0, 2), (1, 2)] {
            let common = in_common(&mine[left], &mine[right], &theirs[left]);
            assert_eq!(common, Values::new(), "{left} and {right}");
        }
        // The attack finds a person who comes back to one and the same service: by their name there.
        for (service, (first, second, sub)) in visits.iter().enumerate() {
            let common = in_common(first, second, &theirs[service]);
            assert!(common.contains(sub), "{common:?}");
        }
    }
    Ok(())
}

type Values = BTreeSet<String>;

/// What both sides hold; what is said of everybody tells nobody from another.
fn in_common(left: &Values, right: &Values, of_somebody_else: &Values) -> Values {
    let common = left.intersection(right);
    common
        .filter(|value| !of_somebody_else.contains(*value))
        .cloned()
        .collect()
}

const DATA: &str = "cnaf_quotient_familial";
const RESOURCE: &str = "https://famille.example/api";

/// A login that asks for no identity.
async fn sign_in_without(
    service: &RawClient,
    deployment: &Deployment,
    provider: &MockProvider,
) -> Result<SignedIn> {
    let attempt = service.attempt(&deployment.issuer)?;
    let attempt = attempt.with("scope", "openid");
    let mut citizen = service.citizen();
    let journey = citizen.visit(&attempt.url());
    journey.choose(&provider.button()).agree().await?;
    finish(service, &deployment.issuer, citizen, &attempt).await
}

/// A token for the data provider, which the service hands over; what else came with it.
async fn token_for_data(
    service: &RawClient,
    deployment: &Deployment,
    provider: &MockProvider,
    values: &mut Values,
) -> Result<String> {
    let attempt = service.attempt(&deployment.issuer)?;
    let attempt = attempt
        .with("scope", &format!("openid {DATA}"))
        .with("resource", RESOURCE);
    let mut citizen = service.citizen();
    let journey = citizen.visit(&attempt.url());
    journey.choose(&provider.button()).agree().await?;
    let view = citizen.look().await?;
    let code = guichet_integration_tests::http_citizen::parameter(&view.url, "code");
    let code = code.context("no code")?;
    let tokens = service.redeem(&deployment.issuer, &code, &attempt).await?;
    let token = tokens.text("access_token").to_owned();
    assert!(!token.is_empty(), "{}", tokens.body);
    collect(&claims_of(tokens.text("id_token"))?, values);
    Ok(token)
}

/// Every value at every depth. The moment of a sign-in is left out: both sides have a clock of their own.
fn collect(value: &Value, values: &mut Values) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if !["iat", "exp", "nbf", "auth_time", "expires_in"].contains(&name.as_str()) {
                    collect(value, values);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        Value::Null => {}
        other => {
            values.insert(other.to_string());
        }
    }
}

/// A person of the dictionary.
struct Citizen {
    /// As a provider states them.
    claims: Value,
}

impl Citizen {
    fn text(&self, claim: &str) -> &str {
        self.claims[claim].as_str().unwrap_or_default()
    }
}

fn citizen(number: usize, family_name: &str, given_name: &str, birthdate: &str) -> Citizen {
    Citizen {
        claims: json!({
            "sub": format!("mock-{number}"), "acr": "eidas1", "amr": ["pwd"],
            "given_name": given_name, "family_name": family_name, "birthdate": birthdate,
            "gender": (["female", "male"][number % 2]), "birthplace": "35238",
            "birthcountry": "99100", "email": format!("citizen.{number}@mail.example"),
        }),
    }
}
