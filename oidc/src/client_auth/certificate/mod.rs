//! `tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705 §2): the certificate that the client
//! connected with is its proof.

mod name;

use std::sync::Arc;

use guichet_domain::client::CertificateSubject;
use guichet_domain::{Client, ClientAuthentication};
use http::request::Parts;

use super::{OTHER_METHOD, REFUSED};
use crate::refusal::{Failure, Refusal};
use crate::{Engine, PresentedCertificate};

/// Authenticates a client that must have registered one of the two methods.
pub(super) async fn check(
    engine: &Engine,
    head: &Parts,
    client: Arc<Client>,
) -> Result<Arc<Client>, Failure> {
    let presented =
        || PresentedCertificate::of(head).ok_or(REFUSED.because("no certificate was presented"));
    match &client.authentication {
        ClientAuthentication::TlsClientAuth { subject } => is_named(presented()?, subject)?,
        ClientAuthentication::SelfSignedTlsClientAuth => {
            is_registered(engine, &client, presented()?).await?;
        }
        _ => return Err(OTHER_METHOD.into()),
    }
    Ok(client)
}

/// Whether an authority says that the certificate is of the bearer of this name.
fn is_named(presented: &PresentedCertificate, subject: &CertificateSubject) -> Result<(), Refusal> {
    if !presented.is_trusted {
        return Err(REFUSED.because("no authority vouches for the certificate"));
    }
    if !name::bears(&presented.der, subject) {
        return Err(REFUSED.because("the certificate bears another name"));
    }
    Ok(())
}

/// Whether the certificate is among the client's own, which are looked for again where it is not.
async fn is_registered(
    engine: &Engine,
    client: &Client,
    presented: &PresentedCertificate,
) -> Result<(), Refusal> {
    let thumbprint = presented.thumbprint();
    let keys = engine
        .keys_of(client)
        .await
        .map_err(|why| REFUSED.because(why.reason()))?;
    if keys.has_certificate(&thumbprint) {
        return Ok(());
    }
    let newer = engine.newer_keys(client, &keys).await;
    newer
        .filter(|newer| newer.has_certificate(&thumbprint))
        .map(drop)
        .ok_or(REFUSED.because("the certificate is not among the client's jwks"))
}
