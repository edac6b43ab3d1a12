//! A client's secret: made here, shown once, kept as a hash (or sealed for `client_secret_jwt`).

use guichet_domain::{Client, ClientMetadata, Timestamp};
use zeroize::Zeroizing;

use super::answer::{Failed, Unregistrable};
use crate::{ClientSecrets, Engine};

/// A secret made just now.
pub(super) struct NewSecret(Zeroizing<String>);

impl NewSecret {
    /// A secret for a client that is new, when its method has one; it goes into the metadata, over
    /// whatever the client would have liked.
    pub(super) fn for_metadata(engine: &Engine, metadata: &mut ClientMetadata) -> Option<Self> {
        metadata.client_secret = None;
        if !has_secret(metadata.token_endpoint_auth_method.as_deref()) {
            return None;
        }
        let secret = Self(ClientSecrets::fresh(&*engine.parts().entropy));
        metadata.client_secret = Some(secret.text().to_owned());
        Some(secret)
    }

    /// A secret for a client that changes to another method; with the same method it keeps the one it
    /// has. A secret that comes along must be that one (RFC 7592 §2.2).
    pub(super) fn for_change(
        engine: &Engine,
        metadata: &mut ClientMetadata,
        known: &Client,
    ) -> Result<Option<Self>, Failed> {
        if let Some(presented) = &metadata.client_secret
            && engine
                .client_secrets()
                .is_another(known, presented, engine.now())?
        {
            let reason = "not the one the client has";
            return Err(Unregistrable::member("client_secret", &reason).into());
        }
        let fresh = Self::for_metadata(engine, metadata);
        let method = metadata.token_endpoint_auth_method.as_deref();
        let is_same = method.unwrap_or(DEFAULT_METHOD) == known.authentication.method();
        Ok(fresh.filter(|_| !is_same))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

/// Puts back the secret of a client that got no new one.
pub(super) fn keep_the_one_it_has(
    client: &mut Client,
    known: &Client,
    fresh: Option<&NewSecret>,
    now: Timestamp,
) {
    match fresh {
        Some(_) => client.authentication.date_secrets(now),
        None => client.authentication.keep_secret_of(&known.authentication),
    }
}

/// RFC 7591 §2.
pub(super) const DEFAULT_METHOD: &str = "client_secret_basic";

fn has_secret(method: Option<&str>) -> bool {
    method
        .unwrap_or(DEFAULT_METHOD)
        .starts_with("client_secret_")
}
