//! The checks of an authorization request without the request: nothing is kept, noted or spent, nobody is sent
//! anywhere. What a request is carried in (pushed, fetched, signed) is not looked at.

use guichet_domain::OAuthError;

use super::{PARAMETERS, RegisteredRedirect, SupportedRequest, client};
use crate::parameters::Parameters;
use crate::refusal::Refusal;
use crate::{AcceptedRequest, Engine};

/// Why a request would go no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DryRefusal {
    /// Which of the checks says so: `client`, `redirect_uri` or `request`, in this order.
    pub check: &'static str,
    /// The code of the standard.
    pub error: OAuthError,
    /// What a developer reads.
    pub description: &'static str,
}

impl Engine {
    /// What would become of an authorization request with these parameters (form encoded): as accepted, or
    /// the first check that says no.
    pub fn look_at(&self, parameters: &str) -> Result<AcceptedRequest, DryRefusal> {
        let at = |check| move |refusal| said(check, refusal);
        let asked = Parameters::read(parameters.as_bytes(), PARAMETERS).map_err(at("request"))?;
        let client = client::known_and_active(self, &asked).map_err(at("client"))?;
        if asked.is_sent("request") || asked.is_sent("request_uri") {
            return Err(said("request", CARRIED));
        }
        let redirect = RegisteredRedirect::check(&client, &asked).map_err(at("redirect_uri"))?;
        let supported = SupportedRequest::check(self, &client, &asked).map_err(at("request"))?;
        Ok(supported.accept(client.id.clone(), redirect, None))
    }
}

fn said(check: &'static str, refusal: Refusal) -> DryRefusal {
    DryRefusal {
        check,
        error: refusal.error,
        description: refusal.description,
    }
}

const CARRIED: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "what is tried out are the parameters themselves, not what they are carried in",
);
