//! An application written for FranceConnect v2, on the library its like use, with nothing changed but the base URL.

use anyhow::{Context as _, Result};
use guichet_integration_tests::peers::{Library, Registration, RelyingParty, details};
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider};
use serde_json::json;

use super::deployment::{Deployment, bare};

#[tokio::test]
async fn france_connect_py_finds_below_api_v2_what_it_knows() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = Registration::new(
        "demarches",
        json!({
            "profile": "franceconnect",
            "token_endpoint_auth_method": "client_secret_post",
            "scope": "openid identite_pivot email",
        }),
    )?;
    let mut deployment = Deployment::new(&[], &[&provider])?;
    deployment.issuer += "/api/v2";
    deployment.clients = vec![service.metadata()];
    let _node = deployment.start().await?;
    let issuer = &deployment.issuer;
    let party = RelyingParty::start(Library::FranceConnect, &service, issuer).await?;

    let mut citizen = HttpCitizen::new();
    let login = format!("{}/login", party.address);
    let journey = citizen.visit(&login).choose(&provider.button());
    let view = journey.agree().land().await?;
    let shown = details(&view).with_context(|| party.process.log())?;
    let known = [
        "access_token",
        "expires_in",
        "id_token",
        "scope",
        "token_type",
    ];
    assert_eq!(shown["token_members"], json!(known));
    let (id_token, userinfo) = (&shown["id_token"], &shown["userinfo"]);
    let sub = userinfo["sub"].as_str().context("no sub")?;
    let (hex, version) = sub.split_at_checked(64).context("a short sub")?;
    assert!(
        hex.chars().all(|digit| digit.is_ascii_hexdigit()) && version == "v1",
        "{sub}"
    );
    assert_eq!(id_token["sub"], sub);
    assert_eq!(id_token["acr"], "eidas1");
    assert_eq!(userinfo["family_name"], "QUELQUUN");
    assert_eq!(userinfo["given_name_array"], json!(["Élodie", "Marie"]));
    assert_eq!(userinfo["aud"], "demarches");
    assert!(userinfo["exp"].is_i64(), "{userinfo}");

    let out = citizen
        .visit(&format!("{}/logout", party.address))
        .land()
        .await?;
    assert!(
        bare(out.url.as_str()).starts_with(&format!("{}/?state=out", party.address)),
        "{out}"
    );
    assert_eq!(out.shown("outcome")?, "signed out");
    Ok(())
}
