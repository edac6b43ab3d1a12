//! Providers of every kind, as their records say: what they are asked, how, and what of their answers
//! is believed.

use std::time::Duration;

use base64::Engine as _;
use guichet_broker::{PROVIDER_SECRET, ProviderKeys, seal_provider_secret};
use guichet_domain::provider::{
    AmrSource, Endpoints, ProviderAuthentication, ProviderResponseMode, StaticEndpoints,
};
use guichet_domain::{
    Acr, Amr, ContentEncryption, Encryption, KeyManagementAlg, KeySource, Provider, ProviderId,
    Timestamp,
};
use guichet_keys::EncryptionKeySet;
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{claims_of, query};
use crate::partner::Ways;
use crate::world::World;

const RSA: Encryption = Encryption {
    alg: KeyManagementAlg::RsaOaep256,
    enc: ContentEncryption::A256Gcm,
};
const CURVE: Encryption = Encryption {
    alg: KeyManagementAlg::EcdhEs,
    enc: ContentEncryption::A128CbcHs256,
};

/// A world whose provider "postale" has this record; our keys for it are made.
async fn world_with(change: impl FnOnce(&mut Provider)) -> World {
    let world = World::new().await;
    world.directory.change_provider("postale", change);
    world.hub.warm_up().await;
    world
}

/// What the hub publishes for providers.
async fn client_jwks(world: &World) -> Value {
    let answer = world.browser().get("/client/jwks").await;
    serde_json::from_str(&answer.body).unwrap()
}

/// Signs in at "postale"; the page it ends at.
async fn end_of(world: &World) -> crate::browser::Answer {
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("banque", "scope=openid%20profile%20birth")
        .await;
    browser.sign_in("postale", &choice, &world.partner).await
}

/// Signs in and must not be believed, under this name.
async fn refused_as(world: &World, name: &str) {
    let end = end_of(world).await;
    assert_eq!(end.status, StatusCode::BAD_GATEWAY, "{name}: {}", end.body);
    let audit = world.audit().await;
    assert!(audit.contains(&format!("\"{name}\"")), "{name}: {audit}");
}

#[tokio::test]
async fn what_is_encrypted_for_the_hub_is_opened_with_the_keys_it_publishes() {
    let world = world_with(|provider| {
        provider.answers.id_token_encryption = Some(RSA);
        provider.answers.userinfo_alg = Some("ES256".parse().unwrap());
        provider.answers.userinfo_encryption = Some(CURVE);
    })
    .await;
    let jwks = client_jwks(&world).await;
    let uses: Vec<&str> = jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|key| key["use"].as_str())
        .collect();
    assert!(uses.contains(&"sig") && uses.contains(&"enc"), "{jwks}");
    let keys = EncryptionKeySet::from_value(&jwks).unwrap();
    world.partner.adopt(Ways {
        encrypts_id_token: Some((keys.clone(), RSA)),
        encrypts_userinfo: Some((keys, CURVE)),
        signs_userinfo: true,
        ..Ways::default()
    });
    let consent = end_of(&world).await;
    assert!(consent.body.contains("MARTIN"), "{}", consent.body);
}

