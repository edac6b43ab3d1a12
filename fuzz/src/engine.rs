//! The engine through its front door: whole requests, single parameters, credentials, signed claims.

use guichet_oidc::fuzzing::{self, FrontDoor, Signed};

use crate::by_name;

type Way = fn(&FrontDoor, &[u8]);
type Credential = fn(&FrontDoor, &[u8]) -> bool;

/// Any request at any endpoint.
pub(crate) fn requests(input: &[u8]) {
    FrontDoor::of_this_thread(|door| fuzzing::request(door, input));
}

/// What stands in parameters that have a grammar of their own.
pub(crate) fn parameters(input: &[u8]) {
    let ways: [(&str, Way); 4] = [
        ("authorization", fuzzing::authorization),
        ("claims", fuzzing::claims),
        ("details", fuzzing::details),
        ("user_code", |door, typed| {
            fuzzing::user_code(door, typed);
        }),
    ];
    by_name(input, &ways, |way, rest| {
        FrontDoor::of_this_thread(|door| way(door, rest));
    });
}

/// What clients say who they are with.
pub(crate) fn credentials(input: &[u8]) {
    let ways: [(&str, Credential); 2] = [
        ("basic", fuzzing::basic),
        ("certificate", fuzzing::certificate),
    ];
    by_name(input, &ways, |way, rest| {
        FrontDoor::of_this_thread(|door| {
            way(door, rest);
        });
    });
}

/// Any claims under the right signature.
pub(crate) fn signed(input: &[u8]) {
    let ways = [
        ("assertion", Signed::Assertion),
        ("proof", Signed::Proof),
        ("request_object", Signed::RequestObject),
        ("backchannel_request", Signed::BackchannelRequest),
        ("statement", Signed::Statement),
        ("hint", Signed::Hint),
    ];
    by_name(input, &ways, |what, claims| {
        FrontDoor::of_this_thread(|door| {
            fuzzing::signed(door, *what, claims);
        });
    });
}
