//! What a scorecard says of careful and of careless clients.

use guichet_domain::ClientMetadata;
use guichet_domain::client::SecretHash;
use serde_json::{Value, json};

use super::*;

fn mark(mark: &str, times: u64) -> ClientMark {
    ClientMark {
        client: "cantine".parse().unwrap(),
        mark: mark.to_owned(),
        month: "2026-11".to_owned(),
        times,
        last: "2026-11-19T11:00:00Z".parse().unwrap(),
    }
}

fn client(more: &Value) -> Client {
    let mut metadata = json!({
        "client_id": "cantine", "client_secret": "a-secret-of-some-length-0123456789",
        "redirect_uris": ["https://cantine.example/cb"], "scope": "openid email birthdate",
    });
    let members = metadata.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    let metadata: ClientMetadata = serde_json::from_value(metadata).unwrap();
    metadata.check(|_| SecretHash::from_bytes([1; 32])).unwrap()
}

fn scorecard(more: &Value, marks: &[(&str, u64)]) -> Scorecard {
    let marks = marks.iter().map(|(name, times)| mark(name, *times));
    let since: Period = "2026-08".parse().unwrap();
    Scorecard::by(&client(more), &since, &Marks(marks.collect()))
}

fn verdict(card: &Scorecard, topic: Topic) -> (Verdict, Option<&str>) {
    let found = card.topics.iter().find(|it| it.topic == topic).unwrap();
    let ends = found.ends.as_ref().map(|it| it.option.as_str());
    (found.verdict, ends)
}

#[test]
fn a_careful_client_is_told_so_and_of_no_end() {
    let more = json!({
        "token_endpoint_auth_method": "private_key_jwt", "client_secret": null,
        "jwks_uri": "https://cantine.example/jwks", "id_token_signed_response_alg": "ES256",
        "backchannel_logout_uri": "https://cantine.example/logout",
    });
    let marks = [
        ("asked", 9),
        ("pkce", 9),
        ("state", 9),
        ("nonce", 9),
        ("logout_told", 2),
    ];
    let card = scorecard(&more, &marks);
    for topic in &card.topics {
        assert_eq!(
            verdict(&card, topic.topic),
            (Verdict::Good, None),
            "{topic:?}"
        );
    }
    assert_eq!(card.topics[0].last.as_deref(), Some("2026-11-19"));
}

#[test]
fn a_careless_client_is_told_what_it_lacks_and_until_when() {
    let more = json!({"id_token_signed_response_alg": "RS256", "token_endpoint_auth_method": "client_secret_post"});
    let card = scorecard(&more, &[("asked", 9), ("pkce", 4), ("nonce", 9)]);
    assert_eq!(
        verdict(&card, Topic::Pkce),
        (Verdict::Weak, Some("no_pkce"))
    );
    assert_eq!(
        verdict(&card, Topic::State),
        (Verdict::Missing, Some("no_state"))
    );
    assert_eq!(verdict(&card, Topic::Nonce), (Verdict::Good, None));
    let post = Some("client_secret_post");
    assert_eq!(verdict(&card, Topic::Authentication), (Verdict::Weak, post));
    assert_eq!(
        verdict(&card, Topic::Algorithms),
        (Verdict::Weak, Some("RS256"))
    );
    assert_eq!(
        verdict(&card, Topic::Logout),
        (Verdict::Missing, Some("no_logout"))
    );
    assert_eq!(verdict(&card, Topic::Keys), (Verdict::Unseen, None));
}

#[test]
fn of_a_client_that_never_asked_nothing_is_said() {
    let card = scorecard(&json!({}), &[]);
    assert_eq!(verdict(&card, Topic::Pkce), (Verdict::Unseen, None));
    assert_eq!(card.unused_scopes.len(), 3);
}

#[test]
fn errors_come_by_their_number_and_rights_that_nobody_used_are_named() {
    let marks = [
        ("error:invalid_grant", 2),
        ("error:invalid_client", 7),
        ("scope:openid", 9),
        ("scope:email", 9),
    ];
    let card = scorecard(&json!({}), &marks);
    let errors: Vec<_> = card
        .errors
        .iter()
        .map(|it| (it.name.as_str(), it.times))
        .collect();
    assert_eq!(errors, [("invalid_client", 7), ("invalid_grant", 2)]);
    assert_eq!(card.unused_scopes, ["birthdate"]);
}
