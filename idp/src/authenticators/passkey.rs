//! Passkeys (WebAuthn Level 3): registration and authentication ceremonies over `webauthn-rs`.
//!
//! User verification is always required, so a passkey is two factors in one. The state of a ceremony
//! never leaves the server; it is sealed for one browser and one purpose, and taken once.

use std::time::Duration;

use guichet_domain::{AccountId, Amr};
use serde::{Deserialize, Serialize};
use url::Url;
use webauthn_rs::Webauthn;
use webauthn_rs::WebauthnBuilder;
use webauthn_rs::prelude::{
    AuthenticationResult, CredentialID, DiscoverableAuthentication, Passkey, PasskeyAuthentication,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Uuid,
};
use webauthn_rs_proto::ResidentKeyRequirement;

/// The relying party of one instance. Passkeys are bound to its host for ever.
pub(crate) struct Passkeys(Webauthn);

/// What the browser's script is given to start a ceremony: the JSON of
/// `PublicKeyCredentialCreationOptions` or `PublicKeyCredentialRequestOptions`.
pub(crate) type OptionsJson = String;

/// A sign-in ceremony under way: for any account, or for one whose passkeys are known.
#[derive(Serialize, Deserialize)]
pub(crate) enum Challenge {
    /// Whoever has a passkey for this site: the passkey says who.
    Anyone(DiscoverableAuthentication),
    /// The passkeys of one account.
    Of(AccountId, PasskeyAuthentication),
}

/// A passkey that answered its challenge: the passkey with its new counter, and how honest it is
/// about its hardware.
pub(crate) struct Answered {
    pub(crate) passkey: Passkey,
    pub(crate) amr: Vec<Amr>,
}

/// The ceremony failed: a malformed answer, another challenge, a wrong signature, a counter that went
/// backwards, or no user verification. Why goes to the log, not to the page.
#[derive(Debug, thiserror::Error)]
#[error("the passkey ceremony failed: {0}")]
pub(crate) struct CeremonyFailed(pub(crate) String);

/// Whose passkeys, for registration.
pub(crate) struct Owner<'a> {
    pub(crate) account: AccountId,
    pub(crate) login_name: &'a str,
    pub(crate) display_name: &'a str,
}

impl Passkeys {
    /// The relying party at `issuer`; `None` where browsers have no passkeys: an address that is an
    /// IP literal has no relying party identifier.
    pub(crate) fn at(issuer: &Url, title: &str) -> Option<Self> {
        let id = issuer.domain()?;
        let builder = WebauthnBuilder::new(id, issuer).ok()?;
        Some(Self(builder.rp_name(title).timeout(CEREMONY).build().ok()?))
    }

    /// Starts a registration. `known` passkeys are not registered again.
    pub(crate) fn start_registration(
        &self,
        owner: &Owner<'_>,
        known: Vec<CredentialID>,
    ) -> Result<(OptionsJson, PasskeyRegistration), CeremonyFailed> {
        let user = Uuid::from_bytes(*owner.account.as_bytes());
        let (mut options, state) = self
            .0
            .start_passkey_registration(user, owner.login_name, owner.display_name, Some(known))
            .map_err(failed)?;
        // A passkey that can be found without a login name signs in by itself; without this,
        // browsers make one that cannot.
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        Ok((json(&options.public_key)?, state))
    }

    /// Finishes a registration with what the browser's script posted.
    pub(crate) fn finish_registration(
        &self,
        posted: &str,
        state: &PasskeyRegistration,
    ) -> Result<Passkey, CeremonyFailed> {
        let answer: RegisterPublicKeyCredential = parse(posted)?;
        self.0
            .finish_passkey_registration(&answer, state)
            .map_err(failed)
    }

    /// A challenge for whoever has a passkey.
    pub(crate) fn challenge_anyone(&self) -> Result<(OptionsJson, Challenge), CeremonyFailed> {
        let (options, state) = self.0.start_discoverable_authentication().map_err(failed)?;
        Ok((json(&options.public_key)?, Challenge::Anyone(state)))
    }

    /// A challenge for one account's passkeys.
    pub(crate) fn challenge(
        &self,
        account: AccountId,
        passkeys: &[Passkey],
    ) -> Result<(OptionsJson, Challenge), CeremonyFailed> {
        let (options, state) = self
            .0
            .start_passkey_authentication(passkeys)
            .map_err(failed)?;
        Ok((json(&options.public_key)?, Challenge::Of(account, state)))
    }

