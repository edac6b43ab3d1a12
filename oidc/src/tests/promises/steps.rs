//! What may be done. Numbers choose among what there is by then.

use proptest::prelude::*;

/// Clients, with their sectors: two of them share one.
pub(super) const CLIENTS: [(&str, &str); 4] = [
    ("basic", "basic"),
    ("twin", "basic"),
    ("other", "other"),
    ("post", "post"),
];

/// What may be asked for.
pub(super) const SCOPES: [&str; 3] = [
    "openid given_name email",
    "openid email offline_access",
    "openid",
];

/// Who signs in.
pub(super) const PEOPLE: u8 = 2;

/// One thing that somebody does.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A person signs in at a client.
    Authorize {
        client: usize,
        scope: usize,
        who: Who,
    },
    /// A client pushes a request.
    Push { client: usize, scope: usize },
    /// A person follows a pushed request, in the name of a client.
    Follow {
        pushed: usize,
        client: usize,
        who: Who,
    },
    /// A client redeems a code, perhaps without the verifier.
    Redeem {
        code: usize,
        client: usize,
        has_verifier: bool,
    },
    /// A client refreshes by a token, for a scope or for all it has.
    Refresh {
        token: usize,
        client: usize,
        scope: usize,
    },
    /// A client revokes a token.
    Revoke { token: usize, client: usize },
    /// A client introspects a token.
    Introspect { token: usize, client: usize },
    /// Whoever has a token asks whom it is about.
    Userinfo { token: usize },
    /// Sessions end.
    SignOut { session: u8 },
    /// Time passes.
    Wait { seconds: u64 },
}

/// Who signs in, and in which of the sessions that end together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    pub(super) person: u8,
    pub(super) session: u8,
}

/// Any step. Clients mostly act on what is their own: `client` beyond the last means the rightful one.
pub(super) fn step() -> impl Strategy<Value = Step> {
    let client = 0..CLIENTS.len();
    let rightful = 0..CLIENTS.len() * 4;
    let scope = 0..SCOPES.len();
    let any = any::<usize>();
    let who = (0..PEOPLE, 0..3_u8).prop_map(|(person, session)| Who { person, session });
    prop_oneof![
        3 => (client.clone(), scope.clone(), who.clone())
            .prop_map(|(client, scope, who)| Step::Authorize { client, scope, who }),
        2 => (client.clone(), scope.clone())
            .prop_map(|(client, scope)| Step::Push { client, scope }),
        2 => (any, rightful.clone(), who)
            .prop_map(|(pushed, client, who)| Step::Follow { pushed, client, who }),
        5 => (any, rightful.clone(), prop::bool::weighted(0.9))
            .prop_map(|(code, client, has_verifier)| Step::Redeem { code, client, has_verifier }),
        6 => (any, rightful.clone(), 0..=SCOPES.len())
            .prop_map(|(token, client, scope)| Step::Refresh { token, client, scope }),
        1 => (any, rightful.clone()).prop_map(|(token, client)| Step::Revoke { token, client }),
        2 => (any, rightful).prop_map(|(token, client)| Step::Introspect { token, client }),
        1 => any.prop_map(|token| Step::Userinfo { token }),
        1 => (0..3_u8).prop_map(|session| Step::SignOut { session }),
        2 => prop_oneof![3 => 1..25_u64, 1 => 25..400_u64]
            .prop_map(|seconds| Step::Wait { seconds }),
    ]
}
