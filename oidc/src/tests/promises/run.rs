//! Steps taken by the engine through its front door, and held against the ideal.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::{Clock as _, GrantId, PersonId, Scopes, SessionId};
use guichet_store::durable::RefreshTokens;
use http::StatusCode;
use serde_json::{Value, json};

use super::ideal::{self, Ideal, Kind};
use super::steps::{CLIENTS, PEOPLE, SCOPES, Step, Who};
use crate::testing::{Answered, Form, SECRET, TestHouse, World, redirect_uri, refreshing};
use crate::{Outcome, TokenSettings};

/// An engine, what it handed out, and the ideal beside it.
pub(super) struct Run {
    world: World,
    ideal: Ideal,
    /// What the ideal's pushed requests, grants and tokens are outside.
    references: Vec<String>,
    codes: Vec<String>,
    tokens: Vec<String>,
}

impl Run {
    pub(super) async fn new(refresh: Arc<dyn RefreshTokens>) -> Self {
        let world = World::with_parts(|parts| {
            parts.refresh = refresh;
            let settings = &mut parts.settings;
            settings.code_lifetime = Duration::from_secs(ideal::CODE);
            settings.pushed.lifetime = Duration::from_secs(ideal::PUSHED);
            settings.access_token_lifetime = Duration::from_secs(ideal::ACCESS);
            settings.tokens = TokenSettings {
                refresh_lifetime: Duration::from_secs(ideal::OFFLINE),
                refresh_idle: Duration::from_secs(ideal::IDLE),
                refresh_window: Duration::from_secs(ideal::WINDOW),
                session_lifetime: Duration::from_secs(ideal::SESSION),
                ..TokenSettings::default()
            };
        })
        .await;
        for (client, sector) in CLIENTS {
            let method = if client == "post" {
                "client_secret_post"
            } else {
                "client_secret_basic"
            };
            let special = json!({"token_endpoint_auth_method": method, "sector": sector});
            world.refreshing(client, &special);
        }
        Self {
            world,
            ideal: Ideal::default(),
            references: Vec::new(),
            codes: Vec::new(),
            tokens: Vec::new(),
        }
    }

    /// Takes a step; the engine accepts what the ideal does, and what it refuses it gives nothing for.
    pub(super) async fn take(&mut self, step: &Step) {
        let before = self.world.records.count();
        let (accepted, expected) = match *step {
            Step::Authorize { client, scope, who } => self.authorize(client, scope, who).await,
            Step::Push { client, scope } => self.push(client, scope).await,
            Step::Follow {
                pushed,
                client,
                who,
            } => self.follow(pushed, client, who).await,
            Step::Redeem {
                code,
                client,
                has_verifier,
            } => self.redeem(code, client, has_verifier).await,
            Step::Refresh {
                token,
                client,
                scope,
            } => self.refresh(token, client, scope).await,
            Step::Revoke { token, client } => self.revoke(token, client).await,
            Step::Introspect { token, client } => self.introspect(token, client).await,
            Step::Userinfo { token } => self.userinfo(token).await,
            Step::SignOut { session } => self.sign_out(session).await,
            Step::Wait { seconds } => self.wait(seconds),
        };
        assert_eq!(accepted, expected, "accepted, and whether it should be");
        if !accepted {
            for entry in self.world.records.since(before) {
                let entry = String::from_utf8(entry).unwrap();
                assert!(!entry.contains("token.issued"), "refused, and issued");
                assert!(!entry.contains("token.refreshed"), "refused, and issued");
            }
        }
    }

    /// Every token is alive that should be, and no other: asked of its own client. To no other client does
    /// it mean anything.
    pub(super) async fn agrees(&self) {
        for (token, text) in self.tokens.iter().enumerate() {
            let grant = self.ideal.tokens[token].grant;
            let owner = self.ideal.grants[grant].client;
            let heard = self.world.introspect(CLIENTS[owner].0, text).await.json();
            assert_eq!(heard["active"], self.ideal.is_alive(token), "token {token}");
            self.tells_no_more_than_granted(token, &heard);
        }
    }

    async fn authorize(&mut self, client: usize, scope: usize, who: Who) -> (bool, bool) {
        let form = asking(client, scope);
        let scopes: Scopes = SCOPES[scope].parse().unwrap();
        self.sign_in(client, &scopes, who);
        let answered = self.world.authorize(&form).await;
        (self.took_a_code(&answered, (client, scopes, who)), true)
    }

