//! What tokens promise, whatever is done with them in whatever order by whomever: a code is spent once, a
//! token never outlives its grant, no scope grows, subjects of two sectors never meet.

use std::collections::HashSet;
use std::time::Duration;

use guichet_domain::{GrantId, Scopes, SessionId};
use http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::Outcome;
use crate::testing::{Answered, Form, PERSON, TestHouse, World, refreshing};

const CLIENTS: [&str; 3] = ["basic", "other", "post"];
const SCOPES: [&str; 3] = [
    "openid given_name email",
    "openid email offline_access",
    "openid",
];

/// One thing that somebody does. Numbers choose among what there is by then.
#[derive(Clone, Debug)]
enum Step {
    SignIn {
        client: usize,
        scope: usize,
        session: u8,
    },
    Redeem {
        code: usize,
        client: usize,
    },
    Refresh {
        token: usize,
        client: usize,
        scope: usize,
    },
    GiveBack {
        token: usize,
        client: usize,
    },
    Introspect {
        token: usize,
        client: usize,
    },
    SignOut {
        session: u8,
    },
    Wait {
        seconds: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let client = 0..CLIENTS.len();
    let any = 0..64_usize;
    prop_oneof![
        3 => (client.clone(), 0..SCOPES.len(), 0..3_u8)
            .prop_map(|(client, scope, session)| Step::SignIn { client, scope, session }),
        4 => (any.clone(), client.clone()).prop_map(|(code, client)| Step::Redeem { code, client }),
        5 => (any.clone(), client.clone(), 0..=SCOPES.len())
            .prop_map(|(token, client, scope)| Step::Refresh { token, client, scope }),
        1 => (any.clone(), client.clone()).prop_map(|(token, client)| Step::GiveBack { token, client }),
        2 => (any, client).prop_map(|(token, client)| Step::Introspect { token, client }),
        1 => (0..3_u8).prop_map(|session| Step::SignOut { session }),
        1 => (1..90_u64).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

/// What a sign-in came to, as it is remembered outside.
struct Signed {
    client: usize,
    code: String,
    scopes: Scopes,
    session: u8,
    times_redeemed: usize,
}

/// A token and the sign-in it goes back to.
struct Held {
    text: String,
    is_refresh: bool,
    of: usize,
}

struct Run {
    world: World,
    signed: Vec<Signed>,
    tokens: Vec<Held>,
    /// Whether every code there was is still known as spent: for as long as its access token could live.
    remembers_codes: bool,
    /// Sign-ins of which nothing may be alive any more.
    over: HashSet<usize>,
}

impl Run {
    async fn new() -> Self {
        let world = World::new().await;
        for client in CLIENTS {
            let method = if client == "post" {
                "client_secret_post"
            } else {
                "client_secret_basic"
            };
            world.refreshing(client, &json!({"token_endpoint_auth_method": method}));
        }
        Self {
            world,
            signed: Vec::new(),
            tokens: Vec::new(),
            remembers_codes: true,
            over: HashSet::new(),
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::SignIn {
                client,
                scope,
                session,
            } => self.sign_in(client, scope, session).await,
            Step::Redeem { code, client } => self.redeem(code, client).await,
            Step::Refresh {
                token,
                client,
                scope,
            } => self.refresh(token, client, scope).await,
            Step::GiveBack { token, client } => self.give_back(token, client).await,
            Step::Introspect { token, client } => self.introspect(token, client).await,
            Step::SignOut { session } => self.sign_out(session).await,
            Step::Wait { seconds } => self.wait(seconds),
        }
    }

    /// A spent code is forgotten once nothing that it bought can be alive; from the first wait on, this
    /// model no longer counts on its being known.
    fn wait(&mut self, seconds: u64) {
        self.world.clock.advance(Duration::from_secs(seconds));
        self.remembers_codes = false;
    }

    async fn sign_in(&mut self, client: usize, scope: usize, session: u8) {
        let number = u8::try_from(self.signed.len()).unwrap();
        *self.world.house.next.lock().unwrap() = Some(Outcome {
            subject: subject(client).parse().unwrap(),
            scopes: SCOPES[scope].parse().unwrap(),
            session: session_of(number, session),
            grant: GrantId::from_bytes([number; 16]),
            person: Some(PERSON),
            ..TestHouse::outcome()
        });
        let form = Form::asking(CLIENTS[client]).with("scope", SCOPES[scope]);
        let answered = self.world.authorize(&form).await;
        self.signed.push(Signed {
            client,
            code: answered.location_parameter("code").unwrap(),
            scopes: SCOPES[scope].parse().unwrap(),
            session,
            times_redeemed: 0,
        });
    }

    async fn redeem(&mut self, code: usize, client: usize) {
        let Some(of) = code.checked_rem(self.signed.len()) else {
            return;
        };
        let form = Form::redeeming(CLIENTS[client], &self.signed[of].code);
        let answered = self.world.send(form.by(CLIENTS[client])).await;
        if answered.status == StatusCode::OK {
            let signed = &mut self.signed[of];
            signed.times_redeemed += 1;
            assert_eq!(signed.client, client, "the code of another client");
            assert_eq!(signed.times_redeemed, 1, "a code was spent twice");
            self.hold(of, client, &answered);
        } else if self.signed[of].times_redeemed > 0 && self.remembers_codes {
            self.over.insert(of);
        }
    }

    async fn refresh(&mut self, token: usize, client: usize, scope: usize) {
        let Some(token) = token.checked_rem(self.tokens.len()) else {
            return;
        };
        let (text, of) = (self.tokens[token].text.clone(), self.tokens[token].of);
        let mut form = refreshing(&text);
        if let Some(scope) = SCOPES.get(scope) {
            form = form.with("scope", scope);
        }
        let answered = self.world.send(form.by(CLIENTS[client])).await;
        if answered.status == StatusCode::OK {
            assert!(
                self.tokens[token].is_refresh,
                "an access token was refreshed by"
            );
            assert_eq!(
                self.signed[of].client, client,
                "the refresh token of another client"
            );
            assert!(!self.over.contains(&of), "a family outlived its grant");
            self.hold(of, client, &answered);
        }
    }

    /// Notes what was given, and looks whether it is no more than was granted.
    fn hold(&mut self, of: usize, client: usize, answered: &Answered) {
        let answer = answered.json();
        let scopes: Scopes = answer["scope"].as_str().unwrap().parse().unwrap();
        let more = scopes.without(&self.signed[of].scopes);
        assert!(more.is_empty(), "scope grew by {more:?}");
        for (member, is_refresh) in [("access_token", false), ("refresh_token", true)] {
            if let Some(text) = answer[member].as_str() {
                let text = text.to_owned();
                self.tokens.push(Held {
                    text,
                    is_refresh,
                    of,
                });
            }
        }
        if let Some(id_token) = answer["id_token"].as_str() {
            let ring = self.world.keys.ring();
            let verified = ring.verify_own(id_token, guichet_keys::Typ::Jwt, None);
            hears_of_its_own(client, &Value::Object(verified.unwrap().claims));
        }
    }

    async fn give_back(&mut self, token: usize, client: usize) {
        let Some(token) = token.checked_rem(self.tokens.len()) else {
            return;
        };
        let held = &self.tokens[token];
        let (text, of, is_refresh) = (held.text.clone(), held.of, held.is_refresh);
        let was_good = self.is_good(of, &text).await;
        let answered = self.world.give_back(CLIENTS[client], &text).await;
        let is_own = self.signed[of].client == client;
        if was_good {
            assert_eq!(
                answered.status == StatusCode::OK,
                is_own,
                "{}",
                answered.body
            );
            assert_eq!(self.is_good(of, &text).await, !is_own);
        }
        if was_good && is_own && is_refresh {
            self.over.insert(of);
        }
    }

    async fn introspect(&mut self, token: usize, client: usize) {
        let Some(token) = token.checked_rem(self.tokens.len()) else {
            return;
        };
        let held = &self.tokens[token];
        let heard = self
            .world
            .introspect(CLIENTS[client], &held.text)
            .await
            .json();
        if self.signed[held.of].client == client {
            hears_of_its_own(client, &heard);
        } else {
            assert_eq!(heard, json!({"active": false}));
        }
    }

    async fn sign_out(&mut self, session: u8) {
        for (number, signed) in (0..).zip(&self.signed) {
            if signed.session != session {
                continue;
            }
            let id = session_of(number, session);
            self.world.engine.end_session(id).await.unwrap();
            if !signed.scopes.contains("offline_access") {
                self.over.insert(usize::from(number));
            }
        }
    }

    async fn is_good(&self, of: usize, text: &str) -> bool {
        let client = CLIENTS[self.signed[of].client];
        self.world.introspect(client, text).await.json()["active"] == true
    }

    /// At the end: nothing of what is over is alive.
    async fn nothing_outlives_its_grant(&self) {
        for held in &self.tokens {
            if self.over.contains(&held.of) {
                assert!(
                    !self.is_good(held.of, &held.text).await,
                    "a token outlived its grant"
                );
            }
        }
    }
}

/// The name of the one person at this client.
fn subject(client: usize) -> String {
    format!("person-at-{}", CLIENTS[client])
}

/// Each sign-in has a session of its own, three of which end together.
fn session_of(number: u8, session: u8) -> SessionId {
    let mut bytes = [number; 16];
    bytes[0] = session;
    SessionId::from_bytes(bytes)
}

/// Nothing a client hears names the person as another client knows them.
fn hears_of_its_own(client: usize, heard: &Value) {
    let text = heard.to_string();
    for other in (0..CLIENTS.len()).filter(|other| *other != client) {
        assert!(!text.contains(&subject(other)), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn any_sequence_keeps_what_tokens_promise(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut run = Run::new().await;
            for step in steps {
                run.take(step).await;
            }
            run.nothing_outlives_its_grant().await;
        });
    }
}
