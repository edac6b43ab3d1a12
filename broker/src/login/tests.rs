//! What the tests of this room share: a service, providers, a request, a person, pages.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt as _;
use guichet_domain::{
    Acr, BrowserId, BrowsingId, Client, ClientMetadata, Entropy, IdentityClaims, LoginId, PersonId,
    Provider, Timestamp,
};
use guichet_oidc::AcceptedRequest;
use guichet_store::Fault;
use guichet_store::durable::{ActivePerson, Bar, PersonGate};
use guichet_web::{Brand, FormAction, Pages, PagesSettings};
use serde_json::{Value, json};
use url::Url;

use super::{Login, Trip};

/// Bytes that never repeat and that nobody would call random.
#[derive(Default)]
pub(crate) struct Counting(AtomicU64);

impl Counting {
    /// The same from another start, so that two sources never draw alike.
    pub(crate) fn starting_at(start: u64) -> Self {
        Self(AtomicU64::new(start))
    }
}

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

/// A gate that is open.
struct Open;

#[async_trait::async_trait]
impl PersonGate for Open {
    async fn bar(&self, _: PersonId, _: Timestamp) -> Result<Option<Bar>, Fault> {
        Ok(None)
    }
}

/// A fictional person, who may act.
pub(crate) fn active(byte: u8) -> ActivePerson {
    let person = PersonId::from_bytes([byte; 16]);
    let admitted = ActivePerson::admit(&Open, person, Timestamp::from_seconds(0));
    admitted.now_or_never().unwrap().unwrap().unwrap()
}

/// A public body that may ask for anything.
pub(crate) fn client() -> Client {
    let metadata: ClientMetadata = serde_json::from_value(json!({
        "client_id": "cantine",
        "client_secret": "a-secret-of-thirty-two-characters",
        "client_name": "Cantine",
        "client_uri": "https://cantine.example/",
        "redirect_uris": ["https://cantine.example/cb"],
        "post_logout_redirect_uris": ["https://cantine.example/bye"],
        "require_pkce": false,
        "scope": "openid profile birth email phone given_name family_name cnaf_quotient_familial",
    }))
    .unwrap();
    metadata.check(guichet_keys::client_secret_hash).unwrap()
}

/// A provider that may assert `eidas1` and `eidas2`.
pub(crate) fn provider(id: &str) -> Provider {
    serde_json::from_value(json!({
        "id": id, "name": id, "issuer": format!("https://{id}.example"), "client_id": "hub",
        "client_secret": null, "authentication": "private_key_jwt", "scope": "openid profile birth",
        "levels": ["eidas1", "eidas2"], "acr_map": {"eidas1": "eidas1", "eidas2": "eidas2"},
        "civil_register": "skip", "active": true, "order": 1,
    }))
    .unwrap()
}

/// A request of [`client`], with some members changed.
pub(crate) fn request(change: Value) -> AcceptedRequest {
    let mut json = json!({
        "client": "cantine",
        "destination": {"redirect": {
            "uri": "https://cantine.example/cb", "target": "https://cantine.example/cb",
            "mode": "query", "state": "s",
        }},
        "scopes": "openid profile",
        "acr": {"required": "eidas1"},
        "prompt": {"none": false, "login": false, "consent": false, "select_account": false},
        "max_age": null, "nonce": null, "pkce": null, "login_hint": null, "ui_locales": null,
        "idp_hint": null, "hinted_subject": null,
    });
    if let (Some(members), Value::Object(change)) = (json.as_object_mut(), change) {
        members.extend(change);
    }
    serde_json::from_value(json).unwrap()
}

/// A login for [`request`].
pub(crate) fn trip(change: Value) -> Trip {
    Trip {
        id: LoginId::from_bytes([7; 16]),
        browser: BrowserId::from_bytes([8; 16]),
        request: request(change),
        departures: 0,
        browsing: BrowsingId::random(&Counting::default()),
        floor: None,
        stepping_up: None,
        vouched: None,
        anew: false,
        thawing: false,
        reopening: None,
        visitor: None,
        shared_device: false,
        place: None,
    }
}

/// Everything about a fictional person.
pub(crate) fn complete_claims() -> IdentityClaims {
    serde_json::from_value(json!({
        "given_name": "Camille Aimée", "family_name": "MARTIN", "birthdate": "1990-04-12",
        "gender": "female", "birthplace": "69383", "birthcountry": "99100",
        "email": "camille@example.org", "email_verified": true,
    }))
    .unwrap()
}

/// The hub's pages.
pub(crate) fn pages() -> Pages {
    let builder = Pages::builder(PagesSettings {
        brand: Brand::new("Guichet"),
        public_url: Url::parse("http://localhost:8000").unwrap(),
        theme_dir: None,
        form_action: FormAction::Leaving,
        entropy: Arc::new(Counting::default()),
    });
    crate::pages::with_pages(builder).build().unwrap()
}

#[test]
fn a_login_survives_its_rest_and_keeps_its_step() {
    let login = Login::AwaitingProvider(super::AwaitingProvider::new(trip(json!({}))));
    let json = serde_json::to_vec(&login).unwrap();
    let back: Login = serde_json::from_slice(&json).unwrap();
    assert_eq!(back.step(), login.step());
    assert_eq!(back.trip().id, login.trip().id);
    assert_eq!(back.trip().request.acr().required, Acr::Eidas1);
}
