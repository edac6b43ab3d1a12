//! A provider that lies in every claim, header and timing: each lie is refused, recorded under its own name, and
//! leaves the citizen a way on (threats N-11, N-12, N-16, N-17, N-34, N-41).

use std::net::TcpListener;

use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use guichet_integration_tests::claims::changed;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::mock_provider::Endpoint;
use guichet_integration_tests::wait::until;
use guichet_integration_tests::{Hands as _, HttpCitizen, Mischief, MockProvider, RawClient};
use serde_json::{Value, json};

use super::stage::{SESSION, must_be_inert};
use crate::faults::records::failures;
use crate::interop::deployment::{Deployment, finish, sign_in};

#[tokio::test]
async fn every_lie_is_refused_under_its_own_name_and_leaves_a_way_on() -> Result<()> {
    let neighbour = TcpListener::bind("127.0.0.3:0")?;
    neighbour.set_nonblocking(true)?;
    let inside = format!("http://{}/inside", neighbour.local_addr()?);
    let mut liars = Vec::new();
    for (number, lie) in lies(&inside).into_iter().enumerate() {
        let provider = MockProvider::start(&format!("liar-{number}")).await?;
        provider.misbehave(lie.mischief.clone());
        liars.push((provider, lie));
    }
    let mut truthful = Vec::new();
    for (number, (truth, record)) in as_agreed().into_iter().enumerate() {
        let provider = MockProvider::start(&format!("truthful-{number}")).await?;
        provider.misbehave(truth);
        truthful.push((provider, record));
    }
    let honest = MockProvider::start("honest").await?;
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[&honest])?;
    deployment.patience = "1s";
    deployment.reachable = vec!["127.0.0.1/32"];
    let lied = liars.iter().map(|(provider, lie)| (provider, &lie.record));
    let told = truthful.iter().map(|(provider, record)| (provider, record));
    for (provider, record) in lied.chain(told) {
        let registration = changed(provider.registration(), record);
        deployment.providers.push(registration);
    }
    let _node = deployment.start().await?;
    let hearing = Hearing {
        service,
        hub: deployment.issuer.clone(),
        honest,
    };
    for (provider, record) in &truthful {
        let signed_in = sign_in(&hearing.service, &hearing.hub, provider).await;
        signed_in.with_context(|| record.to_string())?;
    }
    for some in liars.chunks(AT_ONCE) {
        let heard = some
            .iter()
            .map(|(provider, lie)| hearing.hear(provider, lie));
        try_join_all(heard).await?;
    }

    ensure!(neighbour.accept().is_err(), "the neighbour was called");
    // What nobody waits for is written a moment later.
    let recorded = until("every lie to be on record", async || {
        let recorded = failures(&deployment.database()).ok()?;
        let twice = |liar: &MockProvider| Some(recorded.get(&liar.id)?.len() >= 2);
        let all = liars.iter().all(|(liar, _)| twice(liar) == Some(true));
        all.then_some(recorded)
    })
    .await?;
    let misnamed: Vec<String> = liars
        .iter()
        .filter_map(|(provider, lie)| {
            let names = recorded.get(&provider.id).cloned().unwrap_or_default();
            let told = format!("{:?} {}: {names:?}", lie.mischief, lie.record);
            (names != [lie.audited; 2]).then_some(told)
        })
        .collect();
    ensure!(misnamed.is_empty(), "{misnamed:#?}");
    let honest = truthful.iter().map(|(provider, _)| provider.id.as_str());
    for id in honest.chain(["honest"]) {
        ensure!(!recorded.contains_key(id), "{id}: {recorded:?}");
    }
    Ok(())
}

/// One lie: what the provider does, what stands in its record besides, and what must come of it.
struct Lie {
    mischief: Mischief,
    record: Value,
    audited: &'static str,
    status: u16,
}

