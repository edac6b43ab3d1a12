//! Clients of every kind beside those of the tests, so that every check has somebody to be asked of.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::testing::{CERTIFICATE, World};

/// The name in the certificate of the tests.
const CERTIFIED: &str = r"CN=service.example,O=Mairie de Lyon\, 3e+OU=SI,L=Lyon,C=FR";

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CIBA: &str = "urn:openid:params:grant-type:ciba";

/// Registers them.
pub(super) fn add_to(world: &World) {
    let jwks: Value = serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    let own = json!({"keys": [{"kty": "EC", "x5c": [STANDARD.encode(CERTIFICATE)]}]});
    world.refreshing("basic", &json!({}));
    for (id, special) in [
        ("fc", json!({"profile": "franceconnect"})),
        (
            "fapi",
            json!({
                "profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
            }),
        ),
        (
            "tv",
            json!({
                "token_endpoint_auth_method": "none", "grant_types": [DEVICE], "redirect_uris": [],
            }),
        ),
        (
            "desk",
            json!({
                "grant_types": [CIBA], "redirect_uris": [], "jwks": jwks,
                "backchannel_token_delivery_mode": "ping",
                "backchannel_client_notification_endpoint": "https://desk.example/ping",
            }),
        ),
        (
            "signer",
            json!({
                "grant_types": [CIBA], "redirect_uris": [], "jwks": jwks,
                "backchannel_token_delivery_mode": "poll",
                "backchannel_authentication_request_signing_alg": "ES256",
            }),
        ),
        (
            "named",
            json!({
                "token_endpoint_auth_method": "tls_client_auth",
                "tls_client_auth_subject_dn": CERTIFIED,
                "tls_client_certificate_bound_access_tokens": true,
            }),
        ),
        (
            "own",
            json!({"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": own}),
        ),
    ] {
        world.clients.add(id, &special);
    }
}
