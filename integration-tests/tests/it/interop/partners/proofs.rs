//! How the hub proves itself to a provider: requests sent ahead, assertions, proofs of possession, certificates.

use anyhow::{Context as _, Result};
use guichet_integration_tests::keys::{claims_of, header_of};
use guichet_integration_tests::machine::{free_port, root};
use guichet_integration_tests::wait;
use serde_json::{Value, json};

use super::{Agreement, Stage};

#[tokio::test]
async fn a_provider_that_takes_only_pushed_requests_gets_them_pushed() -> Result<()> {
    // The record says nothing of it: its metadata do.
    let stage = Stage::set(Agreement {
        settings: json!({ "features": {
            "pushedAuthorizationRequests": { "enabled": true, "requirePushedAuthorizationRequests": true },
        } }),
        ..Agreement::default()
    })
    .await?;
    stage.sign_in().await?;
    let pushed = stage.provider.last_seen("/request")?;
    assert_eq!(pushed["answer"]["status"], 201, "{pushed}");
    assert_eq!(pushed["asked"]["code_challenge_method"], "S256");
    let carried = stage.provider.last_seen("/auth")?;
    let request_uri = &pushed["answer"]["body"]["request_uri"];
    assert_eq!(
        carried["asked"],
        json!({ "client_id": "guichet", "request_uri": request_uri })
    );
    Ok(())
}

#[tokio::test]
async fn the_hub_signs_for_itself_with_each_key_it_may_be_registered_with() -> Result<()> {
    for alg in ["ES256", "RS256", "PS256", "EdDSA"] {
        let stage = Stage::set(Agreement {
            both: json!({
                "client_secret": null, "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_signing_alg": alg,
            }),
            ..Agreement::default()
        })
        .await?;
        stage.sign_in().await?;
        let token = stage.provider.last_seen("/token")?;
        let assertion = text(&token["asked"]["client_assertion"])?;
        assert_eq!(header_of(assertion)?["alg"], alg);
        let claims = claims_of(assertion)?;
        assert_eq!(claims["aud"], stage.provider.issuer);
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&json!("guichet"), &json!("guichet"))
        );
        assert_eq!(token["authorization"], Value::Null);
    }
    Ok(())
}