#[tokio::test]
async fn what_is_not_encrypted_as_registered_is_refused_by_name() {
    let registered = |provider: &mut Provider| {
        provider.answers.id_token_encryption = Some(RSA);
        provider.answers.userinfo_alg = Some("ES256".parse().unwrap());
        provider.answers.userinfo_encryption = Some(RSA);
    };
    let world = world_with(registered).await;
    let keys = EncryptionKeySet::from_value(&client_jwks(&world).await).unwrap();
    let others = EncryptionKeySet::from_value(&json!({"keys": []})).unwrap();
    assert!(others.for_alg(RSA.alg).is_none());
    let weaker = Encryption {
        enc: ContentEncryption::A128CbcHs256,
        ..RSA
    };
    let right = Ways {
        encrypts_id_token: Some((keys.clone(), RSA)),
        encrypts_userinfo: Some((keys.clone(), RSA)),
        signs_userinfo: true,
        ..Ways::default()
    };
    for (ways, name) in [
        (
            Ways {
                encrypts_id_token: None,
                ..right.clone()
            },
            "id_token_encryption",
        ),
        (
            Ways {
                encrypts_id_token: Some((keys.clone(), weaker)),
                ..right.clone()
            },
            "id_token_encryption",
        ),
        (
            Ways {
                leaves_unsigned: true,
                ..right.clone()
            },
            "id_token_form",
        ),
        (
            Ways {
                encrypts_userinfo: None,
                ..right.clone()
            },
            "userinfo_encryption",
        ),
        (
            Ways {
                signs_userinfo: false,
                ..right.clone()
            },
            "userinfo_form",
        ),
    ] {
        world.partner.adopt(ways);
        refused_as(&world, name).await;
    }
    world.partner.adopt(right);
    assert_eq!(end_of(&world).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_encryption_nobody_registered_is_refused() {
    let world = world_with(|provider| provider.answers.id_token_encryption = Some(RSA)).await;
    let keys = EncryptionKeySet::from_value(&client_jwks(&world).await).unwrap();
    world.directory.change_provider("postale", |provider| {
        provider.answers.id_token_encryption = None;
    });
    world.partner.adopt(Ways {
        encrypts_id_token: Some((keys, RSA)),
        ..Ways::default()
    });
    refused_as(&world, "id_token_encryption").await;
}

#[tokio::test]
async fn another_algorithm_than_the_registered_one_is_a_lie_by_name() {
    let world = world_with(|provider| {
        provider.answers.id_token_alg = Some("EdDSA".parse().unwrap());
    })
    .await;
    refused_as(&world, "id_token_alg").await;

    let world = world_with(|provider| {
        provider.answers.userinfo_alg = Some("RS256".parse().unwrap());
    })
    .await;
    refused_as(&world, "userinfo_form").await;
    world.partner.adopt(Ways {
        signs_userinfo: true,
        ..Ways::default()
    });
    refused_as(&world, "userinfo_alg").await;
}

#[tokio::test]
async fn a_request_goes_ahead_and_tokens_are_bound_to_a_key_of_ours() {
    let world = world_with(|provider| {
        provider.requests.pushed = true;
        provider.requests.dpop = true;
        provider.requests.claims = json!({"userinfo": {"birthdate": null}})
            .as_object()
            .cloned();
        provider.requests.prompt = vec!["consent".to_owned()];
    })
    .await;
    world.partner.adopt(Ways {
        wants_proofs: true,
        ..Ways::default()
    });
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("banque", "scope=openid%20profile&prompt=login")
        .await;
    let fields = [("provider", "postale"), ("csrf", &*choice.csrf(0))];
    let left = browser.post(&choice.action(0), &fields).await.to();
    let mut seen: Vec<String> = query(&left).into_keys().collect();
    seen.sort_unstable();
    assert_eq!(seen, ["client_id", "request_uri"], "{left}");
    let pushed = world.partner.pushed().remove(0);
    assert_eq!(pushed["prompt"], "consent login");
    assert_eq!(pushed["claims"], r#"{"userinfo":{"birthdate":null}}"#);
    assert!(pushed.contains_key("client_assertion") && pushed.contains_key("code_challenge"));

    world.partner.expect_nonce(&pushed["nonce"]);
    let state = &pushed["state"];
    let issuer = world.partner.issuer("postale");
    let back = format!("/callback/postale?code=c-1&state={state}&iss={issuer}");
    let identity = browser.get(&back).await;
    assert!(identity.to().ends_with("/identity"), "{identity:?}");
    let proofs = world.partner.proofs();
    assert_eq!(proofs.len(), 2, "{proofs:?}");
    assert_eq!(proofs[0]["htm"], "POST");
    assert_eq!(proofs[0]["htu"], format!("{issuer}/token"));
    assert_eq!(proofs[1]["htu"], format!("{issuer}/userinfo"));
    assert!(proofs[0].get("ath").is_none() && proofs[1]["ath"].is_string());
    assert_ne!(proofs[0]["jti"], proofs[1]["jti"]);
}

#[tokio::test]
async fn a_token_that_anyone_may_use_is_refused_where_ours_are_bound() {
    let world = world_with(|provider| provider.requests.dpop = true).await;
    refused_as(&world, "token_type").await;
}

#[tokio::test]
async fn an_answer_by_form_finds_its_login_though_cookies_stay_at_home() {
    let world = world_with(|provider| {
        provider.requests.response_mode = ProviderResponseMode::FormPost;
    })
    .await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("banque", "scope=openid").await;
    let fields = [("provider", "postale"), ("csrf", &*choice.csrf(0))];
    let left = browser.post(&choice.action(0), &fields).await.to();
    let asked = query(&left);
    assert_eq!(asked["response_mode"], "form_post");
    world.partner.expect_nonce(&asked["nonce"]);
    let issuer = world.partner.issuer("postale");
    let answer = [
        ("code", "c-1"),
        ("state", &*asked["state"]),
        ("iss", &*issuer),
        ("error_description", "<b>evil</b>"),
    ];
    // A post from another site brings no cookies.
    let posted = world.browser().post("/callback/postale", &answer).await;
    assert_eq!(posted.status, StatusCode::SEE_OTHER);
    assert!(!posted.to().contains("evil"), "{posted:?}");
    let identity = browser.get(&posted.to()).await;
    assert!(identity.to().ends_with("/identity"), "{identity:?}");
    // Another browser that follows is nobody's; a provider that answers by redirect posts nothing.
    let stolen = world.browser().get(&posted.to()).await;
    assert_eq!(stolen.status, StatusCode::FORBIDDEN);
    let unasked = world.browser().post("/callback/citoyen", &answer).await;
    assert_eq!(unasked.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_provider_without_discovery_is_known_by_its_record() {
    let world = World::new().await;
    let issuer = world.partner.issuer("postale");
    let at = |path: &str| format!("{issuer}/{path}").parse().unwrap();
    let stated = |keys: KeySource| StaticEndpoints {
        authorization: at("authorize"),
        token: at("token"),
        userinfo: Some(at("userinfo")),
        keys,
        end_session: None,
        pushed_authorization_request: None,
        states_issuer: true,
    };
    world.partner.hide_metadata();
    for keys in [
        KeySource::Jwks(world.partner.jwks()),
        KeySource::JwksUri(at("jwks")),
    ] {
        let endpoints = Endpoints::Static(Box::new(stated(keys)));
        world
            .directory
            .change_provider("postale", |provider| provider.endpoints = endpoints);
        let consent = end_of(&world).await;
        assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);
    }
    assert_eq!(world.partner.metadata_requests(), 0);
}

#[tokio::test]
async fn a_secret_travels_as_registered_and_not_otherwise() {
    let world = World::new().await;
    let sealer = world.keys.sealer(PROVIDER_SECRET);
    let id = "postale".parse().unwrap();
    let secret = seal_provider_secret(&sealer, &id, "s cret&").unwrap();
    for method in [
        ProviderAuthentication::ClientSecretBasic,
        ProviderAuthentication::ClientSecretPost,
    ] {
        world.directory.change_provider("postale", |provider| {
            provider.client_secret = Some(secret.clone());
            provider.authentication = method;
        });
        assert_eq!(end_of(&world).await.status, StatusCode::OK);
    }
    let (forms, headers) = (
        world.partner.token_requests(),
        world.partner.authorizations(),
    );
    let basic = headers[0].strip_prefix("Basic ").unwrap();
    let basic = base64::engine::general_purpose::STANDARD
        .decode(basic)
        .unwrap();
    assert_eq!(basic, b"hub-at-postale:s+cret%26");
    assert!(!forms[0].contains_key("client_secret"));
    assert_eq!(forms[1]["client_secret"], "s cret&");
    assert_eq!(headers[1], "");
}

#[tokio::test]
async fn claims_level_and_methods_come_by_the_rules_of_the_record() {
    let world = world_with(|provider| {
        provider.claims_mapping = [
            ("family_name", "claims.sn"),
            ("given_name", "claims.prenoms.split(',')[0]"),
            ("acr", "'loa' + string(claims.loa)"),
        ]
        .map(|(claim, rule)| (claim.to_owned(), rule.to_owned()))
        .into();
        provider.acr_map = [("loa2".to_owned(), Acr::Eidas2)].into();
        provider.amr = AmrSource::Declared(vec![Amr::Hwk, Amr::Pin]);
    })
    .await;
    world.partner.claim_in_userinfo(json!({
        "family_name": "absent", "given_name": "absent", "sn": "DUPONT", "prenoms": "Jeanne,Marie",
        "loa": 2, "amr": ["face"], "acr": "eidas3",
    }));
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("banque", "scope=openid%20profile&acr_values=eidas2&claims=%7B%22id_token%22%3A%7B%22amr%22%3A%7B%22essential%22%3Atrue%7D%7D%7D")
        .await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    assert!(
        consent.body.contains("DUPONT") && consent.body.contains("Jeanne"),
        "{}",
        consent.body
    );
    let back = browser.agree(&consent).await.at_service();
    let tokens = browser.redeem("banque", &back).await;
    let claims = claims_of(tokens["id_token"].as_str().unwrap());
    assert_eq!(claims["acr"], "eidas2");
    assert_eq!(claims["amr"], json!(["hwk", "pin"]));
}

#[tokio::test]
async fn a_rule_that_fails_signs_nobody_in_and_is_named() {
    let world = world_with(|provider| {
        let rule = ("family_name".to_owned(), "claims.sn".to_owned());
        provider.claims_mapping = [rule].into();
    })
    .await;
    refused_as(&world, "claims_mapping").await;
}

#[tokio::test]
async fn a_record_changed_while_a_person_is_away_counts_at_once() {
    let world = world_with(|_| ()).await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("banque", "scope=openid").await;
    let callback = browser.leave_for("postale", &choice, &world.partner).await;
    world.directory.change_provider("postale", |provider| {
        provider.answers.id_token_alg = Some("PS256".parse().unwrap());
    });
    let back = browser.get(&callback).await;
    assert!(back.to().ends_with("/provider"), "{back:?}");
    assert!(world.audit().await.contains("\"id_token_alg\""));
}

/// What is known of the keys of Identité Postale.
fn of_postale(world: &World) -> ProviderKeys {
    let mut watched = world.hub.watch_providers().into_iter();
    let is_it = |keys: &ProviderKeys| keys.provider.as_str() == "postale";
    watched.find(is_it).unwrap()
}

#[tokio::test]
async fn keys_that_end_soon_are_told_before_they_do() {
    let world = world_with(|_| ()).await;
    let in_days = |days: i64| Ways {
        keys_end: Some(world.now_seconds() + days * 86_400),
        ..Ways::default()
    };
    assert_eq!(of_postale(&world).end, None, "they do not say");
    let end_is_told = async |days: i64, ending: bool| {
        let ways = in_days(days);
        world.partner.adopt(ways.clone());
        world.clock.pass(Duration::from_hours(2));
        while of_postale(&world).end.map(Timestamp::seconds) != ways.keys_end {
            tokio::task::yield_now().await;
        }
        assert_eq!(of_postale(&world).ending, ending, "{days}");
        let told = world.hub.providers_with_ending_keys();
        assert_eq!(told.iter().any(|it| it.as_str() == "postale"), ending);
    };
    end_is_told(40, false).await;
    end_is_told(20, true).await;
    assert_eq!(world.hub.stale_providers(), [], "that is another matter");
    assert_eq!(end_of(&world).await.status, StatusCode::OK);
    end_is_told(400, false).await;
}

#[tokio::test]
async fn keys_are_fetched_while_nobody_signs_in_and_a_long_outage_is_told() {
    let world = world_with(|_| ()).await;
    let fetched = of_postale(&world).fetched.unwrap();
    let asked = world.partner.metadata_requests();
    of_postale(&world);
    world.clock.pass(Duration::from_hours(2));
    of_postale(&world);
    // Both are asked at once, and either may answer first.
    while of_postale(&world).fetched == Some(fetched)
        || world.partner.metadata_requests() < asked + 2
    {
        tokio::task::yield_now().await;
    }
    // Once for each provider, however often it was asked.
    assert_eq!(world.partner.metadata_requests(), asked + 2);

    world.partner.hide_metadata();
    world.clock.pass(Duration::from_hours(25));
    assert_eq!(world.hub.stale_providers(), []);
    assert!(of_postale(&world).stale);
    let stale = world.hub.stale_providers();
    let stale: Vec<&str> = stale.iter().map(ProviderId::as_str).collect();
    assert_eq!(stale, ["citoyen", "postale"]);
    // The last good copy goes on.
    assert_eq!(end_of(&world).await.status, StatusCode::OK);
    world.partner.show_metadata();
    world.clock.pass(Duration::from_mins(1));
    while !world.hub.stale_providers().is_empty() {
        of_postale(&world);
        tokio::task::yield_now().await;
    }
}