/// Each lie a provider can tell, with its name in the audit log. `inside` is an address that the node may not call.
fn lies(inside: &str) -> Vec<Lie> {
    let told = |audited, mischief| Lie {
        mischief,
        record: json!({}),
        audited,
        status: if audited == "timeout" { 504 } else { 502 },
    };
    let mut lies: Vec<Lie> = in_claims_and_headers()
        .into_iter()
        .chain(in_addresses(inside))
        .map(|(audited, mischief)| told(audited, mischief))
        .collect();
    for (audited, mischief, record) in against_its_record() {
        lies.push(Lie {
            record,
            ..told(audited, mischief)
        });
    }
    for endpoint in Endpoint::ALL {
        for (audited, mischief) in on_the_line(endpoint, inside) {
            lies.push(told(audited, mischief));
        }
    }
    // An answer for another provider's login is told at once: the page leads on to the choice.
    lies.push(Lie {
        status: 403,
        ..told("mix_up", Mischief::ForeignCallback("honest".to_owned()))
    });
    lies
}

fn in_claims_and_headers() -> Vec<(&'static str, Mischief)> {
    let header = |header: Value| Mischief::Header(header);
    vec![
        (
            "id_token_iss",
            Mischief::Claim("iss", json!("https://elsewhere.example")),
        ),
        ("id_token_aud", Mischief::Claim("aud", json!("another"))),
        (
            "id_token_aud",
            Mischief::Claim("aud", json!(["guichet", "another"])),
        ),
        ("id_token_azp", Mischief::Claim("azp", json!("another"))),
        (
            "id_token_nonce",
            Mischief::Claim("nonce", json!("of another login")),
        ),
        ("id_token_exp", Mischief::Claim("exp", json!(1))),
        (
            "id_token_iat",
            Mischief::Claim("iat", json!(4_000_000_000_u64)),
        ),
        (
            "id_token_auth_time",
            Mischief::Claim("auth_time", json!(4_000_000_000_u64)),
        ),
        (
            "id_token_at_hash",
            Mischief::Claim("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ),
        ("id_token_sub", Mischief::Claim("sub", json!(""))),
        ("id_token_acr", Mischief::Claim("acr", json!("eidas3"))),
        ("id_token_alg", Mischief::AlgNone),
        ("id_token_alg", Mischief::Hs256WithPublicKey),
        ("id_token_signature", Mischief::ForeignKey),
        ("id_token_signature", Mischief::EmbeddedKey),
        (
            "id_token_key",
            header(json!({ "alg": "ES256", "typ": "JWT", "kid": "nobody's" })),
        ),
        (
            "id_token_form",
            header(json!({ "alg": "ES256", "typ": "at+jwt", "kid": "mock" })),
        ),
        (
            "id_token_form",
            header(json!({ "alg": "ES256", "kid": "mock", "crit": ["b64"], "b64": false })),
        ),
        ("userinfo_sub", Mischief::ForeignUserinfo),
        ("wrong_issuer", Mischief::ForeignIssInResponse),
        // Where the code is from makes no difference: the hub asks whoever answered to redeem it, and what that one
        // says of another login has another nonce.
        (
            "unknown_code",
            Mischief::ForeignCode("a code that it did not make".to_owned()),
        ),
    ]
}

fn in_addresses(inside: &str) -> Vec<(&'static str, Mischief)> {
    let metadata = |member, value: &str| Mischief::Metadata(member, json!(value));
    vec![
        (
            "wrong_issuer",
            metadata("issuer", "https://elsewhere.example"),
        ),
        (
            "garbled",
            metadata("authorization_endpoint", "javascript:alert(1)"),
        ),
        ("forbidden_address", metadata("jwks_uri", inside)),
        (
            "forbidden_address",
            metadata("jwks_uri", "http://169.254.169.254/latest/meta-data"),
        ),
        (
            "forbidden_address",
            metadata("jwks_uri", "https://[::ffff:10.0.0.1]/jwks"),
        ),
        ("forbidden_address", metadata("token_endpoint", inside)),
        ("forbidden_address", metadata("userinfo_endpoint", inside)),
    ]
}

/// What was agreed on and is not kept.
fn against_its_record() -> Vec<(&'static str, Mischief, Value)> {
    let signed = || json!({ "userinfo_signed_response_alg": "ES256" });
    let encrypted = json!({
        "id_token_encrypted_response_alg": "ECDH-ES", "id_token_encrypted_response_enc": "A256GCM",
    });
    vec![
        (
            "id_token_alg",
            Mischief::None,
            json!({ "id_token_signed_response_alg": "RS256" }),
        ),
        ("id_token_encryption", Mischief::None, encrypted),
        (
            "token_type",
            Mischief::None,
            json!({ "dpop_bound_access_tokens": true }),
        ),
        ("userinfo_form", Mischief::None, signed()),
        (
            "userinfo_alg",
            Mischief::UserinfoClaim("iat", json!(1)),
            json!({ "userinfo_signed_response_alg": "RS256" }),
        ),
        ("userinfo_signature", Mischief::UserinfoForeignKey, signed()),
        (
            "userinfo_iss",
            Mischief::UserinfoClaim("iss", json!("https://elsewhere.example")),
            signed(),
        ),
        (
            "userinfo_aud",
            Mischief::UserinfoClaim("aud", json!("another")),
            signed(),
        ),
        (
            "userinfo_sub",
            Mischief::UserinfoClaim("sub", json!("somebody-else")),
            signed(),
        ),
        (
            "claims_mapping",
            Mischief::Claim("loa", json!(["high"])),
            with_a_rule(),
        ),
    ]
}

/// Two of those records, and what is no lie under them: a sign-in succeeds. The others differ in one member, which is
/// what their row is about.
fn as_agreed() -> Vec<(Mischief, Value)> {
    let signed = json!({ "userinfo_signed_response_alg": "ES256" });
    vec![
        (Mischief::UserinfoClaim("locale", json!("fr")), signed),
        (Mischief::Claim("loa", json!(1)), with_a_rule()),
    ]
}

fn with_a_rule() -> Value {
    json!({ "claims_mapping": { "acr": "'eidas' + string(claims.loa)" } })
}

fn on_the_line(at: Endpoint, inside: &str) -> Vec<(&'static str, Mischief)> {
    vec![
        ("timeout", Mischief::Hang(at)),
        ("timeout", Mischief::Drip(at)),
        ("timeout", Mischief::DripBody(at)),
        ("too_large", Mischief::Huge(at)),
        ("too_large", Mischief::Flood(at)),
        ("redirect", Mischief::Loop(at)),
        ("redirect", Mischief::Elsewhere(at, inside.to_owned())),
        ("garbled", Mischief::Garbage(at)),
        ("garbled", Mischief::Page(at)),
        ("unreachable", Mischief::Close(at)),
    ]
}

/// Who hears the lies.
struct Hearing {
    service: RawClient,
    hub: String,
    honest: MockProvider,
}

impl Hearing {
    /// Twice the same lie: once the citizen goes on with another provider, once back to the service.
    async fn hear(&self, liar: &MockProvider, lie: &Lie) -> Result<()> {
        let told = || format!("{:?} {}", lie.mischief, lie.record);
        let attempt = self.service.attempt(&self.hub)?;
        let mut citizen = self
            .lied_to(liar, lie, &attempt.url())
            .await
            .with_context(told)?;
        let on = citizen.here().choose(&self.honest.button());
        on.agree().await.with_context(told)?;
        finish(&self.service, &self.hub, citizen, &attempt).await?;

        let attempt = self.service.attempt(&self.hub)?;
        let mut citizen = self
            .lied_to(liar, lie, &attempt.url())
            .await
            .with_context(told)?;
        let back = citizen.here().press(Control::Id("abandon")).await?;
        let said = |name| parameter(&back.url, name);
        ensure!(
            said("error").as_deref() == Some("access_denied"),
            "{}: {back}",
            told()
        );
        ensure!(said("state") == Some(attempt.state), "{}: {back}", told());
        Ok(())
    }

    /// The citizen is told, is signed in nowhere, and stands before the choice of providers again.
    async fn lied_to(&self, liar: &MockProvider, lie: &Lie, request: &str) -> Result<HttpCitizen> {
        let mut citizen = self.service.citizen();
        let view = citizen.visit(request).choose(&liar.button()).await?;
        ensure!(view.status == Some(lie.status), "{view}");
        must_be_inert(citizen.page()?);
        let cookies = citizen.cookies();
        ensure!(cookies.iter().all(|(name, _)| name != SESSION), "a session");
        if view.url.path().ends_with("/provider") {
            ensure!(view.html.contains("alert-warning"), "no banner: {view}");
        } else {
            let on = citizen.here().press(Control::Id("way-back")).await?;
            ensure!(on.url.path().ends_with("/provider"), "{on}");
        }
        Ok(citizen)
    }
}

/// So many lies at once leave a two-core machine in time for what must be in time.
const AT_ONCE: usize = 8;
