//! Audit events: what must be provable later, without any personal data.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AcrValue, BrowsingId, ClientId, LoginId, PersonId, ProviderId, SessionId, Timestamp};

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What happened. The names are stable: they stand in ledgers for years.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum EventKind {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The kind's name in the ledger.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

event_kinds! {
    /// A client asked for a sign-in.
    LoginStarted = "login.started",
    /// A live session answers a client's request.
    SsoStarted = "sso.started",
    /// A request was refused before or at the start of a login.
    LoginRefused = "login.refused",
    /// The list of providers was shown.
    ProviderShown = "provider.shown",
    /// The citizen chose a provider.
    ProviderChosen = "provider.chosen",
    /// The provider sent the citizen back with an identity that holds.
    ProviderReturned = "provider.returned",
    /// The provider refused, failed, or sent something that does not hold.
    ProviderFailed = "provider.failed",
    /// The civil register was asked.
    RegisterAsked = "register.asked",
    /// The civil register gave no answer that can be used.
    RegisterFailed = "register.failed",
    /// The civil register says that the person is deceased.
    RegisterDeceased = "register.deceased",
    /// A sign-in went on without the civil register, as the settings allow at its level.
    RegisterBypassed = "register.bypassed",
    /// The person was found or made.
    IdentityVerified = "identity.verified",
    /// The identity cannot be used.
    IdentityRefused = "identity.refused",
    /// The second of two providers names another person than the first.
    IdentityContradicted = "identity.contradicted",
    /// The civil register gave somebody another identity; they are the same person.
    PersonRenamed = "person.renamed",
    /// An operator looked at what is known of somebody.
    PersonShown = "person.shown",
    /// Two persons are said to be one, or one to be two.
    CorrectionProposed = "correction.proposed",
    /// A second operator agreed; from now on it is so.
    CorrectionConfirmed = "correction.confirmed",
    /// An operator took it back, or withdrew it before it was confirmed.
    CorrectionUndone = "correction.undone",
    /// What the entry before says of a correction did not happen: somebody else, or another correction,
    /// came first.
    CorrectionFailed = "correction.failed",
    /// A case was opened: until it is over nobody acts as this person.
    PersonFrozen = "person.frozen",
    /// A case was opened: the person's account is closed.
    PersonClosed = "person.closed",
    /// The person's own word, confirmed by two providers, ended a case.
    PersonThawed = "person.thawed",
    /// A case was not ended after all: it was over already.
    PersonThawFailed = "person.thaw_failed",
    /// Somebody was turned away who is frozen or whose account is closed.
    PersonBarred = "person.barred",
    /// A citizen opened or closed a way into their identity: a provider, or those that come later.
    WaysChanged = "ways.changed",
    /// What the entry before says was not done after all: another change came first.
    WaysChangeFailed = "ways.change_failed",
    /// Somebody came by a way that its person closed, and was turned away.
    WayRefused = "way.refused",
    /// A person was told of a sign-in, or of a change of their ways in.
    AlertSent = "alert.sent",
    /// A citizen wanted a service to write to an address that stands for theirs.
    AliasMade = "alias.made",
    /// They cut it: mail to it goes nowhere.
    AliasCut = "alias.cut",
    /// They joined it again.
    AliasJoined = "alias.joined",
    /// A citizen agreed that a service goes on writing to their alias, which leads to another address of
    /// theirs from now on.
    AliasLed = "alias.led",
    /// A citizen took everything that is held about them.
    ArchiveMade = "archive.made",
    /// A citizen asked to have something put right or erased, objected, or complained.
    RightsAsked = "rights.asked",
    /// What they asked was passed on, done or refused, or they took it back.
    RightsAnswered = "rights.answered",
    /// What the entry before says of such a request was not kept after all: another came first.
    RightsFailed = "rights.failed",
    /// An operator read what a citizen asked.
    RightsShown = "rights.shown",
    /// A citizen took what goes with their complaint.
    ComplaintMade = "rights.complaint_made",
    /// An operator opened again every way into the identity of somebody who had locked themselves out.
    WaysReopened = "ways.reopened",
    /// Somebody without an account reported that their identity is misused.
    CaseReported = "case.reported",
    /// An operator read a case.
    CaseShown = "case.shown",
    /// The citizen saw what the client would receive.
    ConsentShown = "consent.shown",
    /// The citizen agreed, or read the information and went on.
    ConsentGiven = "consent.given",
    /// The citizen took back what they had agreed to: the client's tokens of it are dead.
    ConsentWithdrawn = "consent.withdrawn",
    /// The citizen refused.
    ConsentRefused = "consent.refused",
    /// The citizen left for the client without finishing.
    LoginAbandoned = "login.abandoned",
    /// The browser was sent back to the client.
    ServiceReturned = "service.returned",
    /// A device, or a client that named the person, asked for a sign-in.
    DeferredRequested = "deferred.requested",
    /// The citizen agreed to what a device or such a client asked for.
    DeferredApproved = "deferred.approved",
    /// The citizen refused it.
    DeferredRefused = "deferred.refused",
    /// Tokens were issued for a code.
    TokenIssued = "token.issued",
    /// Tokens were issued for a refresh token.
    TokenRefreshed = "token.refreshed",
    /// A refresh token came back that was no longer good, or from the wrong client; its family was taken
    /// back.
    RefreshTokenReused = "refresh_token.reused",
    /// A token was exchanged for one of the client's own.
    TokenExchanged = "token.exchanged",
    /// A client gave a token back.
    TokenRevoked = "token.revoked",
    /// A client asked what a token stands for, and was told.
    TokenIntrospected = "token.introspected",
    /// A client could not authenticate, or a grant did not hold.
    TokenRefused = "token.refused",
    /// A code was presented a second time; what it bought was taken back.
    CodeReplayed = "code.replayed",
    /// Claims were served.
    UserinfoServed = "userinfo.served",
    /// A provider told us that it signed a citizen out.
    ProviderSignedOut = "provider.signed_out",
    /// What was sent in a provider's place said so and does not hold.
    ProviderSignOutRefused = "provider.sign_out_refused",
    /// A sign-out was asked for.
    LogoutStarted = "logout.started",
    /// The browser went on to the provider, to sign out there too.
    LogoutPassedOn = "logout.passed_on",
    /// A session ended.
    SessionEnded = "session.ended",
    /// A client was told that a session ended.
    LogoutNotified = "logout.notified",
    /// A client could not be told.
    LogoutNotificationFailed = "logout.notification_failed",
    /// The embedded provider accepted a password.
    PasswordAccepted = "password.accepted",
    /// The embedded provider refused a sign-in.
    SignInRefused = "sign_in.refused",
    /// A second factor was accepted.
    FactorAccepted = "factor.accepted",
    /// A second factor was refused.
    FactorRefused = "factor.refused",
    /// Too many tries: refused without looking.
    SignInThrottled = "sign_in.throttled",
    /// An authenticator was added to an account.
    AuthenticatorAdded = "authenticator.added",
    /// An authenticator was removed from an account.
    AuthenticatorRemoved = "authenticator.removed",
    /// A signing key took over.
    KeyRotated = "key.rotated",
    /// A key was taken out for good, in an emergency.
    KeyRevoked = "key.revoked",
    /// A client registered itself.
    ClientRegistered = "client.registered",
    /// An operator made a token by which clients may register.
    InitialAccessTokenAdded = "initial_access_token.added",
    /// An initial access token was taken back: whoever holds it registers nobody any more.
    InitialAccessTokenRemoved = "initial_access_token.removed",
    /// A client was removed.
    ClientRemoved = "client.removed",
    /// A client was added or changed.
    ClientChanged = "client.changed",
    /// A test of a client's software began, against a provider that plays false.
    ClientTestBegun = "client.test_begun",
    /// A kill switch was thrown: something is off, with who and why.
    SwitchedOff = "switch.off",
    /// What was off is on again.
    SwitchedOn = "switch.on",
    /// A secret or key of a client ends soon, or is old, and none follows it.
    CredentialDue = "client.credential_due",
    /// A node does not reach a provider any more.
    ProviderDown = "provider.down",
    /// It reaches it again.
    ProviderUp = "provider.up",
    /// A webhook was added or changed, or got or lost a secret.
    WebhookChanged = "webhook.changed",
    /// Somebody tries whether a webhook hears.
    WebhookTested = "webhook.tested",
    /// Somebody has events sent to a webhook again.
    WebhookReplayed = "webhook.replayed",
    /// A webhook did not take an event for days: it is sent no more, until somebody has it replayed.
    WebhookGivenUp = "webhook.given_up",
    /// A message of the review tool was taken: what it says was done.
    HookTaken = "hook.taken",
    /// A message that says it is of the review tool does not hold.
    HookRefused = "hook.refused",
    /// A provider was added or changed.
    ProviderChanged = "provider.changed",
    /// A data provider was added or changed.
    DataProviderChanged = "data_provider.changed",
    /// Somebody who operates the hub, or looks after services, signed in to the console.
    StaffSignedIn = "staff.signed_in",
    /// Somebody signed in to the console who is nobody there, or not surely enough.
    StaffRefused = "staff.refused",
    /// They signed out, or were signed out.
    StaffSignedOut = "staff.signed_out",
    /// One of them confirmed a dangerous operation by signing in anew.
    StaffConfirmed = "staff.confirmed",
    /// Somebody was invited to operate the hub or to look after services.
    StaffInvited = "staff.invited",
    /// An invitation was taken back.
    StaffInvitationWithdrawn = "staff.invitation_withdrawn",
    /// An invitation was accepted: its roles are somebody's now.
    StaffAdmitted = "staff.admitted",
    /// Somebody's roles were changed.
    StaffChanged = "staff.changed",
    /// Somebody has no part in operating the hub any more.
    StaffRemoved = "staff.removed",
    /// Somebody took a role for an hour that they do not have, and said why.
    StaffBrokeGlass = "staff.broke_glass",
    /// An organisation or a team was added or changed.
    TeamChanged = "team.changed",
    /// A team began by itself: its organisation, its owner.
    OnboardingBegun = "onboarding.begun",
    /// A habilitation was begun, or another version of one.
    HabilitationBegun = "habilitation.begun",
    /// Somebody wrote in it.
    HabilitationEdited = "habilitation.edited",
    /// It went to the reviewers, or came back from them.
    HabilitationSubmitted = "habilitation.submitted",
    /// A reviewer signed it.
    HabilitationSigned = "habilitation.signed",
    /// The second reviewer signed it: what it asks is granted.
    HabilitationValidated = "habilitation.validated",
    /// A reviewer wants something changed.
    HabilitationReturned = "habilitation.returned",
    /// A reviewer refused it.
    HabilitationRefused = "habilitation.refused",
    /// What it granted is held back.
    HabilitationSuspended = "habilitation.suspended",
    /// It goes on.
    HabilitationResumed = "habilitation.resumed",
    /// What it granted is taken back.
    HabilitationRevoked = "habilitation.revoked",
    /// What the entry before says of a habilitation did not happen: somebody else came first.
    HabilitationStepFailed = "habilitation.step_failed",
    /// An operation of the console or of its API was refused.
    OperationRefused = "operation.refused",
    /// A part of the audit log was read through the console or its API.
    LedgerRead = "ledger.read",
    /// A service asked for evidence.
    EvidenceRequested = "evidence.requested",
    /// A data provider had entries of its register indexed, to find citizens without their names.
    EvidenceIndexed = "evidence.indexed",
    /// The data provider was told more of the citizen than their name there, to find them once.
    EvidenceIdentified = "evidence.identified",
    /// The citizen saw what would leave.
    EvidenceShown = "evidence.shown",
    /// The citizen sent it, sent a part of it, refused, or said that it is wrong.
    EvidenceDecided = "evidence.decided",
    /// The data provider has the evidence ready.
    EvidencePrepared = "evidence.prepared",
    /// The data provider does not have it, or not now.
    EvidenceNotFound = "evidence.not_found",
    /// The service got the right to fetch it, once.
    EvidenceVoucherIssued = "evidence.voucher_issued",
    /// The data provider spent that right: the evidence leaves it.
    EvidenceReleased = "evidence.released",
    /// One side confirmed its half of a delivery.
    EvidenceDelivered = "evidence.delivered",
    /// A request for evidence, or for the right to fetch it, was refused.
    EvidenceRefused = "evidence.refused",
    /// A decision was taken back.
    EvidenceRevoked = "evidence.revoked",
    /// A pull was not confirmed by both sides in time.
    EvidenceUnconfirmed = "evidence.unconfirmed",
    /// The citizen took fields away from a decision that stands.
    EvidenceNarrowed = "evidence.narrowed",
    /// The citizen asked a party to erase what was sent.
    EvidenceErasureRequested = "evidence.erasure_requested",
    /// A party answered that it erased what it had got.
    EvidenceErased = "evidence.erased",
    /// A party answered that a law makes it keep what it had got.
    EvidenceErasureRefused = "evidence.erasure_refused",
    /// A party has an event.
    EventDelivered = "event.delivered",
    /// A party did not take an event, or said that it cannot use it.
    EventFailed = "event.failed",
    /// An event is sent no more; its party may still fetch it.
    EventGivenUp = "event.given_up",
    /// A law keeps an exchange from its citizen until a date.
    EvidenceHidden = "evidence.hidden",
    /// A service left a message in a citizen's account, or changed one, or took it back.
    MessageLeft = "message.left",
    /// A citizen will not see what a service says any more.
    ServiceMuted = "service.muted",
    /// A citizen sees it again.
    ServiceUnmuted = "service.unmuted",
    /// A citizen was given everything that is on record about them, counted.
    HistoryStated = "history.stated",
    /// A page said that something was refused or broken, under a reference to read out.
    ErrorShown = "error.shown",
    /// Somebody of the support looked at what happened at a login.
    SupportLooked = "support.looked",
    /// They asked the citizen to let them see what is hidden of it.
    SupportAsked = "support.asked",
    /// The citizen agreed for a while, refused, or took it back.
    SupportAnswered = "support.answered",
    /// The ledger was opened by a node.
    NodeStarted = "node.started",
    /// The store was down for so long that events nobody waited for were dropped; how many.
    EventsLost = "ledger.events_lost",
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that happened. Holds random identifiers and registered names only: never a name, a
/// date of birth, an address, a token or a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// During which login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<LoginId>,
    /// In which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// During which visit of a browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browsing: Option<BrowsingId>,
    /// For which client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientId>,
    /// With which provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderId>,
    /// About whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// At which level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<AcrValue>,
    /// Details fixed in the code: an error code, a scope list, a register outcome.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

impl AuditEvent {
    /// An event of `kind` at `at`, about nothing yet.
    pub fn new(kind: EventKind, at: Timestamp) -> Self {
        Self {
            at,
            kind,
            login: None,
            session: None,
            browsing: None,
            client: None,
            provider: None,
            person: None,
            acr: None,
            details: BTreeMap::new(),
        }
    }

    /// During this login.
    #[must_use]
    pub fn login(mut self, login: LoginId) -> Self {
        self.login = Some(login);
        self
    }

    /// In this session.
    #[must_use]
    pub fn session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// During this visit of a browser.
    #[must_use]
    pub fn browsing(mut self, browsing: &BrowsingId) -> Self {
        self.browsing = Some(browsing.clone());
        self
    }

    /// For this client.
    #[must_use]
    pub fn client(mut self, client: &ClientId) -> Self {
        self.client = Some(client.clone());
        self
    }

    /// With this provider.
    #[must_use]
    pub fn provider(mut self, provider: &ProviderId) -> Self {
        self.provider = Some(provider.clone());
        self
    }

    /// About this person.
    #[must_use]
    pub fn person(mut self, person: PersonId) -> Self {
        self.person = Some(person);
        self
    }

    /// At this level.
    #[must_use]
    pub fn acr(mut self, acr: impl Into<AcrValue>) -> Self {
        self.acr = Some(acr.into());
        self
    }

    /// With a detail; never personal data.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let mut names: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), EventKind::ALL.len());
        for kind in EventKind::ALL {
            assert_eq!(serde_json::to_string(kind).unwrap(), format!("\"{kind}\""));
        }
    }

    #[test]
    fn an_event_survives_the_trip_through_json() {
        let event = AuditEvent::new(EventKind::ConsentGiven, Timestamp::from_seconds(1))
            .login(LoginId::from_bytes([1; 16]))
            .acr(AcrValue::corroborated(crate::Acr::Eidas2))
            .detail("scope", "openid");
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<AuditEvent>(&text).unwrap(), event);
        assert!(!text.contains("person"));
    }
}