    /// Checks the answer to `challenge` by `passkey`, which is the stored one that
    /// [`Posted::credential_id`] names.
    pub(crate) fn check(
        &self,
        posted: &Posted,
        challenge: Challenge,
        mut passkey: Passkey,
    ) -> Result<Answered, CeremonyFailed> {
        let result = match challenge {
            Challenge::Anyone(state) => self
                .0
                .finish_discoverable_authentication_v2(&posted.0, state, &passkey),
            Challenge::Of(_, state) => self.0.finish_passkey_authentication(&posted.0, &state),
        };
        let result = result.map_err(failed)?;
        if !result.user_verified() {
            return Err(CeremonyFailed("no user verification".into()));
        }
        if passkey.update_credential(&result).is_none() {
            return Err(CeremonyFailed("another credential answered".into()));
        }
        Ok(Answered {
            passkey,
            amr: amr(&result),
        })
    }
}

/// What the browser's script posted in answer to a challenge, parsed and not yet believed.
pub(crate) struct Posted(PublicKeyCredential);

impl Posted {
    pub(crate) fn parse(text: &str) -> Result<Self, CeremonyFailed> {
        parse(text).map(Self)
    }

    /// Which credential claims to have answered.
    pub(crate) fn credential_id(&self) -> &[u8] {
        self.0.get_credential_id()
    }

    /// Whose the authenticator says it is: the user handle given at registration.
    pub(crate) fn account(&self) -> Option<AccountId> {
        let handle = self.0.get_user_unique_id()?;
        Some(AccountId::from_bytes(handle.try_into().ok()?))
    }
}

/// How long a person may take at the authenticator's prompt.
const CEREMONY: Duration = Duration::from_mins(5);

/// A passkey that may be copied to other devices is software, whatever holds it today.
fn amr(result: &AuthenticationResult) -> Vec<Amr> {
    let key = if result.backup_eligible() {
        Amr::Swk
    } else {
        Amr::Hwk
    };
    vec![key, Amr::User, Amr::Mfa]
}

fn json(value: &impl Serialize) -> Result<String, CeremonyFailed> {
    serde_json::to_string(value).map_err(|error| CeremonyFailed(error.to_string()))
}

fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, CeremonyFailed> {
    serde_json::from_str(text).map_err(|_| CeremonyFailed("the answer is malformed".into()))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn failed(error: webauthn_rs::prelude::WebauthnError) -> CeremonyFailed {
    CeremonyFailed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: Owner<'static> = Owner {
        account: AccountId::from_bytes([7; 16]),
        login_name: "camille",
        display_name: "Camille Aimée MARTIN",
    };

    fn passkeys() -> Passkeys {
        Passkeys::at(
            &Url::parse("http://localhost:8010").unwrap(),
            "Compte Citoyen",
        )
        .unwrap()
    }

    #[test]
    fn an_ip_literal_has_no_passkeys() {
        let issuer = Url::parse("http://127.0.0.1:8010").unwrap();
        assert!(Passkeys::at(&issuer, "Compte Citoyen").is_none());
    }

    #[test]
    fn registration_asks_for_user_verification_and_a_discoverable_key() {
        let (options, _) = passkeys().start_registration(&OWNER, vec![]).unwrap();
        let options: serde_json::Value = serde_json::from_str(&options).unwrap();
        let selection = &options["authenticatorSelection"];
        assert_eq!(selection["userVerification"], "required");
        assert_eq!(selection["residentKey"], "preferred");
        assert_eq!(options["rp"]["id"], "localhost");
        assert_eq!(options["attestation"], "none");
    }

    #[test]
    fn each_challenge_is_another_and_its_state_survives_sealing() {
        let passkeys = passkeys();
        let (one, challenge) = passkeys.challenge_anyone().unwrap();
        let (other, _) = passkeys.challenge_anyone().unwrap();
        let of = |options: &str| {
            let options: serde_json::Value = serde_json::from_str(options).unwrap();
            options["challenge"].as_str().unwrap().to_owned()
        };
        assert_ne!(of(&one), of(&other));
        let rested = serde_json::to_vec(&challenge).unwrap();
        let back: Challenge = serde_json::from_slice(&rested).unwrap();
        assert!(matches!(back, Challenge::Anyone(_)));
    }

    #[test]
    fn an_answer_that_is_no_json_of_a_credential_is_refused() {
        for posted in ["", "{}", "null", "[]", "{\"id\":\"a\"}"] {
            assert!(Posted::parse(posted).is_err(), "{posted}");
            let (_, state) = passkeys().start_registration(&OWNER, vec![]).unwrap();
            assert!(
                passkeys().finish_registration(posted, &state).is_err(),
                "{posted}"
            );
        }
    }
}
