//! Data providers at work with tokens of the hub, through its front door: read by a stranger's library (RFC 9068),
//! asked about (RFC 9701), exchanged (RFC 8693), and found wanting (RFC 9470).

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::claims::changed;
use guichet_integration_tests::http_citizen::{parameter, shared_client};
use guichet_integration_tests::keys::{SigningKey, claims_of};
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::peers::judged;
use guichet_integration_tests::raw_client::{Answer, Attempt};
use guichet_integration_tests::{Hands as _, MockProvider, Node, RawClient};
use reqwest::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use super::deployment::Deployment;

const FAMILY: &str = "https://famille.example/api";
const TAX: &str = "https://impots.example/api";
/// Understands the scope of `FAMILY`, and reads its tokens by itself.
const SCHOOL: &str = "https://ecole.example/api";
const SCOPE: &str = "openid given_name cnaf_quotient_familial dgfip_rfr";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

const RESOURCES: &str = r#"
[[resources]]
identifier = "https://famille.example/api"
scopes = ["cnaf_quotient_familial"]
clients = ["famille"]

[[resources]]
identifier = "https://impots.example/api"
access_token = "jwt"
scopes = ["dgfip_rfr"]
clients = ["impots"]

[[resources]]
identifier = "https://ecole.example/api"
access_token = "jwt"
scopes = ["cnaf_quotient_familial"]
clients = ["ecole"]
"#;

/// A hub with three data providers and one service.
struct Scene {
    provider: MockProvider,
    service: RawClient,
    family: RawClient,
    tax: RawClient,
    tax_key: SigningKey,
    issuer: String,
    _node: Node,
    _deployment: Deployment,
}

impl Scene {
    async fn set(further: &str) -> Result<Self> {
        let provider = MockProvider::start("mock").await?;
        let [service, family, tax] = ["service", "famille", "impots"].map(RawClient::new);
        let tax_key = SigningKey::generate("to encrypt to")?;
        let mut deployment = Deployment::new(&[], &[&provider])?;
        deployment.clients = vec![
            changed(service.metadata(), &json!({ "scope": SCOPE })),
            changed(
                family.metadata(),
                &json!({
                    "grant_types": [EXCHANGE], "token_exchange_resources": [SCHOOL],
                    "introspection_signed_response_alg": "ES256",
                }),
            ),
            changed(
                tax.metadata(),
                &json!({
                    "jwks": { "keys": [encrypting(tax_key.jwk())] },
                    "introspection_signed_response_alg": "ES256",
                    "introspection_encrypted_response_alg": "ECDH-ES",
                    "introspection_encrypted_response_enc": "A256GCM",
                }),
            ),
        ];
        deployment.further = format!("{RESOURCES}\n{further}");
        Ok(Self {
            _node: deployment.start().await?,
            issuer: deployment.issuer.clone(),
            _deployment: deployment,
            provider,
            service,
            family,
            tax,
            tax_key,
        })
    }

    fn attempt(&self) -> Result<Attempt> {
        Ok(self.service.attempt(&self.issuer)?.with("scope", SCOPE))
    }

    /// A sign-in by this request: its code.
    async fn code(&self, attempt: &Attempt) -> Result<String> {
        let mut citizen = self.service.citizen();
        let journey = citizen.visit(&attempt.url());
        let view = journey.choose(&self.provider.button()).agree().await?;
        parameter(&view.url, "code").with_context(|| format!("no code: {view}"))
    }

    /// The tokens of a sign-in, for one resource.
    async fn tokens_for(&self, resource: &str) -> Result<Answer> {
        let attempt = self.attempt()?.with("resource", resource);
        let code = self.code(&attempt).await?;
        let tokens = self.service.redeem(&self.issuer, &code, &attempt).await?;
        ensure!(tokens.status == 200, "{}", tokens.body);
        Ok(tokens)
    }

    fn judge(&self, token: &str, audience: &str) -> Result<Value> {
        let issuer = &self.issuer;
        judged(&json!({ "issuer": issuer, "token": token, "typ": "at+jwt", "aud": audience }))
    }
}

/// The same key, for encryption.
fn encrypting(mut jwk: Value) -> Value {
    jwk["use"] = "enc".into();
    jwk["alg"] = "ECDH-ES".into();
    jwk
}

#[tokio::test]
async fn a_token_is_read_by_a_strangers_library_and_is_good_at_its_resource_alone() -> Result<()> {
    let scene = Scene::set("").await?;
    let tokens = scene.tokens_for(TAX).await?;
    let token = tokens.text("access_token");
    let claims = scene.judge(token, TAX)?;
    assert_eq!(claims["client_id"], "service");
    assert_eq!(claims["scope"], "dgfip_rfr");
    assert_eq!(claims["acr"], "eidas1");
    let id_token = claims_of(tokens.text("id_token"))?;
    assert_ne!(claims["sub"], id_token["sub"], "a name of its own");
    assert!(scene.judge(token, FAMILY).is_err(), "for another audience");
    assert!(
        scene.judge(tokens.text("id_token"), TAX).is_err(),
        "an ID token"
    );
    let userinfo = scene.service.userinfo(&scene.issuer, token).await?;
    assert_eq!((userinfo.status, userinfo.error()), (401, "invalid_token"));

    // RFC 8707 §2.2: one of several at the token endpoint, and never one that was not asked for.
    let both = scene
        .attempt()?
        .with("resource", TAX)
        .and("resource", FAMILY);
    let code = scene.code(&both).await?;
    let redeeming = |resource| {
        [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", scene.service.redirect_uri.as_str()),
            ("code_verifier", both.verifier.as_str()),
            ("resource", resource),
        ]
    };
    let refused = scene
        .service
        .token(&scene.issuer, &redeeming(SCHOOL))
        .await?;
    assert_eq!((refused.status, refused.error()), (400, "invalid_target"));
    let unknown = scene
        .attempt()?
        .with("resource", "https://elsewhere.example");
    let view = scene.service.citizen().visit(&unknown.url()).await?;
    assert_eq!(
        parameter(&view.url, "error").as_deref(),
        Some("invalid_target")
    );
    Ok(())
}

