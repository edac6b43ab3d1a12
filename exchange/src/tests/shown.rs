//! What a data provider shows: believed when it is signed, for us, and what was asked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Acr, Client, IdentityClaims, PivotIdentity, Preview};
use guichet_keys::{
    JwsAlg, Keys, TextDigest, Typ, TypRule, VerifyPolicy, sha256_base64url, verify_self_contained,
};
use serde_json::{Value, json};

use super::world::{PERSON, World, exchange};
use crate::testing::{encrypting_keys, envelope, signed, signed_as};
use crate::{Ask, Digests, Prepared, Preparing, Without};

async fn prepared(world: &World) -> Prepared {
    prepared_for(world, &world.ask(&json!({}))).await
}

async fn prepared_for(world: &World, ask: &Ask) -> Prepared {
    let client = world.desk.parts.clients.client("cantine").unwrap();
    let preparing = preparing(world, ask, &client);
    world.desk.prepare(preparing).await.unwrap()
}

pub(super) fn preparing<'a>(world: &World, ask: &'a Ask, client: &'a Client) -> Preparing<'a> {
    Preparing {
        exchange: exchange(1),
        ask,
        person: PERSON,
        identity: None,
        tell: false,
        client,
        acr: Acr::Eidas1.into(),
        now: world.now(),
    }
}

#[tokio::test]
async fn the_values_are_shown_and_their_digests_kept() {
    let world = World::new().await;
    world.holder.shows(world.now(), |_| {});
    let (quotient, tranche) = ("quotient".parse().unwrap(), "tranche".parse().unwrap());
    let digests = Digests::of([(&quotient, &json!(850)), (&tranche, &json!("C"))]);
    let values = vec![(quotient, json!(850)), (tranche, json!("C"))];
    assert_eq!(prepared(&world).await, Prepared::Shown { values, digests });
    let said = world.opened(&world.holder.sent()[0].voucher);
    assert_eq!(said["phase"], "prepare");
    assert_eq!(said["client"]["id"], said["iss"]);
    // The name of the exchange there stays the same when it is released.
    let detail = world.send(1, &json!({})).await;
    let release = world.voucher(&detail).await.unwrap();
    let release = world.opened(&release.token);
    assert_eq!(
        (&release["exchange"], &release["sub"]),
        (&said["exchange"], &said["sub"])
    );
    assert_eq!(
        world.kinds().await[..2],
        ["evidence.requested", "evidence.prepared"]
    );
}

#[tokio::test]
async fn evidence_that_is_not_what_was_asked_is_not_believed() {
    type Change = fn(&mut Value);
    let changes: [Change; 10] = [
        |claims| claims["iss"] = "impots".into(),
        |claims| claims["aud"] = "cantine".into(),
        |claims| claims["exchange"] = "another".into(),
        |claims| claims["evidence_type"] = "revenu-fiscal".into(),
        |claims| claims["request_digest"] = super::world::DIGEST.into(),
        |claims| claims["voucher"] = "another".into(),
        |claims| claims["exp"] = 1.into(),
        |claims| claims["fields"] = json!({"quotient": "850"}),
        |claims| claims["fields"] = json!({"quotient": 850, "adresse": "12 rue"}),
        |claims| claims["fields"] = json!({}),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let world = World::new().await;
        world.holder.shows(world.now(), change);
        assert_eq!(
            prepared(&world).await,
            Prepared::from(Without::Down),
            "change {index}"
        );
    }
}

