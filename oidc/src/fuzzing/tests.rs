//! The ways in lead in: a good input of each gets what it asks for. And the promises can be broken.

use http::{HeaderMap, StatusCode, header};

use super::promises::{Seen, hold};
use super::*;
use crate::testing::{Answered, CERTIFICATE};

/// What an input was given.
fn given(door: &FrontDoor, enter: impl FnOnce(&FrontDoor)) -> Vec<String> {
    let before = Seen::of(&door.world);
    enter(door);
    before.until_now(&door.world).events
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\n";

#[test]
fn whole_requests_are_answered_as_they_deserve() {
    let door = FrontDoor::open();
    let asked = |text: &str| given(&door, |door| request(door, text.as_bytes()));
    let redeeming = format!(
        "POST /token\n{FORM}Authorization: Basic {{basic}}\n\ngrant_type=authorization_code&code={{code}}\
         &redirect_uri=https%3A%2F%2Fbasic.example%2Fcallback%3Ftenant%3Da%2520b&code_verifier={{verifier}}"
    );
    // The first is the code's, which the engine gave for the word.
    assert_eq!(asked(&redeeming), ["service.returned", "token.issued"]);
    assert_eq!(
        asked(&redeeming.replace("{basic}", "YTpi")),
        ["service.returned"]
    );
    let refreshing = format!(
        "POST /token\n{FORM}Authorization: Basic {{basic}}\n\ngrant_type=refresh_token&refresh_token={{refresh_token}}"
    );
    assert!(asked(&refreshing).contains(&"token.refreshed".to_owned()));
    let registering = "POST /register\nContent-Type: application/json\n\n\
         {\"redirect_uris\":[\"https://a.example/\"],\"software_statement\":\"{statement}\"}";
    assert_eq!(asked(registering), ["client.registered"]);
    assert_eq!(asked("no request"), [""; 0]);
}

#[test]
fn good_parameters_are_granted() {
    let door = FrontDoor::open();
    let query = "response_type=code&scope=openid&state=s&code_challenge={challenge}&code_challenge_method=S256";
    let granted = given(&door, |door| authorization(door, query.as_bytes()));
    assert_eq!(granted, ["service.returned"]);
    let wish = br#"{"userinfo":{"email":null,"given_name":null}}"#;
    assert_eq!(
        given(&door, |door| claims(door, wish)),
        ["service.returned"]
    );
    let wanted = br#"[{"type":"evidence","fields":["value"]},{"type":"payment"}]"#;
    assert_eq!(
        given(&door, |door| details(door, wanted)),
        ["service.returned"]
    );
    assert_eq!(given(&door, |door| details(door, b"[{}]")), [""; 0]);
    assert!(user_code(&door, b"{user_code}"));
    assert!(!user_code(&door, b"BCDF-GHJK"));
}

#[test]
fn good_credentials_get_in() {
    let door = FrontDoor::open();
    assert!(basic(&door, b"basic:a-secret-of-the-tests"));
    assert!(!basic(&door, b"basic:another"));
    assert!(certificate(&door, CERTIFICATE));
    assert!(!certificate(&door, b"no certificate"));
}

#[test]
fn claims_that_hold_are_accepted() {
    let door = FrontDoor::open();
    let accepted = |what, json: &str| signed(&door, what, json.as_bytes());
    let uses = |what, json: &str| {
        given(&door, |_| {
            accepted(what, json);
        })
    };
    let object = r#"{"client_id":"jwt","redirect_uri":"https://jwt.example/second","response_type":"code",
        "scope":"openid","code_challenge":"{challenge}","code_challenge_method":"S256"}"#;
    assert_eq!(uses(Signed::RequestObject, object), ["service.returned"]);
    let request = r#"{"iss":"signer","aud":"https://hub.example","iat":{now},"nbf":{now},"exp":{soon},
        "jti":"{fresh}","scope":"openid","login_hint":"{subject}"}"#;
    assert_eq!(
        uses(Signed::BackchannelRequest, request),
        ["deferred.requested"]
    );
    let statement = r#"{"iss":"https://agency.example"}"#;
    assert_eq!(uses(Signed::Statement, statement), ["client.registered"]);
    // What proves who asks, and gives nothing by itself.
    let assertion = r#"{"iss":"jwt","sub":"jwt","aud":"https://hub.example","iat":{now},"exp":{soon},"jti":"{fresh}"}"#;
    let proof = r#"{"htm":"POST","htu":"https://hub.example/token","iat":{now},"jti":"{fresh}"}"#;
    let hint = r#"{"iss":"https://hub.example","aud":"basic","sub":"{subject}","exp":{now},"auth_time":{now}}"#;
    for (what, json) in [
        (Signed::Assertion, assertion),
        (Signed::Proof, proof),
        (Signed::Hint, hint),
    ] {
        assert_eq!(uses(what, json), [""; 0]);
        assert!(accepted(what, json), "{what:?}");
        assert!(!accepted(what, "{}"), "{what:?}");
    }
}

fn redirect(to: &str) -> Answered {
    let mut headers = HeaderMap::new();
    headers.insert(header::LOCATION, to.parse().unwrap());
    Answered {
        status: StatusCode::SEE_OTHER,
        headers,
        body: String::new(),
    }
}

/// Holds an answer against a world in which nothing happened.
fn held(answered: &Answered) {
    let door = FrontDoor::open();
    let given = Seen::of(&door.world).until_now(&door.world);
    hold("/authorize", answered, &given);
}

#[test]
fn a_registered_address_is_a_place_to_be_sent_to() {
    held(&redirect(
        "https://basic.example/second?error=access_denied",
    ));
}

#[test]
#[should_panic(expected = "leads to")]
fn a_stranger_is_none() {
    held(&redirect("https://evil.example/second"));
}

#[test]
#[should_panic(expected = "a code unheard of")]
fn a_code_that_the_audit_log_does_not_have_is_noticed() {
    held(&redirect("https://basic.example/second?code=x"));
}

#[test]
#[should_panic(expected = "500")]
fn a_failure_of_our_own_is_noticed() {
    held(&Answered {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        headers: HeaderMap::new(),
        body: String::new(),
    });
}
