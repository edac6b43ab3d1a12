//! The ideal: what the engine should accept, and which tokens should be alive, by the rules alone.

use guichet_domain::Scopes;

use super::steps::Who;

/// Lifetimes in seconds, short enough for sequences to outlast them.
pub(super) const CODE: u64 = 30;
pub(super) const PUSHED: u64 = 60;
pub(super) const ACCESS: u64 = 60;
pub(super) const WINDOW: u64 = 20;
pub(super) const IDLE: u64 = 300;
pub(super) const OFFLINE: u64 = 600;
pub(super) const SESSION: u64 = 450;

/// For how long a spent code is known: until nothing it bought can be alive.
const REMEMBERED: u64 = CODE + ACCESS + 60;

/// Everything there is.
#[derive(Default)]
pub(super) struct Ideal {
    pub(super) now: u64,
    pub(super) pushed: Vec<Pushed>,
    pub(super) grants: Vec<Grant>,
    pub(super) tokens: Vec<Token>,
}

/// A request that a client pushed.
pub(super) struct Pushed {
    pub(super) client: usize,
    pub(super) scopes: Scopes,
    until: u64,
    is_answered: bool,
}

/// What a sign-in granted, and the code for it.
pub(super) struct Grant {
    pub(super) client: usize,
    pub(super) scopes: Scopes,
    pub(super) who: Who,
    since: u64,
    is_code_spent: bool,
    has_session_ended: bool,
    is_revoked: bool,
    family: Option<Family>,
}

/// Its refresh tokens.
struct Family {
    generation: u64,
    rotated: u64,
    until: u64,
}

/// A token that was given to a client.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) grant: usize,
    pub(super) scopes: Scopes,
    pub(super) kind: Kind,
    until: u64,
    is_given_back: bool,
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An access token; whether it ends with the session.
    Access { of_session: bool },
    /// A refresh token of this generation.
    Refresh(u64),
}

impl Grant {
    /// Whether it goes on when the session has ended.
    fn is_offline(&self) -> bool {
        self.scopes.contains("offline_access")
    }

    fn living_family(&self, now: u64) -> Option<&Family> {
        let is_over = self.is_revoked || self.has_session_ended && !self.is_offline();
        self.family
            .as_ref()
            .filter(|family| !is_over && now < family.until)
    }
}

impl Ideal {
    pub(super) fn pass(&mut self, seconds: u64) {
        self.now += seconds;
    }

    pub(super) fn push(&mut self, client: usize, scopes: Scopes) {
        self.pushed.push(Pushed {
            client,
            scopes,
            until: self.now + PUSHED,
            is_answered: false,
        });
    }

    /// A request is answered once, in its lifetime, for its own client.
    pub(super) fn follow(&mut self, pushed: usize, client: usize) -> bool {
        let pushed = &mut self.pushed[pushed];
        let may = pushed.client == client && self.now < pushed.until && !pushed.is_answered;
        pushed.is_answered |= may;
        may
    }

    pub(super) fn grant(&mut self, client: usize, scopes: Scopes, who: Who) {
        self.grants.push(Grant {
            client,
            scopes,
            who,
            since: self.now,
            is_code_spent: false,
            has_session_ended: false,
            is_revoked: false,
            family: None,
        });
    }

    /// A code is spent by the first who shows it, and buys tokens for its client with the verifier.
    /// Shown again, it takes back what it bought.
    pub(super) fn redeem(&mut self, grant: usize, client: usize, has_verifier: bool) -> bool {
        let now = self.now;
        let known = &mut self.grants[grant];
        if known.is_code_spent {
            known.is_revoked |= now < known.since + REMEMBERED;
            return false;
        }
        if now >= known.since + CODE {
            return false;
        }
        known.is_code_spent = true;
        if known.client != client || !has_verifier || known.has_session_ended {
            return false;
        }
        let until = if known.is_offline() {
            now + OFFLINE
        } else {
            known.since + SESSION
        };
        known.family = Some(Family {
            generation: 1,
            rotated: 0,
            until,
        });
        let scopes = known.scopes.clone();
        self.give(grant, scopes, true);
        true
    }

    /// A refresh token is good for its client and for no more than was granted. The one before the last
    /// is good for a moment; one from further back, or in other hands, takes everything back.
    pub(super) fn refresh(&mut self, token: usize, client: usize, asked: Option<Scopes>) -> bool {
        let now = self.now;
        let Some((grant, presented)) = self.known_refresh(token) else {
            return false;
        };
        let known = &mut self.grants[grant];
        if known.client != client {
            known.is_revoked = true;
            return false;
        }
        let scopes = asked.unwrap_or_else(|| known.scopes.clone());
        if !scopes.without(&known.scopes).is_empty() {
            return false;
        }
        let is_offline = known.is_offline();
        let Some(family) = &mut known.family else {
            return false;
        };
        if presented == family.generation {
            family.generation += 1;
            family.rotated = now;
        } else if presented + 1 != family.generation || now >= family.rotated + WINDOW {
            known.is_revoked = true;
            return false;
        }
        self.give(grant, scopes, !is_offline);
        true
    }

    /// Gives what a grant buys now: an access token, and the refresh token of the latest generation.
    fn give(&mut self, grant: usize, scopes: Scopes, of_session: bool) {
        let access = Token {
            grant,
            scopes,
            kind: Kind::Access { of_session },
            until: self.now + ACCESS,
            is_given_back: false,
        };
        let known = &self.grants[grant];
        let family = known.family.as_ref();
        let refresh = family.map(|family| Token {
            scopes: known.scopes.clone(),
            kind: Kind::Refresh(family.generation),
            until: family.until.min(self.now + IDLE),
            ..access.clone()
        });
        self.tokens.push(access);
        self.tokens.extend(refresh);
    }

    /// A refresh token of a family that lives: its grant and generation.
    fn known_refresh(&self, token: usize) -> Option<(usize, u64)> {
        let token = &self.tokens[token];
        let family = self.grants[token.grant].living_family(self.now);
        match token.kind {
            Kind::Refresh(generation) if family.is_some() && self.now < token.until => {
                Some((token.grant, generation))
            }
            _ => None,
        }
    }

    /// What is over is as good as revoked; what is alive is its client's to revoke. A refresh token takes
    /// the whole grant along.
    pub(super) fn revoke(&mut self, token: usize, client: usize) -> bool {
        let grant = self.tokens[token].grant;
        let is_refresh = self.known_refresh(token).is_some();
        if !is_refresh && !self.is_alive(token) {
            return true;
        }
        if self.grants[grant].client != client {
            return false;
        }
        if is_refresh {
            self.grants[grant].is_revoked = true;
        } else {
            self.tokens[token].is_given_back = true;
        }
        true
    }

    pub(super) fn end_session(&mut self, grant: usize) {
        self.grants[grant].has_session_ended = true;
    }

    /// Whether a token is good now: never beyond its grant, its session, its own time.
    pub(super) fn is_alive(&self, token: usize) -> bool {
        let known = &self.tokens[token];
        let grant = &self.grants[known.grant];
        match known.kind {
            Kind::Access { of_session } => {
                let ended = grant.is_revoked || (of_session && grant.has_session_ended);
                self.now < known.until && !known.is_given_back && !ended
            }
            Kind::Refresh(generation) => {
                let family = grant.living_family(self.now);
                self.now < known.until && family.is_some_and(|it| it.generation == generation)
            }
        }
    }
}