#[tokio::test]
async fn evidence_that_its_data_provider_did_not_sign_for_us_is_not_believed() {
    type Wrap = fn(&Keys, &Value, &Value) -> String;
    let forgeries: [(&str, Wrap, bool); 7] = [
        (
            "as it should be",
            |keys, claims, to| envelope(&signed(keys, claims), to),
            true,
        ),
        (
            "by another key",
            |_, claims, to| envelope(&signed(&encrypting_keys(), claims), to),
            false,
        ),
        (
            "another kind of token",
            |keys, claims, to| envelope(&signed_as(keys, Typ::Jwt, claims), to),
            false,
        ),
        (
            "the signature cut off",
            |keys, claims, to| {
                let whole = signed(keys, claims);
                let (head, _) = whole.rsplit_once('.').unwrap();
                envelope(&format!("{head}."), to)
            },
            false,
        ),
        (
            "unsigned",
            |_, claims, to| {
                let header = json!({"alg": "none", "typ": "evidence+jwt"}).to_string();
                let part = |text: String| URL_SAFE_NO_PAD.encode(text);
                envelope(
                    &format!("{}.{}.", part(header), part(claims.to_string())),
                    to,
                )
            },
            false,
        ),
        (
            "encrypted to somebody else",
            |keys, claims, _| {
                let others: Value = {
                    let jwks = encrypting_keys().decryption_ring().jwks();
                    serde_json::from_slice(&jwks).unwrap()
                };
                envelope(&signed(keys, claims), &others["keys"][0])
            },
            false,
        ),
        (
            "not encrypted",
            |keys, claims, _| signed(keys, claims),
            false,
        ),
    ];
    for (what, wrap, is_good) in forgeries {
        let world = World::new().await;
        world.holder.wraps(world.now(), wrap);
        let prepared = prepared(&world).await;
        let is_shown = matches!(prepared, Prepared::Shown { .. });
        assert_eq!(is_shown, is_good, "{what}: {prepared:?}");
        assert!(
            is_good || prepared == Prepared::from(Without::Down),
            "{what}"
        );
    }
}

#[tokio::test]
async fn the_hub_proves_the_key_that_its_voucher_is_bound_to() {
    let world = World::new().await;
    world.holder.shows(world.now(), |_| {});
    prepared(&world).await;
    let sent = world.holder.sent().remove(0);
    assert_eq!(sent.url.as_str(), "https://famille.example/evidence");
    let policy = VerifyPolicy {
        algs: &JwsAlg::ALL,
        typ: TypRule::DPOP_PROOF,
    };
    let (proof, key) = verify_self_contained(&sent.proof, policy).unwrap();
    let said = world.opened(&sent.voucher);
    assert_eq!(said["cnf"]["jkt"], key.thumbprint());
    assert_eq!(proof.claims["htm"], "POST");
    assert_eq!(proof.claims["htu"], sent.url.as_str());
    let hash = sha256_base64url(sent.voucher.as_bytes());
    assert_eq!(proof.claims["ath"], hash);
    assert_eq!(proof.claims["iat"], world.now().seconds());
    assert_eq!(said["request_digest"], json!(TextDigest::of(&sent.body)));
}

#[tokio::test]
async fn every_answer_has_its_word_and_all_else_is_down() {
    let here = "https://famille.example/lien";
    let digest = super::world::DIGEST;
    let digests = json!({"quotient": digest, "tranche": digest});
    let uri = || here.parse().unwrap();
    let cases = [
        (
            202,
            json!({"status": "later", "retry_after": 90}),
            Without::Later { seconds: 90 }.into(),
        ),
        (404, json!({"status": "no_match"}), Without::NoMatch.into()),
        (
            409,
            json!({"status": "several_matches"}),
            Without::Several.into(),
        ),
        (
            403,
            json!({"status": "needs_link", "link_uri": here}),
            Without::NeedsLink {
                uri: Some(uri()),
                may_be_told: false,
            }
            .into(),
        ),
        (
            403,
            json!({"status": "needs_link", "link_uri": "https://evil.example/"}),
            Without::NeedsLink {
                uri: None,
                may_be_told: false,
            }
            .into(),
        ),
        (
            200,
            json!({"preview_uri": here, "digests": digests}),
            Prepared::OwnPage {
                uri: uri(),
                digests: serde_json::from_value(digests.clone()).unwrap(),
            },
        ),
        (
            200,
            json!({"preview_uri": "https://evil.example/", "digests": digests}),
            Without::Down.into(),
        ),
        (
            200,
            json!({"preview_uri": here, "digests": {"quotient": digest}}),
            Without::Down.into(),
        ),
        (200, json!({"evidence": "a.b.c.d.e"}), Without::Down.into()),
        (404, json!({}), Without::Down.into()),
        (500, json!({"status": "later"}), Without::Down.into()),
    ];
    let world = World::new().await;
    for (status, body, expected) in cases {
        world.holder.says(status, &body);
        assert_eq!(prepared(&world).await, expected, "{status} {body}");
    }
    world.holder.falls_silent();
    assert_eq!(prepared(&world).await, Prepared::from(Without::Down));
    world
        .directory
        .change_famille(|famille| famille.preview = Preview::None);
    assert_eq!(prepared(&world).await, Prepared::NotShown);
    let ask = world.ask(&json!({}));
    world
        .directory
        .change_famille(|famille| famille.active = false);
    assert_eq!(
        prepared_for(&world, &ask).await,
        Prepared::from(Without::Down)
    );
}

