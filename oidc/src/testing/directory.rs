//! The clients of the tests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use guichet_domain::client::ClientDirectory;
use guichet_domain::{Client, ClientMetadata, Timestamp};
use guichet_keys::Keys;
use serde_json::{Value, json};

use super::{SECRET, redirect_uri};
use crate::ClientSecrets;

/// The clients of the tests, named for how they authenticate or what is special about them.
pub(crate) struct Directory(
    pub(super) Mutex<HashMap<String, Arc<Client>>>,
    ClientSecrets,
);

impl Directory {
    pub(super) fn new(keys: &Keys, client_keys: &Keys) -> Self {
        let jwks: Value = serde_json::from_slice(&client_keys.client_ring().jwks()).unwrap();
        let directory = Self(Mutex::new(HashMap::new()), ClientSecrets::new(keys));
        directory.add("basic", &json!({}));
        directory.add("other", &json!({}));
        directory.add("lax", &json!({"require_pkce": false}));
        directory.add("signed", &json!({"userinfo_signed_response_alg": "EdDSA"}));
        directory.add(
            "post",
            &json!({"token_endpoint_auth_method": "client_secret_post"}),
        );
        directory.add("public", &json!({"token_endpoint_auth_method": "none"}));
        directory.add("disabled", &json!({"active": false}));
        directory.add("narrow", &json!({"scope": "openid given_name"}));
        directory.add(
            "jwt",
            &json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks}),
        );
        directory
    }

    /// Registers a client, or replaces it.
    pub(crate) fn add(&self, id: &str, special: &Value) {
        let mut metadata = json!({
            "client_id": id,
            "client_secret": SECRET,
            "redirect_uris": [redirect_uri(id), format!("https://{id}.example/second")],
            "post_logout_redirect_uris": [format!("https://{id}.example/bye?from=hub")],
            "backchannel_logout_uri": format!("https://{id}.example/backchannel"),
            "sector": id,
        });
        for (name, value) in special.as_object().unwrap() {
            metadata[name] = value.clone();
        }
        let metadata: ClientMetadata = serde_json::from_value(metadata).unwrap();
        let client = metadata.check_keeping(&self.1).unwrap();
        self.0
            .lock()
            .unwrap()
            .insert(id.to_owned(), Arc::new(client));
    }

    /// Gives a client another secret; those it has end at `others_end`.
    pub(crate) fn add_secret(
        &self,
        id: &str,
        secret: &str,
        (others_end, now): (Timestamp, Timestamp),
    ) {
        let mut all = self.0.lock().unwrap();
        let mut client = (**all.get(id).unwrap()).clone();
        let keep = (&client.id.clone(), &self.1);
        let named = ("second".to_owned(), secret);
        let authentication = &mut client.authentication;
        let added = authentication.add_secret(keep, named, Some(others_end), now);
        added.unwrap();
        all.insert(id.to_owned(), Arc::new(client));
    }

    /// Every client by its identifier.
    pub(crate) fn all(&self) -> HashMap<String, Arc<Client>> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn disable(&self, id: &str) {
        self.add(id, &json!({"active": false}));
    }
}

impl ClientDirectory for Directory {
    fn client(&self, id: &str) -> Option<Arc<Client>> {
        self.0.lock().unwrap().get(id).cloned()
    }
}
