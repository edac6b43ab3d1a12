//! Where the endpoints of an engine are.

/// Absolute addresses of the endpoints.
pub(crate) struct Endpoints {
    pub(crate) authorization: String,
    pub(crate) pushed_authorization_request: String,
    pub(crate) token: String,
    pub(crate) introspection: String,
    pub(crate) revocation: String,
    pub(crate) userinfo: String,
    pub(crate) jwks: String,
    pub(crate) end_session: String,
    pub(crate) registration: String,
    pub(crate) device_authorization: String,
    pub(crate) backchannel_authentication: String,
}

impl Endpoints {
    pub(crate) fn of(issuer: &str) -> Self {
        Self {
            authorization: format!("{issuer}/authorize"),
            pushed_authorization_request: format!("{issuer}/par"),
            token: format!("{issuer}/token"),
            introspection: format!("{issuer}/token/introspection"),
            revocation: format!("{issuer}/token/revocation"),
            userinfo: format!("{issuer}/userinfo"),
            jwks: format!("{issuer}/jwks"),
            end_session: format!("{issuer}/session/end"),
            registration: format!("{issuer}/register"),
            device_authorization: format!("{issuer}/device_authorization"),
            backchannel_authentication: format!("{issuer}/bc-authorize"),
        }
    }
}