pub(super) fn martin() -> PivotIdentity {
    let claims = IdentityClaims {
        given_name: Some("Camille".to_owned()),
        family_name: Some("MARTIN".to_owned()),
        birthdate: Some("1990-04-12".to_owned()),
        gender: Some("female".to_owned()),
        birthcountry: Some("99100".to_owned()),
        birthplace: Some("69383".to_owned()),
        ..IdentityClaims::default()
    };
    PivotIdentity::from_claims(&claims).unwrap()
}

#[tokio::test]
async fn a_civil_identity_goes_where_record_and_citizen_let_it_and_is_on_record() {
    let (ask, identity) = (World::new().await.ask(&json!({})), martin());
    for (is_allowed, is_told) in [(false, true), (true, false), (true, true)] {
        let world = World::new().await;
        world.holder.shows(world.now(), |_| {});
        world
            .directory
            .change_famille(|famille| famille.may_receive_identity = is_allowed);
        assert_eq!(world.desk.may_need_identity(&ask), is_allowed);
        let client = world.desk.parts.clients.client("cantine").unwrap();
        let told = Preparing {
            identity: Some(&identity),
            tell: is_told,
            ..preparing(&world, &ask, &client)
        };
        world.desk.prepare(told).await.unwrap();
        let voucher = world.holder.sent().remove(0).voucher;
        let said = world.opened(&voucher);
        let goes = is_allowed && is_told;
        assert_eq!(said.contains_key("identity"), goes);
        let is_on_record = "evidence.identified".to_owned();
        assert_eq!(world.kinds().await.contains(&is_on_record), goes);
        if goes {
            assert_eq!(said["identity"]["family_name"], "MARTIN");
            assert_eq!(said["identity"].get("email"), None);
            let heard = world.heard("fd-famille", &voucher).await.unwrap();
            assert_eq!(heard.get("identity"), None, "it was said once");
            let events = serde_json::to_string(&world.events().await).unwrap();
            assert!(!events.contains("MARTIN"));
        }
    }
}

#[tokio::test]
async fn nothing_is_asked_of_a_data_provider_below_the_level_of_the_evidence() {
    let world = World::needing(Acr::Eidas2).await;
    let ask = world.ask(&json!({}));
    assert_eq!(
        world.desk.least_level(std::slice::from_ref(&ask)),
        Some(Acr::Eidas2)
    );
    let client = world.desk.parts.clients.client("cantine").unwrap();
    let below = preparing(&world, &ask, &client);
    assert!(world.desk.prepare(below).await.is_err());
    assert!(world.holder.sent().is_empty());
    world.holder.shows(world.now(), |_| {});
    let enough = Preparing {
        acr: Acr::Eidas2.into(),
        ..preparing(&world, &ask, &client)
    };
    let shown = world.desk.prepare(enough).await.unwrap();
    assert!(matches!(shown, Prepared::Shown { .. }));
}
