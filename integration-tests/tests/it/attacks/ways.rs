//! The ways into an identity attacked: another citizen's, nobody's, the one in use, and a code that is guessed
//! (threats N-210 to N-212); and by whoever holds a weak or new one (N-301).

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::html::Form;
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, RawClient};

use crate::interop::deployment::{Deployment, sign_in};

/// A node, two providers, and a service.
struct Scene {
    ways: String,
    issuer: String,
    service: RawClient,
    one: MockProvider,
    two: MockProvider,
    _node: guichet_integration_tests::Node,
    _deployment: Deployment,
}

async fn scene() -> Result<Scene> {
    let (one, two) = (
        MockProvider::start("one").await?,
        MockProvider::start("two").await?,
    );
    let service = RawClient::new("service");
    let deployment = Deployment::new(&[&service], &[&one, &two])?;
    let node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    Ok(Scene {
        ways: format!("{issuer}/account/ways"),
        issuer,
        service,
        one,
        two,
        _node: node,
        _deployment: deployment,
    })
}

impl Scene {
    /// Somebody with this family name, signed in by the first provider.
    async fn somebody(&self, family_name: &str) -> Result<HttpCitizen> {
        let mut papers = someone();
        papers["family_name"] = family_name.into();
        self.one.present(papers);
        let signed_in = sign_in(&self.service, &self.issuer, &self.one).await?;
        Ok(signed_in.citizen)
    }

    async fn look(&self, citizen: &mut HttpCitizen) -> Result<Page> {
        let page = citizen.get(&self.ways).await?;
        ensure!(page.status == 200, "{}", page.body);
        citizen.stand_on(page.clone());
        Ok(page)
    }
}

/// Every form of the page, by where it posts.
fn forms(page: &Page) -> Vec<Form> {
    let forms = page.document().forms().into_iter();
    forms
        .filter(|form| form.action.contains("/account/ways"))
        .collect()
}

fn form_to(page: &Page, end: &str) -> Result<Form> {
    let found = forms(page)
        .into_iter()
        .find(|form| form.action.ends_with(end));
    found.with_context(|| format!("no form to {end}"))
}

