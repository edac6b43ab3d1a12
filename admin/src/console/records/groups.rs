//! In which order the members of each kind of records come, and under which headings. A member that stands
//! here nowhere comes last, under a heading of its own.

use super::fields::Group;

const fn group(name: &'static str, members: &'static [&'static str]) -> Group {
    Group { name, members }
}

/// Of services.
pub(super) const CLIENT: &[Group] = &[
    group(
        "identity",
        &[
            "client_id",
            "client_name",
            "kind",
            "client_uri",
            "contacts",
            "logo_uri",
            "policy_uri",
            "tos_uri",
            "environment",
            "active",
        ],
    ),
    group(
        "addresses",
        &[
            "redirect_uris",
            "post_logout_redirect_uris",
            "initiate_login_uri",
            "sector_identifier_uri",
            "sector",
            "subject_type",
            "application_type",
        ],
    ),
    group(
        "authentication",
        &[
            "token_endpoint_auth_method",
            "client_secret",
            "jwks_uri",
            "jwks",
            "token_endpoint_auth_signing_alg",
            "tls_client_auth_subject_dn",
            "tls_client_auth_san_dns",
            "tls_client_auth_san_uri",
            "tls_client_auth_san_ip",
            "tls_client_auth_san_email",
        ],
    ),
    group(
        "rights",
        &[
            "habilitation",
            "exception",
            "scope",
            "evidence_rights",
            "grant_types",
            "response_types",
            "authorization_details_types",
            "token_exchange_resources",
            "messages",
            "providers",
            "idp_hints",
            "may_skip_information",
        ],
    ),
    group(
        "levels",
        &[
            "default_acr_values",
            "minimum_acr_value",
            "default_max_age",
            "require_auth_time",
            "sso",
        ],
    ),
    group(
        "requests",
        &[
            "profile",
            "require_pkce",
            "require_pushed_authorization_requests",
            "require_signed_request_object",
            "request_object_signing_alg",
            "request_uris",
            "dpop_bound_access_tokens",
            "tls_client_certificate_bound_access_tokens",
        ],
    ),
    group(
        "answers",
        &[
            "id_token_signed_response_alg",
            "id_token_encrypted_response_alg",
            "id_token_encrypted_response_enc",
            "userinfo_signed_response_alg",
            "userinfo_encrypted_response_alg",
            "userinfo_encrypted_response_enc",
            "authorization_signed_response_alg",
            "authorization_encrypted_response_alg",
            "authorization_encrypted_response_enc",
            "introspection_signed_response_alg",
            "introspection_encrypted_response_alg",
            "introspection_encrypted_response_enc",
        ],
    ),
    group(
        "logout",
        &[
            "backchannel_logout_uri",
            "backchannel_logout_session_required",
            "frontchannel_logout_uri",
            "frontchannel_logout_session_required",
            "events_uri",
        ],
    ),
    group(
        "deferred",
        &[
            "backchannel_token_delivery_mode",
            "backchannel_client_notification_endpoint",
            "backchannel_authentication_request_signing_alg",
            "software_id",
            "software_version",
        ],
    ),
];

/// Of identity providers.
pub(super) const PROVIDER: &[Group] = &[
    group("identity", &["id", "name", "operator", "active"]),
    group(
        "connection",
        &[
            "issuer",
            "client_id",
            "client_secret",
            "token_endpoint_auth_method",
            "token_endpoint_auth_signing_alg",
            "discovery",
            "authorization_endpoint",
            "token_endpoint",
            "userinfo_endpoint",
            "jwks_uri",
            "jwks",
            "end_session_endpoint",
            "pushed_authorization_request_endpoint",
            "authorization_response_iss_parameter_supported",
        ],
    ),
    group(
        "levels",
        &[
            "levels",
            "acr_map",
            "unmapped_acr",
            "amr",
            "civil_register",
            "claims_mapping",
        ],
    ),
    group(
        "display",
        &[
            "order",
            "displayed",
            "logo_uri",
            "beta",
            "unavailable",
            "warning",
            "email_domains",
        ],
    ),
    group(
        "opening",
        &[
            "opens",
            "closes",
            "maintenance",
            "clients",
            "sandbox",
            "status_uri",
        ],
    ),
    group(
        "requests",
        &[
            "scope",
            "claims",
            "prompt",
            "response_mode",
            "require_pushed_authorization_requests",
            "dpop_bound_access_tokens",
        ],
    ),
    group(
        "answers",
        &[
            "id_token_signed_response_alg",
            "id_token_encrypted_response_alg",
            "id_token_encrypted_response_enc",
            "userinfo_signed_response_alg",
            "userinfo_encrypted_response_alg",
            "userinfo_encrypted_response_enc",
            "backchannel_logout",
        ],
    ),
];

/// Of data providers.
pub(super) const DATA_PROVIDER: &[Group] = &[
    group("identity", &["id", "name", "active"]),
    group("connection", &["client_id", "evidence_endpoint"]),
    group(
        "rights",
        &[
            "evidence",
            "preview",
            "indexed_a_day",
            "may_receive_identity",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::console::records::fields::Field;
    use crate::console::records::sheet::Sheet;
    use crate::{ClientRecords, DataProviderRecords, ProviderRecords};

    fn are_there_once<S: Sheet>(groups: &[Group]) {
        let known: BTreeSet<&str> = S::fields().iter().map(Field::member).collect();
        let all: Vec<&str> = groups
            .iter()
            .flat_map(|group| group.members)
            .copied()
            .collect();
        let once: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all.len(), once.len(), "something stands there twice");
        let unknown: Vec<_> = once.difference(&known).collect();
        assert!(unknown.is_empty(), "no such members: {unknown:?}");
    }

    #[test]
    fn what_is_grouped_is_a_member_and_stands_in_one_group() {
        are_there_once::<ClientRecords>(CLIENT);
        are_there_once::<ProviderRecords>(PROVIDER);
        are_there_once::<DataProviderRecords>(DATA_PROVIDER);
    }
}
