//! A civil register that hangs, is down or makes no sense: nobody passes unchecked, and the same page tries again.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures_util::{StreamExt as _, stream};
use guichet_integration_tests::journey::{Control, View};
use guichet_integration_tests::raw_client::Attempt;
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, Node, RawClient};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::interop::deployment::{Deployment, finish};

#[tokio::test]
async fn a_register_that_gives_no_answer_lets_nobody_pass_and_is_asked_again() -> Result<()> {
    let scene = Scene::set("timeout = \"1s\"").await?;
    let mut citizen = scene.service.citizen();
    let attempt = scene.service.attempt(&scene.deployment.issuer)?;

    scene.register.say(Saying::Nothing);
    let view = scene.sign_in(&mut citizen, &attempt).await?;
    // Given up for its time, not cut by somebody else's.
    assert_eq!(view.status, Some(504), "{view}");
    assert!(!view.shown("error-reference")?.is_empty());

    // The page's own link asks again: nonsense, nobody there, and at last an answer.
    for (saying, status) in [
        (Saying::Nonsense, 502),
        (Saying::Nobody, 503),
        (Saying::Found, 200),
    ] {
        scene.register.say(saying);
        let view = citizen.here().press(Control::Id("way-back")).await?;
        assert_eq!(view.status, Some(status), "{view}");
    }
    citizen.here().agree().await?;
    let issuer = &scene.deployment.issuer;
    let signed_in = finish(&scene.service, issuer, citizen, &attempt).await?;
    // The register's spelling goes on from here.
    assert_eq!(signed_in.userinfo.text("given_name"), "Élodie Marie Zoé");
    Ok(())
}

#[tokio::test]
async fn a_register_that_is_down_is_told_on_a_page() -> Result<()> {
    let mut scene = Scene::set("").await?;
    scene.register.stop().await;
    let mut citizen = scene.service.citizen();
    let attempt = scene.service.attempt(&scene.deployment.issuer)?;
    let view = scene.sign_in(&mut citizen, &attempt).await?;
    assert_eq!(view.status, Some(503), "{view}");
    let page = citizen.page()?.document();
    page.link("way-back").context("no way on")?;
    Ok(())
}

#[tokio::test]
async fn a_register_that_never_stops_or_drips_is_given_up() -> Result<()> {
    let scene = Scene::set("timeout = \"1s\"").await?;
    let mut citizen = scene.service.citizen();
    let attempt = scene.service.attempt(&scene.deployment.issuer)?;
    scene.register.say(Saying::WithoutEnd);
    let view = scene.sign_in(&mut citizen, &attempt).await?;
    assert_eq!(view.status, Some(502), "{view}");
    for (saying, status) in [
        (Saying::Dripping, 504),
        (Saying::Breaking, 502),
        (Saying::Bomb, 502),
        (Saying::Found, 200),
    ] {
        scene.register.say(saying);
        let view = citizen.here().press(Control::Id("way-back")).await?;
        assert_eq!(view.status, Some(status), "{view}");
    }
    Ok(())
}

/// A node that asks the register about everybody, and a service of its.
struct Scene {
    register: Register,
    service: RawClient,
    provider: MockProvider,
    deployment: Deployment,
    _node: Node,
}

impl Scene {
    /// `settings`: further members of `[civil_register]`.
    async fn set(settings: &str) -> Result<Self> {
        let provider = MockProvider::start("mock").await?;
        let service = RawClient::new("service");
        let register = Register::start().await?;
        let mut deployment = Deployment::new(&[&service], &[&provider])?;
        deployment.providers[0]["civil_register"] = "required".into();
        deployment.further = format!(
            "[civil_register]\nurl = \"{}\"\n{settings}\n",
            register.address
        );
        Ok(Self {
            _node: deployment.start().await?,
            register,
            service,
            provider,
            deployment,
        })
    }

    /// The page that a sign-in comes to.
    async fn sign_in(&self, citizen: &mut HttpCitizen, attempt: &Attempt) -> Result<View> {
        let journey = citizen.visit(&attempt.url());
        journey.choose(&self.provider.button()).await
    }
}

/// A register that answers as it is told.
struct Register {
    address: String,
    saying: Arc<Mutex<Saying>>,
    server: JoinHandle<()>,
}

#[derive(Clone, Copy)]
enum Saying {
    Nothing,
    Nonsense,
    Nobody,
    WithoutEnd,
    Dripping,
    Breaking,
    Bomb,
    Found,
}

impl Register {
    async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = format!("http://{}/register", listener.local_addr()?);
        let saying = Arc::new(Mutex::new(Saying::Found));
        let routes = Router::new()
            .route("/register", get(answer))
            .with_state(Arc::clone(&saying));
        let server = tokio::spawn(async move {
            // Ends when the test does.
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self {
            address,
            saying,
            server,
        })
    }

    /// Nobody answers any more.
    async fn stop(&mut self) {
        self.server.abort();
        // Over, with its listener, once it was waited for.
        let _ = (&mut self.server).await;
    }

    fn say(&self, saying: Saying) {
        *self.saying.lock().unwrap_or_else(PoisonError::into_inner) = saying;
    }
}

impl Drop for Register {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(saying): State<Arc<Mutex<Saying>>>) -> Response {
    let saying = *saying.lock().unwrap_or_else(PoisonError::into_inner);
    match saying {
        Saying::Nothing => std::future::pending().await,
        Saying::Nonsense => "<html>under maintenance</html>".into_response(),
        Saying::Nobody => axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Saying::WithoutEnd => {
            let piece = || Ok::<_, Infallible>(vec![b' '; 64 * 1024]);
            Body::from_stream(stream::repeat_with(piece)).into_response()
        }
        Saying::Dripping => {
            let first = stream::once(async { Ok::<_, Infallible>(FOUND[..40].to_owned()) });
            Body::from_stream(first.chain(stream::pending())).into_response()
        }
        Saying::Breaking => {
            let cut = std::io::Error::other("the line is cut");
            let pieces = [Ok(FOUND[..40].to_owned()), Err(cut)];
            Body::from_stream(stream::iter(pieces)).into_response()
        }
        Saying::Bomb => BOMB.into_response(),
        Saying::Found => FOUND.into_response(),
    }
}

const BOMB: &str = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">\
    <!ENTITY c \"&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;\">]><ReponseRNIPP><TypeReponse>2\
    </TypeReponse><SituationActuelle><Nom>&d;</Nom></SituationActuelle></ReponseRNIPP>";

const FOUND: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ReponseRNIPP><TypeReponse>3</TypeReponse>\
    <SituationActuelle><Sexe>F</Sexe><Nom>QUELQUUN</Nom><Prenoms><Prenom>Élodie</Prenom><Prenom>Marie</Prenom>\
    <Prenom>Zoé</Prenom></Prenoms><DateNaissance>1985-02-14</DateNaissance><LieuNaissance>\
    <CodeLocalite>35238</CodeLocalite><CodePays>99100</CodePays></LieuNaissance></SituationActuelle></ReponseRNIPP>";
