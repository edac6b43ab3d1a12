//! Token exchange for a voucher (RFC 8693): a service brings its own access token and gets the right to fetch
//! one thing that was granted beside it (RFC 9396), once, from one party, for one request and with one key.
//!
//! The engine makes sure of who asks and by what right; what a voucher is, [`RichAuthorization`] knows.
//!
//! [`RichAuthorization`]: crate::RichAuthorization

use guichet_domain::OAuthError;
use guichet_keys::same;

use super::TokenRequest;
use super::exchange::{NOT_HELD, SubjectToken, subject_is_access_token};
use super::issue::TokenAnswer;
use crate::binding::SenderBinding;
use crate::refusal::{Failure, Refusal};
use crate::{Act, PresentedCertificate, RichExchange, VoucherOrder};

/// The type of what comes out.
pub(super) const VOUCHER: &str = "urn:guichet:params:oauth:token-type:evidence-voucher";

/// The checks of an exchange for a voucher, in order; it leaves once whoever made it has put it on record.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<TokenAnswer, Failure> {
    subject_is_access_token(request.asked)?;
    if !request.client.authentication.is_confidential() {
        return Err(ANONYMOUS.into());
    }
    let jkt = proven_key(request)?;
    let (audience, asked) = named(request)?;
    let subject = SubjectToken::check(request).await?;
    let record = subject.record();
    if record.client != request.client.id {
        // Meant for this client as a resource, and yet what another was granted is not its own.
        return Err(NOT_HELD
            .because("what was granted to another client")
            .into());
    }
    check_holder(&record.binding, jkt, request.certificate)?;
    if record.details.is_empty() {
        return Err(NOTHING_GRANTED.into());
    }
    let order = VoucherOrder {
        client: request.client,
        grant: record.grant,
        person: record.person,
        session: record.session,
        acr: record.acr,
        amr: &record.amr,
        actor: record.actor.as_ref().map(Act::of),
        details: &record.details,
        jkt,
        audience,
        asked,
        now: request.engine.now(),
    };
    let voucher = request.engine.parts().rich.exchange(order).await?;
    Ok(TokenAnswer {
        access_token: voucher.token,
        token_type: request.binding.token_type(),
        expires_in: voucher.expires_in,
        issued_token_type: Some(VOUCHER),
        id_token: None,
        refresh_token: None,
        scope: String::new(),
        authorization_details: Vec::new(),
    })
}

/// The key that the request proved: a voucher is never for whoever bears it.
fn proven_key<'a>(request: &'a TokenRequest<'_>) -> Result<&'a str, Refusal> {
    match &request.binding {
        SenderBinding::Dpop { jkt } => Ok(jkt),
        SenderBinding::None | SenderBinding::Certificate { .. } => Err(NO_PROOF),
    }
}

/// For whom the voucher is to be, and for what.
fn named<'a>(request: &TokenRequest<'a>) -> Result<(&'a str, RichExchange<'a>), Refusal> {
    let asked = request.asked;
    let mut audiences = asked.all("audience");
    let (Some(audience), None) = (audiences.next(), audiences.next()) else {
        return Err(NO_AUDIENCE);
    };
    if asked.is_sent("resource") {
        return Err(NO_AUDIENCE);
    }
    let exchange = RichExchange {
        grant_id: asked.required("grant_id", "grant_id is missing")?,
        request_digest: asked.required("request_digest", "request_digest is missing")?,
    };
    Ok((audience, exchange))
}

/// The key proven, or the certificate shown, is that of the subject token, if it has one: whoever found the
/// token has neither (threat N-45).
fn check_holder(
    binding: &SenderBinding,
    proven: &str,
    shown: Option<&PresentedCertificate>,
) -> Result<(), Refusal> {
    match binding {
        SenderBinding::None => Ok(()),
        SenderBinding::Dpop { jkt } if same(jkt.as_bytes(), proven.as_bytes()) => Ok(()),
        SenderBinding::Dpop { .. } => Err(OTHER_KEY),
        SenderBinding::Certificate { x5t_s256 } => {
            let shown = shown.map(PresentedCertificate::thumbprint);
            let is_it = shown.is_some_and(|shown| same(shown.as_bytes(), x5t_s256.as_bytes()));
            is_it.then_some(()).ok_or(OTHER_CERTIFICATE)
        }
    }
}

const ANONYMOUS: Refusal = Refusal::new(
    OAuthError::UnauthorizedClient,
    "a client that does not authenticate gets no vouchers",
);
const NO_PROOF: Refusal = Refusal::new(
    OAuthError::InvalidDpopProof,
    "a voucher is bound to a key: a DPoP proof is missing",
);
const NO_AUDIENCE: Refusal = Refusal::new(
    OAuthError::InvalidTarget,
    "a voucher is for one party: name it as audience, once, and no resource",
);
const OTHER_KEY: Refusal = Refusal::new(
    OAuthError::InvalidDpopProof,
    "the DPoP proof is not of the key that the subject token is bound to",
);
const OTHER_CERTIFICATE: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "the connection does not show the certificate that the subject token is bound to",
);
const NOTHING_GRANTED: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "the subject token holds no authorization_details",
);