#[tokio::test]
async fn access_tokens_are_bound_to_a_key_of_the_hub_whether_a_nonce_is_wanted_or_not() -> Result<()>
{
    for nonce in [false, true] {
        let stage = Stage::set(Agreement {
            both: json!({ "dpop_bound_access_tokens": true }),
            settings: json!({ "wants_dpop_nonce": nonce }),
            ..Agreement::default()
        })
        .await?;
        stage.sign_in().await?;
        for (path, is_for_token) in [("/token", false), ("/me", true)] {
            let exchange = stage.provider.last_seen(path)?;
            assert_eq!(exchange["answer"]["status"], 200, "{exchange}");
            let proof = text(&exchange["dpop"])?;
            assert_eq!(header_of(proof)?["typ"], "dpop+jwt");
            let claims = claims_of(proof)?;
            assert_eq!(claims["htu"], format!("{}{path}", stage.provider.issuer));
            assert_eq!(claims["nonce"].is_string(), nonce, "{path}: {claims}");
            assert_eq!(claims["ath"].is_string(), is_for_token, "{path}: {claims}");
        }
        let token = stage.provider.last_seen("/token")?;
        assert_eq!(token["answer"]["body"]["token_type"], "DPoP");
        let userinfo = stage.provider.last_seen("/me")?;
        assert!(text(&userinfo["authorization"])?.starts_with("DPoP "));
        // The first try without a nonce was refused before anything was spent.
        assert_eq!(
            stage.provider.seen("/token").len(),
            if nonce { 2 } else { 1 }
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_provider_under_fapi_2_signs_people_in() -> Result<()> {
    let stage = Stage::set(Agreement {
        both: json!({
            "client_secret": null, "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "PS256", "id_token_signed_response_alg": "PS256",
            "dpop_bound_access_tokens": true, "require_pushed_authorization_requests": true,
        }),
        settings: json!({
            "signs_with": ["PS256"], "wants_dpop_nonce": true,
            "features": { "fapi": { "enabled": true, "profile": "2.0" } },
        }),
        ..Agreement::default()
    })
    .await?;
    stage.sign_in().await?;
    let pushed = stage.provider.last_seen("/request")?;
    assert_eq!(pushed["answer"]["status"], 201, "{pushed}");
    // The code, too, is bound to the key of the proof.
    assert!(pushed["dpop"].is_string(), "{pushed}");
    Ok(())
}

#[tokio::test]
async fn a_provider_that_knows_the_hub_by_its_certificate_binds_tokens_to_it() -> Result<()> {
    let tls = free_port()?;
    let discovery = "/.well-known/openid-configuration";
    let stage = Stage::set(Agreement {
        provider: json!({ "status_uri": format!("https://127.0.0.1:{tls}{discovery}") }),
        both: json!({ "client_secret": null, "token_endpoint_auth_method": "tls_client_auth" }),
        hub: json!({
            "tls_client_auth_subject_dn": "CN=client.example,C=FR",
            "tls_client_certificate_bound_access_tokens": true,
        }),
        ..with_certificates(tls)
    })
    .await?;
    stage.sign_in().await?;
    for path in ["/token", "/me"] {
        let exchange = stage.provider.last_seen(path)?;
        assert_eq!(
            exchange["certificate"], "CN=client.example,C=FR",
            "{exchange}"
        );
        assert_eq!(exchange["answer"]["status"], 200, "{exchange}");
    }
    // Nor is it anybody else who asks whether the provider is there.
    let probes = || {
        let mut seen = stage.provider.seen(discovery);
        seen.retain(|exchange| exchange["secure"] == true);
        seen
    };
    wait::until("two probes", async || (probes().len() >= 2).then_some(())).await?;
    for probe in probes() {
        assert_eq!(probe["certificate"], "CN=client.example,C=FR", "{probe}");
    }
    Ok(())
}

/// The hub has a certificate, and the one at the other end asks for it.
#[tokio::test]
async fn a_provider_that_does_not_know_the_hub_by_its_certificate_is_not_shown_it() -> Result<()> {
    let (plain, tls) = (free_port()?, free_port()?);
    let at = |path: &str| format!("https://127.0.0.1:{tls}{path}");
    let stage = Stage::set(Agreement {
        provider: json!({
            "discovery": false, "authorization_endpoint": format!("http://127.0.0.1:{plain}/auth"),
            "token_endpoint": at("/token"), "userinfo_endpoint": at("/me"), "jwks_uri": at("/jwks"),
        }),
        port: Some(plain),
        ..with_certificates(tls)
    })
    .await?;
    stage.sign_in().await?;
    for path in ["/token", "/me", "/jwks"] {
        let exchange = stage.provider.last_seen(path)?;
        assert_eq!(exchange["secure"], true, "{exchange}");
        assert_eq!(exchange["certificate"], Value::Null, "{exchange}");
        assert_eq!(exchange["answer"]["status"], 200, "{exchange}");
    }
    Ok(())
}

/// A provider that listens on this port, too, and asks for certificates there; a hub that has one.
fn with_certificates(port: u16) -> Agreement {
    let fixtures = root().join("integration-tests/tests/it/interop/fixtures");
    let file = |name: &str| fixtures.join(name).display().to_string();
    Agreement {
        settings: json!({ "tls": {
            "port": port, "certificate": file("provider.pem"), "key": file("provider.key"), "authority": file("authority.pem"),
        } }),
        further: format!(
            "egress.certificate_authorities = [{:?}]\negress.client_certificate = {:?}\negress.client_key = {:?}\n\
             provider_health.probe_every = \"1s\"\n",
            file("provider_authority.pem"),
            file("client.pem"),
            file("client.pem"),
        ),
        ..Agreement::default()
    }
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("no text: {value}"))
}
