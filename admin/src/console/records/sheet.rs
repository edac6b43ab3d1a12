//! What pages must know of a kind of records beside what the API knows: its fields, what is shown of one in a
//! list, where one is searched, and what is looked at outside before one is written.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::client::GrantType;
use guichet_domain::{
    Acr, Client, ClientMetadata, ContentEncryption, DataProvider, DataProviderMetadata, Entropy,
    EvidenceTypeId, KeyManagementAlg, Provider, ProviderMetadata, SigningAlg,
};
use serde_json::{Map, Value};

use super::fields::{self, Field};
use super::groups::{CLIENT, DATA_PROVIDER, PROVIDER};
use crate::checks::Looked;
use crate::{ClientRecords, DataProviderRecords, ProviderRecords};

/// A kind of records that has pages.
pub(crate) trait Sheet: Looked {
    /// What its texts are named for.
    const WORD: &'static str;
    /// The operations that put one and that disable one, by their names.
    const OPERATIONS: [&'static str; 2];
    /// What stands in a list beside name, identifier and state: the ends of texts.
    const COLUMNS: &'static [&'static str];

    /// The fields of its form.
    fn fields() -> &'static [Field];

    /// What people call it.
    fn title(record: &Self::Record) -> &str;

    /// What stands in a list, in the order of the columns.
    fn cells(record: &Self::Record) -> Vec<String>;

    /// Where it is searched, beside its name.
    fn searched(record: &Self::Record) -> Vec<Cow<'_, str>>;

    /// What is missing and made here, such as a secret that nobody typed; whether it must be shown, once.
    fn furnish(
        _known: Option<&Map<String, Value>>,
        _members: &mut Map<String, Value>,
        _entropy: &dyn Entropy,
    ) -> bool {
        false
    }
}

impl Sheet for ClientRecords {
    const WORD: &'static str = "client";
    const OPERATIONS: [&'static str; 2] = ["client.put", "client.disable"];
    const COLUMNS: &'static [&'static str] = &["method", "kind"];

    fn fields() -> &'static [Field] {
        static FIELDS: LazyLock<Vec<Field>> =
            LazyLock::new(|| fields::of::<ClientMetadata>(CLIENT, client_choices));
        &FIELDS
    }

    fn title(record: &Client) -> &str {
        &record.name
    }

    fn cells(record: &Client) -> Vec<String> {
        let kind = if record.needs_consent() {
            "private"
        } else {
            "public"
        };
        vec![record.authentication.method().to_owned(), kind.to_owned()]
    }

    fn searched(record: &Client) -> Vec<Cow<'_, str>> {
        let addresses = record.redirect_uris.iter().map(|uri| uri.as_str().into());
        let contacts = record.contacts.iter().map(|it| it.as_str().into());
        let home = record.client_uri.as_ref().map(|uri| uri.as_str().into());
        addresses.chain(contacts).chain(home).collect()
    }

    /// A secret that nobody typed is made here: nobody copies one into an e-mail.
    fn furnish(
        known: Option<&Map<String, Value>>,
        members: &mut Map<String, Value>,
        entropy: &dyn Entropy,
    ) -> bool {
        let method = |members: &Map<String, Value>| {
            let method = members.get("token_endpoint_auth_method");
            method.and_then(Value::as_str).map(str::to_owned)
        };
        let takes_secret = method(members).is_none_or(|method| method.starts_with("client_secret"));
        let has_one = known.is_some_and(|known| method(known) == method(members));
        if !takes_secret || has_one || members.contains_key("client_secret") {
            return false;
        }
        let secret = URL_SAFE_NO_PAD.encode(entropy.bytes32());
        members.insert("client_secret".to_owned(), secret.into());
        true
    }
}

impl Sheet for ProviderRecords {
    const WORD: &'static str = "provider";
    const OPERATIONS: [&'static str; 2] = ["provider.put", "provider.disable"];
    const COLUMNS: &'static [&'static str] = &["issuer", "levels"];

    fn fields() -> &'static [Field] {
        static FIELDS: LazyLock<Vec<Field>> =
            LazyLock::new(|| fields::of::<ProviderMetadata>(PROVIDER, algorithms));
        &FIELDS
    }

    fn title(record: &Provider) -> &str {
        &record.name
    }

    fn cells(record: &Provider) -> Vec<String> {
        let levels: Vec<&str> = record.levels.iter().map(|level| level.as_str()).collect();
        vec![record.issuer.clone(), levels.join(", ")]
    }

    fn searched(record: &Provider) -> Vec<Cow<'_, str>> {
        let domains = record.audience.email_domains.iter();
        let domains = domains.map(|domain| domain.as_str().into());
        domains.chain([record.issuer.as_str().into()]).collect()
    }
}

impl Sheet for DataProviderRecords {
    const WORD: &'static str = "data-provider";
    const OPERATIONS: [&'static str; 2] = ["data_provider.put", "data_provider.disable"];
    const COLUMNS: &'static [&'static str] = &["client", "evidence"];

    fn fields() -> &'static [Field] {
        static FIELDS: LazyLock<Vec<Field>> =
            LazyLock::new(|| fields::of::<DataProviderMetadata>(DATA_PROVIDER, |_| None));
        &FIELDS
    }

    fn title(record: &DataProvider) -> &str {
        &record.name
    }

    fn cells(record: &DataProvider) -> Vec<String> {
        let evidence: Vec<&str> = record.evidence.iter().map(EvidenceTypeId::as_str).collect();
        vec![record.client.to_string(), evidence.join(", ")]
    }

    fn searched(record: &DataProvider) -> Vec<Cow<'_, str>> {
        let evidence = record.evidence.iter().map(|it| it.as_str().into());
        let fixed = [
            record.client.as_str().into(),
            record.evidence_endpoint.as_str().into(),
        ];
        evidence.chain(fixed).collect()
    }
}

/// What may stand in members of clients whose type is text.
fn client_choices(member: &str) -> Option<Vec<&'static str>> {
    match member {
        "token_endpoint_auth_method" => Some(vec![
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "private_key_jwt",
            "tls_client_auth",
            "self_signed_tls_client_auth",
            "none",
        ]),
        "application_type" => Some(vec!["web", "native"]),
        "subject_type" => Some(vec!["pairwise", "public"]),
        "backchannel_token_delivery_mode" => Some(vec!["poll", "ping"]),
        _ => algorithms(member),
    }
}

/// What may stand in members that name algorithms.
fn algorithms(member: &str) -> Option<Vec<&'static str>> {
    if member.ends_with("_signed_response_alg") || member == "token_endpoint_auth_signing_alg" {
        Some(SigningAlg::ALL.map(SigningAlg::as_str).to_vec())
    } else if member.ends_with("_encrypted_response_alg") {
        Some(KeyManagementAlg::ALL.map(KeyManagementAlg::as_str).to_vec())
    } else if member.ends_with("_encrypted_response_enc") {
        Some(
            ContentEncryption::ALL
                .map(ContentEncryption::as_str)
                .to_vec(),
        )
    } else {
        None
    }
}

/// Texts that a field of several lines takes, for whoever fills it in.
pub(crate) fn known_lines(field: &str) -> Vec<&'static str> {
    match field {
        "grant_types" => GrantType::ALL.map(GrantType::as_str).to_vec(),
        "levels" => Acr::ALL.map(Acr::as_str).to_vec(),
        _ => Vec::new(),
    }
}