/// What is on the page, but for the tokens of its forms.
fn without_tokens(page: &Page) -> String {
    let lines = page.body.lines();
    let lines = lines.filter(|line| !line.contains("name=\"csrf\"") && !line.contains("nonce"));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn nobody_sees_or_changes_the_ways_of_another() -> Result<()> {
    let scene = scene().await?;
    let mut camille = scene.somebody("MARTIN").await?;
    let mut linh = scene.somebody("NGUYEN").await?;
    let hers = scene.look(&mut camille).await?;
    let theirs = scene.look(&mut linh).await?;
    let mut nobody = HttpCitizen::new();
    let stranger = scene.look(&mut nobody).await?;
    assert!(forms(&stranger).is_empty(), "{}", stranger.body);
    ensure!(forms(&hers).len() >= 3, "{}", hers.body);
    let values = [
        ("way".to_owned(), "close".to_owned()),
        ("provider-two".to_owned(), "close".to_owned()),
        ("email".to_owned(), "thief@example.org".to_owned()),
        ("code".to_owned(), "000000".to_owned()),
    ];
    for form in forms(&hers) {
        // Camille's form in another's hands, and nobody's.
        let taken = linh.submit(&form, None, &values).await?;
        assert_eq!(taken.status, 403, "{}: {}", form.action, taken.body);
        nobody.stand_on(stranger.clone());
        let lost = nobody.submit(&form, None, &values).await?;
        assert!([303, 403].contains(&lost.status), "{}", form.action);
    }
    for own in forms(&theirs) {
        // A form of one's own, for another thing.
        let mut stray = own.clone();
        stray.action.clone_from(&scene.ways);
        if !own.action.ends_with("/account/ways") {
            let refused = linh.submit(&stray, None, &values).await?;
            assert_eq!(refused.status, 403, "{}", own.action);
        }
    }
    let still = scene.look(&mut camille).await?;
    assert_eq!(without_tokens(&still), without_tokens(&hers));
    let still = scene.look(&mut linh).await?;
    assert_eq!(without_tokens(&still), without_tokens(&theirs));
    Ok(())
}

#[tokio::test]
async fn the_way_in_use_is_closed_by_no_forged_call_and_another_one_is() -> Result<()> {
    let scene = scene().await?;
    let mut camille = scene.somebody("MARTIN").await?;
    let page = scene.look(&mut camille).await?;
    let form = form_to(&page, "/account/ways")?;
    // Nothing on the page says so of the one in use; and what is said beside it is not done either.
    assert!(form.fields.iter().all(|(name, _)| name != "provider-one"));
    let closes = |ids: &[&str]| -> Vec<(String, String)> {
        let fields = ids
            .iter()
            .map(|id| (format!("provider-{id}"), "close".to_owned()));
        fields.collect()
    };
    let refused = camille
        .submit(&form, None, &closes(&["one", "two"]))
        .await?;
    assert_eq!(refused.status, 409, "{}", refused.body);
    let page = scene.look(&mut camille).await?;
    let form = form_to(&page, "/account/ways")?;
    let done = camille.submit(&form, None, &closes(&["two"])).await?;
    let to = done.location()?.context("no redirect")?;
    assert_eq!(to.query(), Some("done=saved"), "{}", done.body);
    scene.two.present(someone_called("MARTIN"));
    let attempt = scene.service.attempt(&scene.issuer)?;
    let mut thief = scene.service.citizen();
    let arrived = thief
        .visit(&attempt.url())
        .choose(&scene.two.button())
        .await?;
    assert_eq!(arrived.status, Some(403), "{arrived}");
    assert!(arrived.html.contains("id=\"closed-way\""), "{arrived}");
    // The one that is left is in use: nothing closes it, from whatever session.
    let page = scene.look(&mut camille).await?;
    assert!(
        !page.body.contains("name=\"provider-one\""),
        "{}",
        page.body
    );
    Ok(())
}

#[tokio::test]
async fn a_way_that_just_began_to_speak_for_somebody_changes_none_of_theirs() -> Result<()> {
    let scene = scene().await?;
    let mut camille = scene.somebody("MARTIN").await?;
    scene.two.present(someone_called("MARTIN"));
    let thief = sign_in(&scene.service, &scene.issuer, &scene.two).await?;
    let mut thief = thief.citizen;
    let page = scene.look(&mut thief).await?;
    let values = [
        ("way".to_owned(), "close".to_owned()),
        ("provider-one".to_owned(), "close".to_owned()),
        ("email".to_owned(), "thief@example.org".to_owned()),
    ];
    for form in forms(&page) {
        if form.action.ends_with("/code") {
            continue;
        }
        let refused = thief.submit(&form, None, &values).await?;
        let to = refused.location()?.context("no redirect")?;
        assert!(
            to.path().ends_with("/account/again"),
            "{}: {to}",
            form.action
        );
    }
    let again = format!("{}/account/again?to=ways", scene.issuer);
    let why = thief.get(&again).await?;
    assert!(why.body.contains("id=\"too-new\""), "{}", why.body);
    // What was there before goes on, and may close it.
    let page = scene.look(&mut camille).await?;
    assert!(!page.body.contains("thief@example.org"), "{}", page.body);
    let closes = [("provider-two".to_owned(), "close".to_owned())];
    let form = form_to(&page, "/account/ways")?;
    let done = camille.submit(&form, None, &closes).await?;
    let to = done.location()?.context("no redirect")?;
    assert_eq!(to.query(), Some("done=saved"));
    Ok(())
}

fn someone_called(family_name: &str) -> serde_json::Value {
    let mut papers = someone();
    papers["family_name"] = family_name.into();
    papers
}

#[tokio::test]
async fn an_address_that_is_not_ones_own_is_confirmed_by_no_guess() -> Result<()> {
    let scene = scene().await?;
    let mut thief = scene.somebody("MARTIN").await?;
    let page = scene.look(&mut thief).await?;
    let form = form_to(&page, "/address")?;
    let asks = [("email".to_owned(), "victim@example.org".to_owned())];
    let asked = thief.submit(&form, None, &asks).await?;
    assert_eq!(asked.status, 303, "{}", asked.body);
    for guess in 0..8 {
        let page = scene.look(&mut thief).await?;
        let Ok(form) = form_to(&page, "/address/code") else {
            ensure!(guess == 5, "closed after {guess} guesses");
            break;
        };
        let code = [("code".to_owned(), format!("{guess:06}"))];
        let typed = thief.submit(&form, None, &code).await?;
        let to = typed.location()?.context("no redirect")?;
        assert_eq!(to.query(), Some("done=wrong-code"), "guess {guess}");
    }
    let page = scene.look(&mut thief).await?;
    assert!(!page.body.contains("id=\"alert-address\""), "{}", page.body);
    Ok(())
}
