//! Why a voucher is refused, and what whoever brought it is told: the kind of fault, no more.

use guichet_keys::{JweRefusal, JwsRefusal};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

use super::written;
use crate::answer::Written;
use crate::proof::ProofRefusal;

/// Why a voucher is refused: one name for each check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VoucherRefusal {
    /// Not one voucher and one proof.
    #[error("the request does not carry one voucher and one proof")]
    Credentials,
    /// It is not encrypted to us.
    #[error("the voucher: {0}")]
    Envelope(#[from] JweRefusal),
    /// Its type, its signature, its times.
    #[error("the voucher: {0}")]
    Voucher(#[from] JwsRefusal),
    /// It is by another hub.
    #[error("the voucher is by another hub")]
    Issuer,
    /// It is for another data provider.
    #[error("the voucher is for another data provider")]
    Audience,
    /// Its phase does not go with who receives.
    #[error("the voucher's phase does not go with its recipient")]
    Phase,
    /// The proof does not hold.
    #[error("{0}")]
    Proof(#[from] ProofRefusal),
    /// It is for another request.
    #[error("the voucher is for another request")]
    OtherRequest,
    /// The body is not a request.
    #[error("the body is not a request")]
    Body,
    /// The body asks for what the voucher is not for.
    #[error("the request asks for more than the voucher is for")]
    Beyond,
    /// It was used before.
    #[error("the voucher was used before")]
    Used,
    /// The hub says that it is good no more.
    #[error("the hub says that the voucher is good no more")]
    Inactive,
    /// The hub cannot be asked, or our own memory cannot.
    #[error("the voucher cannot be confirmed now")]
    HubDown,
}

impl VoucherRefusal {
    /// The status and the OAuth error code (RFC 6750 §3.1, RFC 9449 §7.1).
    pub fn code(self) -> (StatusCode, &'static str) {
        match self {
            Self::Body | Self::Beyond => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::Proof(_) => (StatusCode::UNAUTHORIZED, "invalid_dpop_proof"),
            Self::HubDown => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
            Self::Credentials
            | Self::Envelope(_)
            | Self::Voucher(_)
            | Self::Issuer
            | Self::Audience
            | Self::Phase
            | Self::OtherRequest
            | Self::Used
            | Self::Inactive => (StatusCode::UNAUTHORIZED, "invalid_token"),
        }
    }

    /// The answer.
    pub fn response(self) -> Response<Vec<u8>> {
        let (status, error) = self.code();
        let body = Written {
            error: Some(error.to_owned()),
            ..Written::default()
        };
        let mut response = written(status, &body);
        let headers = response.headers_mut();
        match error {
            "invalid_token" => headers.insert(WWW_AUTHENTICATE, INVALID_TOKEN),
            "invalid_dpop_proof" => headers.insert(WWW_AUTHENTICATE, INVALID_PROOF),
            "temporarily_unavailable" => headers.insert(RETRY_AFTER, A_MOMENT),
            _ => None,
        };
        response
    }
}

const INVALID_TOKEN: HeaderValue =
    HeaderValue::from_static(r#"DPoP error="invalid_token", algs="ES256 EdDSA PS256""#);
const INVALID_PROOF: HeaderValue =
    HeaderValue::from_static(r#"DPoP error="invalid_dpop_proof", algs="ES256 EdDSA PS256""#);
const A_MOMENT: HeaderValue = HeaderValue::from_static("10");
