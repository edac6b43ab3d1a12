//! Metadata of clients and providers: whatever JSON comes in, what is taken is written back so that it is
//! taken again and means the same.

use guichet_domain::{CivilRegisterPolicy, ClientMetadata, ProviderMetadata, Sealed};
use guichet_keys::client_secret_hash;

use crate::{Target, by_name};

pub(crate) fn target(input: &[u8]) {
    let ways: [(&str, Target); 2] = [("client", client), ("provider", provider)];
    by_name(input, &ways, |way, rest| way(rest));
}

fn client(json: &[u8]) {
    let Ok(metadata) = serde_json::from_slice::<ClientMetadata>(json) else {
        return;
    };
    let Ok(client) = metadata.check(client_secret_hash) else {
        return;
    };
    assert!(
        client
            .redirect_uris
            .iter()
            .all(|uri| uri.matches(uri.as_str()))
    );
    let mut written = ClientMetadata::from(&client);
    written.client_secret = metadata.client_secret;
    let again = written.check(client_secret_hash);
    let again = again.expect("what was taken is taken again");
    assert!(again == client);
}

fn provider(json: &[u8]) {
    let Ok(metadata) = serde_json::from_slice::<ProviderMetadata>(json) else {
        return;
    };
    let seal = |secret: &str| Sealed::from_bytes(secret.as_bytes().to_vec());
    let Ok(provider) = metadata.check(seal, CivilRegisterPolicy::Required) else {
        return;
    };
    let mut written = ProviderMetadata::from(&provider);
    written.client_secret = metadata.client_secret;
    let again = written.check(seal, CivilRegisterPolicy::Required);
    assert!(again.expect("what was taken is taken again") == provider);
    assert!(!provider.issuer.contains(['?', '#']));
}
