//! The hub as the OpenID Foundation's certification plans look at it: one file a plan, a test a module, named after
//! what the module demands. Every test registers clients of its own, as the plans do.

mod backchannel_logout;
mod ciba_ping;
mod ciba_poll;
pub(crate) mod deferred;
mod device_authorization;
mod fapi2_message_signing;
mod fapi2_security_profile;
mod fapi_ciba;
mod fapi_party;
mod form_post;
mod frontchannel_logout;
mod oidc_basic;
mod oidc_config;
mod oidc_dynamic;
mod parties;
mod relying_party;
mod rp_initiated_logout;
mod site;
