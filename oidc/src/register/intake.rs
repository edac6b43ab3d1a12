//! Reading metadata from a request: JSON, bounded, unknown members left behind (RFC 7591 §2), `null`
//! as good as absent (RFC 7592 §2.2).

use axum::body::Body;
use guichet_domain::{Client, ClientMetadata, OAuthError};
use http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::answer::{Failed, Unregistrable};
use crate::refusal::Refusal;

/// What a client sent.
pub(super) struct Asked {
    pub(super) members: Map<String, Value>,
    pub(super) software_statement: Option<String>,
}

/// Reads the metadata of a request.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Asked, Failed> {
    if !is_json(headers) {
        return Err(refused("the body must be application/json").into());
    }
    let body = axum::body::to_bytes(body, MAX_BYTES)
        .await
        .map_err(|_| refused("the body is larger than 64 KiB or was cut off"))?;
    let members: Map<String, Value> =
        serde_json::from_slice(&body).map_err(|_| refused("the body is not a JSON object"))?;
    let members: Map<String, Value> = members
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    let software_statement = match members.get("software_statement") {
        None => None,
        Some(Value::String(statement)) => Some(statement.clone()),
        Some(_) => {
            return Err(Unregistrable::member("software_statement", &WRONG_TYPE).into());
        }
    };
    Ok(Asked {
        members,
        software_statement,
    })
}

/// A change names the client it is about and says nothing that only the server says (RFC 7592 §2.2).
pub(super) fn is_a_change_of(asked: &Asked, client: &Client) -> Result<(), Unregistrable> {
    if asked.members.get("client_id").and_then(Value::as_str) != Some(client.id.as_str()) {
        return Err(Unregistrable::member(
            "client_id",
            &"it must be the client's own",
        ));
    }
    let mut servers_own = SERVERS_OWN.into_iter();
    match servers_own.find(|name| asked.members.contains_key(*name)) {
        Some(member) => Err(Unregistrable::member(member, &"not for a client to say")),
        None => Ok(()),
    }
}

/// The members as metadata; where one has the wrong type, it is named.
pub(super) fn metadata(members: Map<String, Value>) -> Result<ClientMetadata, Unregistrable> {
    let whole = Value::Object(members.clone());
    serde_json::from_value(whole).map_err(|_| {
        let at_fault = members.into_iter().find(|(name, value)| {
            let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
            serde_json::from_value::<ClientMetadata>(alone).is_err()
        });
        // A member that does not parse is one we know, hence one of the standards' names.
        let name = at_fault.map_or_else(String::new, |(name, _)| name);
        Unregistrable::member(&name, &WRONG_TYPE)
    })
}

const MAX_BYTES: usize = 64 * 1024;

const WRONG_TYPE: &str = "not of the type the standard gives it";

const SERVERS_OWN: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// Anything else a page of another site could post without asking.
fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<ClientMetadata, Unregistrable> {
        let Value::Object(members) = value else {
            unreachable!("tests send objects")
        };
        metadata(members)
    }

    #[test]
    fn the_member_of_the_wrong_type_is_named() {
        for (value, name) in [
            (
                json!({"redirect_uris": "https://a.example"}),
                "redirect_uris",
            ),
            (json!({"client_name": 7, "logo_uri": "x"}), "client_name"),
            (json!({"default_max_age": -1}), "default_max_age"),
        ] {
            let refused = read(value).err().unwrap();
            let description = format!("{refused:?}");
            assert!(description.contains(&format!("{name}: not of the type")));
        }
    }

    #[test]
    fn unknown_members_are_left_behind() {
        assert!(read(json!({"frobnicate": {"a": [1]}, "client_name": "A"})).is_ok());
    }

    proptest! {
        #[test]
        fn any_object_is_read_or_refused(name in "[a-z_]{0,30}", text in ".{0,40}") {
            let _ = read(json!({name.clone(): text, "redirect_uris": [name]}));
        }
    }
}