    async fn push(&mut self, client: usize, scope: usize) -> (bool, bool) {
        let request = by(client, &asking(client, scope), "/par");
        let answered = self.world.send(request).await;
        let reference = answered.json()["request_uri"].as_str().unwrap().to_owned();
        self.references.push(reference);
        self.ideal.push(client, SCOPES[scope].parse().unwrap());
        (answered.status == StatusCode::CREATED, true)
    }

    async fn follow(&mut self, pushed: usize, client: usize, who: Who) -> (bool, bool) {
        let Some(pushed) = pushed.checked_rem(self.references.len()) else {
            return NOTHING;
        };
        let (owner, scopes) = {
            let pushed = &self.ideal.pushed[pushed];
            (pushed.client, pushed.scopes.clone())
        };
        let client = acting(client, owner);
        self.sign_in(client, &scopes, who);
        let form = Form::empty()
            .with("client_id", CLIENTS[client].0)
            .with("request_uri", &self.references[pushed]);
        let answered = self.world.authorize(&form).await;
        let expected = self.ideal.follow(pushed, client);
        (self.took_a_code(&answered, (client, scopes, who)), expected)
    }

    /// What the house will say to the next request that reaches it.
    fn sign_in(&self, client: usize, scopes: &Scopes, who: Who) {
        let number = self.codes.len();
        *self.world.house.next.lock().unwrap() = Some(Outcome {
            subject: subject(who.person, CLIENTS[client].1).parse().unwrap(),
            scopes: scopes.clone(),
            auth_time: self.world.clock.now(),
            session: session_of(number),
            grant: GrantId::from_bytes(numbered(number)),
            person: Some(PersonId::from_bytes([who.person; 16])),
            ..TestHouse::outcome()
        });
    }

    fn took_a_code(&mut self, answered: &Answered, granted: (usize, Scopes, Who)) -> bool {
        let is_redirect = answered.header("location").is_some();
        let code = is_redirect.then(|| answered.location_parameter("code"));
        let Some(code) = code.flatten() else {
            return false;
        };
        let (client, scopes, who) = granted;
        self.codes.push(code);
        self.ideal.grant(client, scopes, who);
        true
    }

    async fn redeem(&mut self, code: usize, client: usize, has_verifier: bool) -> (bool, bool) {
        let Some(grant) = code.checked_rem(self.codes.len()) else {
            return NOTHING;
        };
        let owner = self.ideal.grants[grant].client;
        let client = acting(client, owner);
        // Another client has found out where the code goes.
        let form = Form::redeeming(CLIENTS[owner].0, &self.codes[grant]);
        let form = if has_verifier {
            form
        } else {
            form.without("code_verifier")
        };
        let answered = self.world.send(by(client, &form, "/token")).await;
        let expected = self.ideal.redeem(grant, client, has_verifier);
        (self.took_tokens(&answered), expected)
    }

    async fn refresh(&mut self, token: usize, client: usize, scope: usize) -> (bool, bool) {
        let Some((token, client)) = self.chosen(token, client) else {
            return NOTHING;
        };
        let asked = SCOPES.get(scope);
        let mut form = refreshing(&self.tokens[token]);
        if let Some(scope) = asked {
            form = form.with("scope", scope);
        }
        let answered = self.world.send(by(client, &form, "/token")).await;
        let asked = asked.map(|scope| scope.parse().unwrap());
        let expected = self.ideal.refresh(token, client, asked);
        (self.took_tokens(&answered), expected)
    }

    /// Keeps the texts of what was given, in the order of the ideal.
    fn took_tokens(&mut self, answered: &Answered) -> bool {
        if answered.status != StatusCode::OK {
            return false;
        }
        let answer = answered.json();
        let first = self.tokens.len();
        for member in ["access_token", "refresh_token"] {
            let text = answer[member].as_str();
            self.tokens.extend(text.map(str::to_owned));
        }
        assert_eq!(self.tokens.len(), self.ideal.tokens.len(), "{answer}");
        self.tells_no_more_than_granted(first, &answer);
        let id_token = answer["id_token"].as_str().unwrap();
        let ring = self.world.keys.ring();
        let verified = ring.verify_own(id_token, guichet_keys::Typ::Jwt, None);
        self.tells_no_more_than_granted(first, &Value::Object(verified.unwrap().claims));
        true
    }

    async fn revoke(&mut self, token: usize, client: usize) -> (bool, bool) {
        let Some((token, client)) = self.chosen(token, client) else {
            return NOTHING;
        };
        let (client_id, text) = (CLIENTS[client].0, &self.tokens[token]);
        let answered = self.world.give_back(client_id, text).await;
        let expected = self.ideal.revoke(token, client);
        (answered.status == StatusCode::OK, expected)
    }

