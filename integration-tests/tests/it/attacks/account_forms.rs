//! The forms of the account, forged, borrowed and posted from elsewhere or by whoever is at the browser now:
//! nothing happens, until their own person posts them (threat N-64).

use anyhow::{Context as _, Result};
use guichet_integration_tests::html::Form;
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, Node, RawClient};
use serde_json::{Value, json};

use super::forms::{forgeries_must_be_refused, must_be_believed, tokens};
use super::stage::must_be_refused;
use crate::interop::deployment::{Deployment, sign_in};

/// A node, and a service that may leave messages.
struct Set {
    provider: MockProvider,
    service: RawClient,
    issuer: String,
    _node: Node,
    _deployment: Deployment,
}

impl Set {
    async fn up() -> Result<Self> {
        let provider = MockProvider::start("mock").await?;
        let service = RawClient::new("cantine");
        let mut deployment = Deployment::new(&[&service], &[&provider])?;
        deployment.clients = vec![service.metadata_with(&json!({
            "messages": true, "client_uri": "https://cantine.example/",
        }))];
        Ok(Self {
            _node: deployment.start().await?,
            issuer: deployment.issuer.clone(),
            _deployment: deployment,
            provider,
            service,
        })
    }

    /// Whoever signs in with these papers, at a browser of their own.
    async fn arrives(&self, papers: Value) -> Result<HttpCitizen> {
        self.provider.present(papers);
        let signed_in = sign_in(&self.service, &self.issuer, &self.provider).await?;
        Ok(signed_in.citizen)
    }

    async fn body(&self, citizen: &mut HttpCitizen, path: &str) -> Result<String> {
        Ok(self.page(citizen, path).await?.body)
    }

    async fn page(&self, citizen: &mut HttpCitizen, path: &str) -> Result<Page> {
        let page = citizen.get(&format!("{}{path}", self.issuer)).await?;
        citizen.stand_on(page.clone());
        Ok(page)
    }
}

fn another() -> Value {
    let mut papers = someone();
    papers["family_name"] = "AUTREMENT".into();
    papers["sub"] = "mock-another".into();
    papers
}

#[tokio::test]
async fn the_forms_of_the_account_are_believed_from_their_own_page_and_of_its_person_only()
-> Result<()> {
    let set = Set::up().await?;
    let mut one = set.arrives(someone()).await?;
    let mut other = set.arrives(another()).await?;

    let borrowed = tokens(&set.page(&mut other, "/account").await?);
    let form = form_under(&set.page(&mut one, "/account").await?, "/account/services/")?;
    let mute = values(&[("messages", "mute")]);
    forgeries_must_be_refused(&one, &form, &mute, &borrowed).await?;
    let muted = "Voir de nouveau les messages";
    assert!(!set.body(&mut one, "/account").await?.contains(muted));
    set.page(&mut one, "/account").await?;
    must_be_believed(&one, &form, &mute).await?;
    assert!(set.body(&mut one, "/account").await?.contains(muted));
    assert!(!set.body(&mut other, "/account").await?.contains(muted));

    let borrowed = tokens(&set.page(&mut other, "/account/not-me").await?);
    let form = form_under(
        &set.page(&mut one, "/account/not-me").await?,
        "/account/not-me",
    )?;
    forgeries_must_be_refused(&one, &form, &[], &borrowed).await?;
    // Frozen, nobody is known here any more.
    assert!(set.body(&mut one, "/account").await?.contains(muted));
    set.page(&mut one, "/account/not-me").await?;
    must_be_believed(&one, &form, &[]).await?;
    assert!(!set.body(&mut one, "/account").await?.contains(muted));

    let sessions = "/account/sessions";
    let mut elsewhere = set.arrives(another()).await?;
    let borrowed = tokens(&set.page(&mut elsewhere, sessions).await?);
    let form = form_under(&set.page(&mut other, sessions).await?, sessions)?;
    forgeries_must_be_refused(&other, &form, &[], &borrowed).await?;
    let open = "id=\"close-";
    assert!(set.body(&mut other, sessions).await?.contains(open));
    must_be_believed(&other, &form, &[]).await?;
    assert!(!set.body(&mut other, sessions).await?.contains(open));
    Ok(())
}

#[tokio::test]
async fn a_report_is_believed_from_its_own_page_only() -> Result<()> {
    let set = Set::up().await?;
    let (mut one, mut other) = (HttpCitizen::new(), HttpCitizen::new());
    let page = "/account/not-me";
    let borrowed = tokens(&set.page(&mut other, page).await?);
    let form = form_under(&set.page(&mut one, page).await?, "/account/not-me/report")?;
    let said = values(&[("statement", "Ce n\u{2019}était pas moi.")]);
    forgeries_must_be_refused(&one, &form, &said, &borrowed).await?;
    must_be_believed(&one, &form, &said).await
}

#[tokio::test]
async fn whoever_signs_in_at_the_browser_meanwhile_freezes_nobody_by_a_form_that_was_open()
-> Result<()> {
    let set = Set::up().await?;
    let mut browser = set.arrives(someone()).await?;
    let page = set.page(&mut browser, "/account/not-me").await?;
    let form = form_under(&page, "/account/not-me")?;
    set.provider.present(another());
    let again = set.service.attempt(&set.issuer)?.with("prompt", "login");
    browser
        .visit(&again.url())
        .choose(&set.provider.button())
        .agree()
        .await?;
    browser.stand_on(page);
    let refused = browser.clone().submit(&form, None, &[]).await?;
    must_be_refused(&refused, &[403]);
    let sessions = set.body(&mut browser, "/account/sessions").await?;
    assert!(sessions.contains("id=\"close-"), "{sessions}");
    Ok(())
}

/// The first form of a page that posts to an address beginning so.
fn form_under(page: &Page, path: &str) -> Result<Form> {
    let mut forms = page.document().forms().into_iter();
    let found = forms.find(|form| form.method == "post" && form.action.starts_with(path));
    found.with_context(|| format!("no form to {path} at {}: {}", page.url, page.body))
}

fn values(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    fields.iter().map(owned).collect()
}
