//! The service's way through an exchange, and envelopes that are not what they should be.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::Timestamp;
use guichet_keys::{SystemEntropy, Typ};
use serde_json::json;

use super::*;
use crate::digest::hash;
use crate::hub::HubError;
use crate::testing::{NOW, RETURN, World, own_keys, seal};
use crate::{Answer, FieldValue, Fields, Half, OwnKeys, Voucher, sha256_text};

impl World {
    async fn tokens(&self) -> Tokens {
        self.service.redeem("code", "verifier").await.unwrap()
    }

    async fn fetch(&self) -> Result<Fetched, FetchError> {
        let tokens = self.tokens().await;
        self.service.fetch(&tokens, &tokens.granted[0]).await
    }

    /// What becomes of an envelope by `keys` that says what a good one says, but for `change`.
    async fn reason_against(
        &self,
        keys: &OwnKeys,
        change: impl Fn(&mut EvidenceClaims) + Send + 'static,
    ) -> &'static str {
        let keys = keys.clone();
        self.answer_with(move |voucher, digest| {
            let mut claims = good(voucher, digest);
            change(&mut claims);
            seal(
                &voucher.recipient,
                &keys.sign(Typ::Evidence, &claims).unwrap(),
            )
        });
        self.reason().await
    }

    fn answer_with(&self, forge: impl Fn(&Voucher, &str) -> String + Send + 'static) {
        *self.wire.forged.lock().unwrap() = Some(Box::new(forge));
    }

    async fn reason(&self) -> &'static str {
        match self.fetch().await {
            Err(FetchError::Unbelievable(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }
}

fn good(voucher: &Voucher, digest: &str) -> EvidenceClaims {
    EvidenceClaims {
        iss: "famille".to_owned(),
        aud: "cantine".to_owned(),
        iat: NOW.seconds(),
        exp: NOW.seconds() + 3600,
        exchange: voucher.exchange.clone(),
        evidence_type: voucher.evidence_type.clone(),
        fields: Fields::from([("quotient".to_owned(), FieldValue::Number(620))]),
        request_digest: digest.to_owned(),
        voucher: hash(&voucher.jti),
        subject: "fresh".to_owned(),
    }
}

#[tokio::test]
async fn a_grant_becomes_evidence_and_both_halves_of_a_receipt() {
    let world = World::new();
    let Fetched::Evidence(evidence) = world.fetch().await.unwrap() else {
        panic!("no evidence");
    };
    assert_eq!(evidence.data_provider, "famille");
    let expected = Fields::from([("quotient".to_owned(), 620.into())]);
    assert_eq!(evidence.fields, expected);
    assert_eq!(evidence.issued, NOW);
    let received = &world.wire.forms_at("/exchange/deliveries")[0];
    assert_eq!(received["half"], "received");
    assert_eq!(received["grant_id"], "grant-of-cantine");
    assert!(!received.contains_key("exchange"));

    assert_eq!(received["voucher"], evidence.voucher.as_str());

    let envelope = "e.n.v";
    let ours = Half::received("g", &evidence.voucher, envelope);
    let theirs = Half::released(&world.voucher(), envelope);
    assert_eq!(ours.digest(), theirs.digest());
    assert_eq!(ours.digest(), sha256_text(envelope));
}

#[tokio::test]
async fn a_request_is_pushed_with_what_is_asked_and_bound_to_our_key() {
    let world = World::new();
    let evidence = [EvidenceAsk {
        evidence_type: "quotient-familial".to_owned(),
        purpose: "tarif-cantine".to_owned(),
        ..EvidenceAsk::default()
    }];
    let ask = AuthorizationAsk {
        evidence: &evidence,
        scope: "openid",
        state: "s",
        nonce: "n",
        verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        further: &[("ui_locales", "fr")],
    };
    let url = world.service.authorization_url(&ask).await.unwrap();
    assert_eq!(
        url.as_str(),
        "https://hub.example/authorize?client_id=cantine&request_uri=urn%3Aexample%3A1"
    );
    let form = &world.wire.forms_at("/par")[0];
    assert_eq!(form["redirect_uri"], RETURN);
    assert_eq!(form["ui_locales"], "fr");
    assert_eq!(
        form["code_challenge"],
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
    let details: serde_json::Value =
        serde_json::from_str(form["authorization_details"].as_str().unwrap()).unwrap();
    let expected = json!([{
        "type": "evidence", "evidence_type": "quotient-familial", "purpose": "tarif-cantine",
    }]);
    assert_eq!(details, expected);
}

#[tokio::test]
async fn evidence_that_could_not_be_verified_is_not_asked_for() {
    let world = World::new();
    let tokens = world.tokens().await;
    let of_nobody = Granted {
        data_provider: "inconnu".to_owned(),
        ..tokens.granted[0].clone()
    };
    let refused = world.service.fetch(&tokens, &of_nobody).await;
    assert!(matches!(refused, Err(FetchError::Hub(HubError::Answer(_)))));
    let forms = world.wire.forms_at("/token");
    assert!(
        forms.iter().all(|form| form.contains_key("code")),
        "no voucher"
    );
}

#[test]
fn an_end_is_written_as_the_hub_reads_it() {
    let ask = EvidenceAsk {
        usage: Some("recurring".to_owned()),
        until: Some("2027-06-30T00:00:00Z".parse().unwrap()),
        ..EvidenceAsk::default()
    };
    let written = serde_json::to_value(&ask).unwrap();
    assert_eq!(written["until"], "2027-06-30T00:00:00Z");
    let once = serde_json::to_value(EvidenceAsk::default()).unwrap();
    assert_eq!(once.get("until"), None);
}

#[tokio::test]
async fn a_hub_that_wants_its_nonce_in_proofs_gets_it() {
    let world = World::new();
    *world.wire.nonce_wanted.lock().unwrap() = Some("of-today");
    assert!(matches!(world.fetch().await.unwrap(), Fetched::Evidence(_)));
}

#[tokio::test]
async fn a_token_that_is_bound_to_nothing_is_not_taken() {
    let world = World::new();
    *world.wire.token_type.lock().unwrap() = "Bearer";
    let refused = world.service.redeem("code", "verifier").await.err();
    assert!(matches!(refused, Some(HubError::Answer(_))));
}

#[tokio::test]
async fn an_envelope_that_answers_something_else_is_not_believed() {
    type Change = fn(&mut EvidenceClaims);
    let world = World::new();
    let cases: [(Change, &str); 6] = [
        (
            |c| c.iss = "impots".into(),
            "it is by another data provider",
        ),
        (|c| c.aud = "banque".into(), "it is for another service"),
        (
            |c| c.request_digest = "sha-256:other".into(),
            "it answers another request",
        ),
        (
            |c| c.evidence_type = "revenu".into(),
            "it is another evidence",
        ),
        (
            |c| _ = c.fields.insert("children".into(), 2.into()),
            "it holds what nobody asked for",
        ),
        (|c| c.exp = NOW.seconds() - 31, "it is not valid now"),
    ];
    for (change, expected) in cases {
        let reason = world
            .reason_against(&world.provider_keys.clone(), change)
            .await;
        assert_eq!(reason, expected);
    }
    assert!(world.wire.forms_at("/exchange/deliveries").is_empty());
}

#[tokio::test]
async fn an_envelope_somebody_else_signed_or_touched_is_not_believed() {
    let world = World::new();
    let unsigned = "it is not signed by the data provider";
    assert_eq!(world.reason_against(&own_keys(), |_| ()).await, unsigned);

    let keys = world.provider_keys.clone();
    world.answer_with(move |voucher, digest| {
        seal(
            &voucher.recipient,
            &keys.sign(Typ::Jwt, &good(voucher, digest)).unwrap(),
        )
    });
    assert_eq!(world.reason().await, unsigned, "another kind of token");

    let keys = world.provider_keys.clone();
    world.answer_with(move |voucher, digest| {
        let signed = keys.sign(Typ::Evidence, &good(voucher, digest)).unwrap();
        let (head, _) = signed.rsplit_once('.').unwrap();
        seal(&voucher.recipient, &format!("{head}."))
    });
    assert_eq!(world.reason().await, unsigned, "a signature cut off");

    let keys = world.provider_keys.clone();
    world.answer_with(move |voucher, digest| {
        let signed = keys.sign(Typ::Evidence, &good(voucher, digest)).unwrap();
        let mut envelope = seal(&voucher.recipient, &signed);
        let last = envelope.pop().unwrap();
        envelope.push(if last == 'A' { 'Q' } else { 'A' });
        envelope
    });
    assert_eq!(world.reason().await, "it is not encrypted to us");
}

#[tokio::test]
async fn answers_without_evidence_say_what_to_do() {
    let world = World::new();
    let link = Some("https://famille.example/lier".parse().unwrap());
    let cases = [
        (Answer::NoMatch, Fetched::NoMatch),
        (Answer::SeveralMatches, Fetched::SeveralMatches),
        (
            Answer::Later {
                retry_after: Duration::from_secs(9),
            },
            Fetched::Later {
                retry_after: Duration::from_secs(9),
            },
        ),
        (
            Answer::NeedsLink {
                link: Clone::clone(&link),
            },
            Fetched::NeedsLink { link },
        ),
    ];
    for (found, expected) in cases {
        *world.wire.found.lock().unwrap() = found;
        assert_eq!(world.fetch().await.unwrap(), expected);
    }
    *world.wire.found.lock().unwrap() = Answer::Evidence {
        fields: crate::testing::quotient(620),
        valid_until: NOW.after(Duration::from_mins(1)),
    };
    *world.wire.revoked.lock().unwrap() = true;
    let refused = world.fetch().await.unwrap_err();
    assert_eq!(refused, FetchError::Refused("invalid_token".to_owned()));
}

#[tokio::test]
async fn the_keys_of_a_party_are_the_same_after_a_restart() {
    let custody = Arc::new(crate::MemoryCustody::new());
    let open = || {
        let entropy = Arc::new(SystemEntropy);
        OwnKeys::open(custody.clone(), entropy, Timestamp::from_seconds(1))
            .ok()
            .unwrap()
    };
    let (before, after) = (open(), open());
    assert_eq!(before.jwks(), after.jwks());
    assert!(before.jkt().is_some());
    assert_eq!(before.jkt(), after.jkt());
    assert_ne!(own_keys().jkt(), own_keys().jkt());
}

#[tokio::test]
async fn who_signed_in_is_whom_the_id_token_names_to_us() {
    let world = World::new();
    let mut tokens = world.tokens().await;
    let claims = json!({
        "iss": crate::testing::ISSUER, "aud": "cantine", "sub": "p1.citizen", "nonce": "n",
        "acr": "eidas1", "iat": NOW.seconds(), "exp": NOW.seconds() + 60,
    });
    let hub = world.wire.hub.lock().unwrap().clone();
    let signed = |typ, claims: &serde_json::Value| {
        let alg = guichet_domain::SigningAlg::Es256;
        Some(hub.ring().sign_jwt(alg, typ, claims).unwrap())
    };
    tokens.id_token = signed(Typ::Jwt, &claims);
    let citizen = world.service.citizen(&tokens, "n").await.unwrap();
    assert_eq!(citizen.subject, "p1.citizen");
    let more = world.service.claims_of(&citizen, &tokens).await.unwrap();
    assert_eq!(more["family_name"], "MARTIN");
    let other = Citizen {
        subject: "p1.other".to_owned(),
        ..citizen
    };
    assert!(world.service.claims_of(&other, &tokens).await.is_err());

    for (member, value) in [
        ("aud", json!("banque")),
        ("iss", json!("https://evil.example")),
        ("nonce", json!("another")),
        ("exp", json!(NOW.seconds() - 31)),
    ] {
        let mut forged = claims.clone();
        forged[member] = value;
        tokens.id_token = signed(Typ::Jwt, &forged);
        let refused = world.service.citizen(&tokens, "n").await;
        assert!(refused.is_err(), "{member}");
    }
    tokens.id_token = signed(Typ::LogoutToken, &claims);
    assert!(world.service.citizen(&tokens, "n").await.is_err());
}

#[tokio::test]
async fn what_was_not_ready_is_picked_up_later_with_fresh_tokens_and_a_fresh_voucher() {
    let world = World::new();
    let later = Answer::Later {
        retry_after: Duration::from_hours(24),
    };
    let ready = std::mem::replace(&mut *world.wire.found.lock().unwrap(), later);
    let mut tokens = world.tokens().await;
    let granted = tokens.granted[0].clone();
    let day = Duration::from_hours(24);
    for _ in 0..2 {
        let waiting = Fetched::Later { retry_after: day };
        assert_eq!(
            world.service.pick_up(&mut tokens, &granted).await,
            Ok(waiting)
        );
    }
    assert!(world.wire.forms_at("/exchange/deliveries").is_empty());
    *world.wire.found.lock().unwrap() = ready;
    let fetched = world.service.pick_up(&mut tokens, &granted).await.unwrap();
    assert!(matches!(fetched, Fetched::Evidence(_)), "{fetched:?}");
    let forms = world.wire.forms_at("/token");
    let all = |name: &str| -> Vec<String> {
        let said = forms.iter().filter_map(|form| form.get(name)?.as_str());
        said.map(str::to_owned).collect()
    };
    assert_eq!(all("refresh_token"), ["first", "next", "next"]);
    assert_eq!(all("subject_token"), ["fresh"; 3]);
    let mut digests = all("request_digest");
    digests.dedup();
    assert_eq!(digests.len(), 3, "each is a request of its own");
    tokens.refresh_token = None;
    let nothing = world.service.pick_up(&mut tokens, &granted).await;
    assert!(matches!(nothing, Err(FetchError::Hub(HubError::Answer(_)))));
}