    async fn introspect(&mut self, token: usize, client: usize) -> (bool, bool) {
        let Some((token, client)) = self.chosen(token, client) else {
            return NOTHING;
        };
        let grant = self.ideal.tokens[token].grant;
        let is_own = self.ideal.grants[grant].client == client;
        let answered = self
            .world
            .introspect(CLIENTS[client].0, &self.tokens[token]);
        let heard = answered.await.json();
        if !is_own {
            assert_eq!(heard, json!({"active": false}), "of another client's token");
        }
        (
            heard["active"] == true,
            is_own && self.ideal.is_alive(token),
        )
    }

    async fn userinfo(&mut self, token: usize) -> (bool, bool) {
        let Some((token, _)) = self.chosen(token, 0) else {
            return NOTHING;
        };
        let answered = self.world.userinfo(&self.tokens[token]).await;
        let is_served = answered.status == StatusCode::OK;
        if is_served {
            self.tells_no_more_than_granted(token, &answered.json());
        }
        let is_access = matches!(self.ideal.tokens[token].kind, Kind::Access { .. });
        (is_served, is_access && self.ideal.is_alive(token))
    }

    async fn sign_out(&mut self, session: u8) -> (bool, bool) {
        for number in 0..self.codes.len() {
            if self.ideal.grants[number].who.session == session {
                let ended = self.world.engine.end_session(session_of(number));
                ended.await.unwrap();
                self.ideal.end_session(number);
            }
        }
        NOTHING
    }

    fn wait(&mut self, seconds: u64) -> (bool, bool) {
        self.world.clock.advance(Duration::from_secs(seconds));
        self.ideal.pass(seconds);
        NOTHING
    }

    /// A token there is, and who acts on it.
    fn chosen(&self, token: usize, client: usize) -> Option<(usize, usize)> {
        let token = token.checked_rem(self.tokens.len())?;
        let grant = self.ideal.tokens[token].grant;
        Some((token, acting(client, self.ideal.grants[grant].client)))
    }

    /// Whatever is told of a token names the person as its client's sector knows them, states no scope
    /// beyond the token's, and no claim beyond its scopes.
    fn tells_no_more_than_granted(&self, token: usize, told: &Value) {
        let token = &self.ideal.tokens[token];
        let grant = &self.ideal.grants[token.grant];
        let own = subject(grant.who.person, CLIENTS[grant.client].1);
        let text = told.to_string();
        for person in 0..PEOPLE {
            for (_, sector) in CLIENTS {
                let name = subject(person, sector);
                assert!(name == own || !text.contains(&name), "{text}");
            }
        }
        if let Some(subject) = told.get("sub") {
            assert_eq!(*subject, own);
        }
        if let Some(stated) = told["scope"].as_str() {
            let stated: Scopes = stated.parse().unwrap();
            assert_eq!(stated, token.scopes, "scope grew or shrank");
        }
        for (claim, scope) in [("given_name", "given_name"), ("email", "email")] {
            let may = token.scopes.contains(scope);
            assert!(may || told.get(claim).is_none(), "{claim} in {text}");
        }
    }
}

/// Nothing was asked that could be refused.
const NOTHING: (bool, bool) = (true, true);

/// Who acts: one of the clients, or whoever has the right to.
fn acting(client: usize, rightful: usize) -> usize {
    if client < CLIENTS.len() {
        client
    } else {
        rightful
    }
}

/// The name of a person in a sector.
fn subject(person: u8, sector: &str) -> String {
    format!("person-{person}-in-{sector}")
}

/// Each sign-in has a session of its own, so that each can be told apart.
fn session_of(number: usize) -> SessionId {
    SessionId::from_bytes(numbered(number))
}

fn numbered(number: usize) -> [u8; 16] {
    (number as u128).to_be_bytes()
}

fn asking(client: usize, scope: usize) -> Form {
    let client = CLIENTS[client].0;
    Form::asking(client)
        .with("redirect_uri", &redirect_uri(client))
        .with("scope", SCOPES[scope])
}

/// The form as the client sends it to an endpoint where it authenticates.
fn by(client: usize, form: &Form, path: &'static str) -> http::Request<axum::body::Body> {
    let client = CLIENTS[client].0;
    if client == "post" {
        let form = form.clone().with("client_id", client);
        return form.with("client_secret", SECRET).posted(path);
    }
    let mut request = form.with_basic(client, SECRET);
    *request.uri_mut() = http::Uri::from_static(path);
    request
}
