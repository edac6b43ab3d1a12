//! A sign-in, told one step per file, in this order:
//!
//! 1. [`authorize`]: a client (or the account page) asks; a live session may answer at once.
//! 2. [`password`]: login name and password.
//! 3. [`second_factor`]: a one-time code, or a passkey, when the level needs it.
//! 4. [`passkey`]: from either page, a passkey; alone it is both factors.
//! 5. [`finish`]: a new session, and the answer to whoever asked.
//!
//! A step never calls another: it loads the sign-in, asks for its own state, runs its transition,
//! moves the record on by compare-and-swap and answers. What one step proved reaches the next as a
//! value only that step can make.

pub(crate) mod authorize;
pub(crate) mod cancel;
pub(crate) mod finish;
pub(crate) mod passkey;
pub(crate) mod password;
mod record;
pub(crate) mod second_factor;

use std::str::FromStr;

use guichet_domain::{Acr, BrowserId, LoginId};
use guichet_oidc::AcceptedRequest;
use guichet_store::short_lived::Step;
use serde::{Deserialize, Serialize};

use self::password::AwaitingPassword;
use self::second_factor::{AwaitingReturn, AwaitingSecondFactor};

/// A sign-in under way, as it rests between two requests.
#[derive(Serialize, Deserialize)]
#[expect(
    clippy::enum_variant_names,
    reason = "a state is named for what it awaits"
)]
pub(crate) enum SignIn {
    /// For login name and password, or a passkey.
    AwaitingPassword(AwaitingPassword),
    /// For a one-time code or a passkey; the password was right.
    AwaitingSecondFactor(AwaitingSecondFactor),
    /// For the person to go back: the level needs a second factor and the account has none.
    AwaitingReturn(AwaitingReturn),
}

/// What every step knows: whose browser it is, and what for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Trip {
    /// The only browser that may go on with it (threat N-51).
    pub(crate) browser: BrowserId,
    /// What happens once the person is signed in.
    pub(crate) errand: Errand,
}

/// Why somebody signs in.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Errand {
    /// A client asked.
    Client(Box<AcceptedRequest>),
    /// They want to see their account here.
    Account(Destination),
}

/// A page of the account: a name rather than a path, so that no parameter leads elsewhere (N-27).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Destination {
    Home,
    Security,
    AddTotp,
    AddPasskey,
}

/// What a sign-in must prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// This level.
    Level(Acr),
    /// As much as the account can prove: what changing its authenticators takes (N-56).
    Strongest,
}

impl SignIn {
    /// The step it waits in.
    pub(crate) fn step(&self) -> Step {
        match self {
            Self::AwaitingPassword(_) => "password",
            Self::AwaitingSecondFactor(_) => "second_factor",
            Self::AwaitingReturn(_) => "return",
        }
    }

    /// What every step knows.
    pub(crate) fn trip(&self) -> &Trip {
        match self {
            Self::AwaitingPassword(waiting) => waiting.trip(),
            Self::AwaitingSecondFactor(waiting) => waiting.trip(),
            Self::AwaitingReturn(waiting) => waiting.trip(),
        }
    }

    /// The page of its step, from the root of the instance.
    pub(crate) fn path(&self, id: LoginId) -> String {
        match self {
            Self::AwaitingPassword(_) => format!("/sign-in/{id}/password"),
            Self::AwaitingSecondFactor(_) => format!("/sign-in/{id}/code"),
            Self::AwaitingReturn(_) => format!("/sign-in/{id}/no-second-factor"),
        }
    }
}

impl Errand {
    /// What it takes.
    pub(crate) fn need(&self) -> Need {
        match self {
            Self::Client(request) => Need::Level(request.acr().required.level),
            Self::Account(Destination::Home) => Need::Level(Acr::Eidas1),
            Self::Account(_) => Need::Strongest,
        }
    }

    /// The request, when a client asked.
    pub(crate) fn request(&self) -> Option<&AcceptedRequest> {
        match self {
            Self::Client(request) => Some(request),
            Self::Account(_) => None,
        }
    }
}

impl Destination {
    /// Its name in `/sign-in?to=..`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Security => "security",
            Self::AddTotp => "totp",
            Self::AddPasskey => "passkey",
        }
    }

    /// Its path, from the root of the instance.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Security => "/account/security",
            Self::AddTotp => "/account/security/totp",
            Self::AddPasskey => "/account/security/passkey",
        }
    }
}

impl FromStr for Destination {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Home, Self::Security, Self::AddTotp, Self::AddPasskey]
            .into_iter()
            .find(|destination| destination.as_str() == text)
            .ok_or(())
    }
}