#[tokio::test]
async fn an_introspection_answer_is_signed_and_encrypted_for_whom_registered_so() -> Result<()> {
    let scene = Scene::set("").await?;
    let issuer = &scene.issuer;
    let token = scene
        .tokens_for(FAMILY)
        .await?
        .text("access_token")
        .to_owned();
    let endpoint = format!("{issuer}/token/introspection");
    let asked = scene.family.posting(&endpoint, &[("token", &token)]);
    let answered = asked.send().await?;
    let media_type = "application/token-introspection+jwt";
    assert_eq!(answered.headers()[CONTENT_TYPE], media_type);
    let answer = answered.text().await?;
    let mut settings = json!({
        "issuer": issuer, "token": answer, "typ": "token-introspection+jwt", "aud": "famille",
    });
    let heard = judged(&settings)?;
    assert_eq!(heard.get("exp"), None);
    let about = &heard["token_introspection"];
    assert_eq!(
        (&about["active"], &about["aud"]),
        (&json!(true), &json!([FAMILY]))
    );
    assert_eq!(about["scope"], "cnaf_quotient_familial");

    // Who speaks for another resource hears that there is no such token, and in an envelope of its own.
    let sealed = scene.tax.introspect(issuer, &token).await?;
    settings["token"] = sealed.body.into();
    settings["aud"] = "impots".into();
    assert!(judged(&settings).is_err(), "it is encrypted");
    settings["decryption_jwk"] = encrypting(scene.tax_key.private_jwk()?);
    let heard = judged(&settings)?;
    assert_eq!(heard["token_introspection"], json!({ "active": false }));
    Ok(())
}

#[tokio::test]
async fn a_data_provider_exchanges_what_it_was_given_for_what_its_record_names() -> Result<()> {
    let scene = Scene::set("").await?;
    let issuer = &scene.issuer;
    let given = scene
        .tokens_for(FAMILY)
        .await?
        .text("access_token")
        .to_owned();
    let exchange = async |who: &RawClient, token: &str, resource: &str| {
        let form = [
            ("grant_type", EXCHANGE),
            ("subject_token", token),
            ("subject_token_type", ACCESS_TOKEN),
            ("resource", resource),
        ];
        who.token(issuer, &form).await
    };
    let exchanged = exchange(&scene.family, &given, SCHOOL).await?;
    assert_eq!(exchanged.status, 200, "{}", exchanged.body);
    let claims = scene.judge(exchanged.text("access_token"), SCHOOL)?;
    assert_eq!(claims["act"], json!({ "sub": "famille" }));
    assert_eq!(claims["scope"], "cnaf_quotient_familial");

    let elsewhere = exchange(&scene.family, &given, TAX).await?;
    assert_eq!(
        (elsewhere.status, elsewhere.error()),
        (400, "invalid_target")
    );
    let tax_token = scene.tokens_for(TAX).await?.text("access_token").to_owned();
    let found = exchange(&scene.family, &tax_token, SCHOOL).await?;
    assert_eq!((found.status, found.error()), (400, "invalid_request"));
    let unregistered = exchange(&scene.service, &given, SCHOOL).await?;
    assert_eq!(
        (unregistered.status, unregistered.error()),
        (400, "unauthorized_client")
    );
    Ok(())
}

#[tokio::test]
async fn a_sign_in_that_does_not_suffice_is_stepped_up_as_the_challenge_says() -> Result<()> {
    let scene = Scene::set("[userinfo]\nacr = \"eidas2\"\n").await?;
    let userinfo = async |attempt: &Attempt| -> Result<reqwest::Response> {
        let code = scene.code(attempt).await?;
        let tokens = scene.service.redeem(&scene.issuer, &code, attempt).await?;
        let request = shared_client().get(format!("{}/userinfo", scene.issuer));
        Ok(request
            .bearer_auth(tokens.text("access_token"))
            .send()
            .await?)
    };
    let refused = userinfo(&scene.attempt()?).await?;
    assert_eq!(refused.status(), 401);
    let challenge = refused.headers()[WWW_AUTHENTICATE].to_str()?.to_owned();
    assert!(
        challenge.contains("error=\"insufficient_user_authentication\""),
        "{challenge}"
    );
    let asked = challenge.split("acr_values=\"").nth(1);
    let level = asked.and_then(|rest| rest.split('"').next());
    let level = level.with_context(|| challenge.clone())?;

    let mut citizen = someone();
    citizen["acr"] = level.into();
    scene.provider.present(citizen);
    let served = userinfo(&scene.attempt()?.with("acr_values", level)).await?;
    assert_eq!(served.status(), 200);
    Ok(())
}
