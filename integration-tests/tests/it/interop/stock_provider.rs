//! An upstream provider on `oidc-provider`: its logins, its levels, its refusals, its sign-out.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::journey::{Control, Journey};
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::machine::free_port;
use guichet_integration_tests::peers::UpstreamProvider;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, RawClient};
use serde_json::{Value, json};

use super::deployment::{SignedIn, bare, finish};

#[tokio::test]
async fn a_citizen_of_the_stock_provider_signs_in_and_out() -> Result<()> {
    let cast = Cast::assemble().await?;
    let signed_in = cast.sign_in("elodie", "eidas1").await?;
    assert_eq!(signed_in.userinfo.text("given_name"), "Élodie Marie");
    assert_eq!(signed_in.userinfo.text("family_name"), "QUELQUUN");
    let id_token = signed_in.tokens.text("id_token");
    assert_eq!(claims_of(id_token)?["sub"], signed_in.sub());
    assert_ne!(signed_in.sub(), "elodie");

    // The provider asks before it ends its own session, then everybody is sent home.
    let mut citizen = signed_in.citizen.stopping_at(HOME);
    let out = cast.demo.hub(&format!(
        "/session/end?id_token_hint={id_token}&post_logout_redirect_uri={HOME}&state=out"
    ));
    let view = citizen.visit(&out).await?;
    assert!(
        view.url.as_str().starts_with(&cast.provider.issuer),
        "{view}"
    );
    let view = citizen.here().press(Control::Id("sign-out")).await?;
    assert_eq!(bare(view.url.as_str()), format!("{HOME}?state=out"));

    // The provider has forgotten too: it asks who this is.
    let again = cast.service.attempt(&cast.demo.cast.hub)?;
    let journey = citizen.visit(&again.url()).choose(BUTTON);
    journey.fill("password", "asked for").await?;
    Ok(())
}

#[tokio::test]
async fn levels_of_the_stock_provider_are_translated_and_never_raised() -> Result<()> {
    let cast = Cast::assemble().await?;
    // `strong` is what it calls eidas2.
    let signed_in = cast.sign_in("strong", "eidas2").await?;
    let id_token = claims_of(signed_in.tokens.text("id_token"))?;
    assert_eq!(id_token["acr"], "eidas2");

    // Asked for no more than it needs, the service is told no less than was reached.
    let signed_in = cast.sign_in("elodie", "eidas1").await?;
    let id_token = claims_of(signed_in.tokens.text("id_token"))?;
    assert_eq!(id_token["acr"], "eidas1");

    for login in ["weak", "odd"] {
        let refused = cast.sign_in(login, "eidas2").await;
        let page = refused.err().context("too low a level was accepted")?;
        assert!(format!("{page:#}").contains("(403)"), "{login}: {page:#}");
    }
    Ok(())
}

#[tokio::test]
async fn a_refusal_of_the_stock_provider_leads_back_to_the_choice() -> Result<()> {
    let cast = Cast::assemble().await?;
    let attempt = cast.service.attempt(&cast.demo.cast.hub)?;
    let mut citizen = cast.service.citizen();
    let journey = citizen.visit(&attempt.url()).choose(BUTTON);
    let view = journey.press(Control::Id("abort")).await?;
    assert!(view.url.as_str().starts_with(&cast.demo.cast.hub), "{view}");
    assert!(view.html.contains("alert-info"), "no banner: {view}");
    // What the provider wrote is nobody's to read.
    assert!(!view.text().contains("the end-user cancelled"), "{view}");

    let journey = sign_in_there(citizen.here().choose(BUTTON), "elodie");
    journey.agree().await?;
    let signed_in = finish(&cast.service, &cast.demo.cast.hub, citizen, &attempt).await?;
    assert_eq!(signed_in.userinfo.text("family_name"), "QUELQUUN");
    Ok(())
}

/// The demo with a service and the provider, which know one another.
struct Cast {
    demo: Demo,
    provider: UpstreamProvider,
    service: RawClient,
}

const BUTTON: &str = "Fournisseur de série";
const SECRET: &str = "a secret between the hub and a stock provider";
const HOME: &str = "https://stock.example/";

impl Cast {
    async fn assemble() -> Result<Self> {
        let service = RawClient::new("stock");
        let port = free_port()?;
        let demo = Demo::with(Guests {
            clients: vec![service.metadata()],
            providers: vec![registration(port)],
        })
        .await?;
        let hub = json!({
            "client_id": "guichet",
            "client_secret": SECRET,
            "redirect_uris": [demo.hub("/callback/stock")],
            "post_logout_redirect_uris": [demo.hub("/logout/callback")],
            "token_endpoint_auth_method": "client_secret_basic",
        });
        let provider = UpstreamProvider::start(port, hub, accounts()).await?;
        Ok(Self {
            demo,
            provider,
            service,
        })
    }

    /// A whole login of a newcomer at a level.
    async fn sign_in(&self, login: &str, acr: &str) -> Result<SignedIn> {
        let hub = &self.demo.cast.hub;
        let attempt = self.service.attempt(hub)?.with("acr_values", acr);
        let mut citizen = self.service.citizen();
        let journey = citizen.visit(&attempt.url()).choose(BUTTON);
        let view = sign_in_there(journey, login).await?;
        ensure!(view.status == Some(200), "not to the consent page: {view}");
        citizen.here().agree().await?;
        finish(&self.service, hub, citizen, &attempt).await
    }
}

fn sign_in_there<'a>(
    journey: Journey<'a, HttpCitizen>,
    login: &'a str,
) -> Journey<'a, HttpCitizen> {
    journey
        .fill("login", login)
        .fill("password", "any")
        .press(Control::Id("sign-in"))
}

fn registration(port: u16) -> Value {
    json!({
        "id": "stock",
        "name": BUTTON,
        "issuer": format!("http://localhost:{port}"),
        "client_id": "guichet",
        "client_secret": SECRET,
        "token_endpoint_auth_method": "client_secret_basic",
        "scope": "openid profile birth email",
        "levels": ["eidas1", "eidas2"],
        "acr_map": { "eidas1": "eidas1", "weak": "eidas1", "strong": "eidas2" },
        "civil_register": "skip",
    })
}

/// Four people, who differ in how they sign in at the provider.
fn accounts() -> Value {
    let named = |given_name: &str, acr: Option<&str>| {
        let mut account = json!({
            "given_name": given_name, "family_name": "QUELQUUN", "birthdate": "1985-02-14", "gender": "female",
            "birthplace": "35238", "birthcountry": "99100", "email": "someone@example.org",
        });
        if let Some(acr) = acr {
            account["acr"] = acr.into();
        }
        account
    };
    json!({
        "elodie": named("Élodie Marie", None),
        "strong": named("Sophie", Some("strong")),
        "weak": named("Wanda", Some("weak")),
        // A value nobody mapped counts as the lowest.
        "odd": named("Odile", Some("eidas2")),
    })
}
