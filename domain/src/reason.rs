//! Why a value may not stand in a record: a rule by name, so that a page says it in its reader's language, and the API
//! in English. What others say (a rule in CEL, a key that cannot be read) has no name, and stands as they say it.

use std::fmt;
use std::net::AddrParseError;

use crate::UnknownAlg;
use crate::acr_value::UnknownAcrValue;
use crate::client::{SecretError, UnknownGrantType};
use crate::id::IdError;
use crate::redirect_uri::RedirectUriError;
use crate::scope::ScopeError;
use crate::staff::NotThere;
use crate::subject::NotVisibleAscii;
use crate::switch::NoSwitch;
use crate::time::NotADateTime;

macro_rules! rules {
    ($($name:ident = $key:literal: $english:literal,)*) => {
        /// A rule that a value breaks. Pages have a text for each, in every language: `reason-` and its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rule {
            $(#[doc = $english] $name,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// What it says in English; `{what}` in it stands for what it is about.
            pub const fn english(self) -> &'static str {
                match self { $(Self::$name => $english,)* }
            }
        }
    };
}

/// Why a value may not stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It breaks a rule of ours.
    Rule {
        /// Which.
        rule: Rule,
        /// What the rule is about here: a name, a number; empty where it says nothing of the kind.
        what: String,
    },
    /// What somebody else says of it, in English.
    Quoted(String),
}

impl Rule {
    /// The rule, about this.
    pub fn of(self, what: impl fmt::Display) -> Reason {
        Reason::Rule {
            rule: self,
            what: what.to_string(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { rule, what } => f.write_str(&rule.english().replace("{what}", what)),
            Self::Quoted(text) => f.write_str(text),
        }
    }
}

impl From<Rule> for Reason {
    fn from(rule: Rule) -> Self {
        rule.of("")
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self::Quoted(text)
    }
}

impl From<&String> for Reason {
    fn from(text: &String) -> Self {
        Self::Quoted(text.clone())
    }
}

impl From<&str> for Reason {
    fn from(text: &str) -> Self {
        Self::Quoted(text.to_owned())
    }
}

impl From<IdError> for Reason {
    fn from(error: IdError) -> Self {
        match error {
            IdError::NotRandomId => Rule::RandomIdentifier,
            IdError::NotClientId => Rule::ClientIdentifier,
            IdError::NotProviderId => Rule::ProviderIdentifier,
            IdError::NotName => Rule::Name,
        }
        .into()
    }
}

impl From<ScopeError> for Reason {
    fn from(error: ScopeError) -> Self {
        match error {
            ScopeError::NotScope => Rule::Scope,
            ScopeError::TooMany => Rule::TooManyScopes,
        }
        .into()
    }
}

impl From<RedirectUriError> for Reason {
    fn from(error: RedirectUriError) -> Self {
        match error {
            RedirectUriError::TooLong => Rule::RedirectLength,
            RedirectUriError::Character => Rule::RedirectCharacters,
            RedirectUriError::NotNormal => Rule::RedirectNormal,
            RedirectUriError::Fragment => Rule::RedirectFragment,
            RedirectUriError::UserInfo => Rule::RedirectUser,
            RedirectUriError::Scheme => Rule::RedirectScheme,
            RedirectUriError::ResponseParameter => Rule::RedirectParameter,
        }
        .into()
    }
}

impl From<SecretError> for Reason {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::NoSecrets => Rule::NoSecrets,
            SecretError::TooMany => Rule::EnoughSecrets,
            SecretError::Unknown => Rule::NoSuchSecret,
            SecretError::Last => Rule::LastSecret,
            SecretError::Unsealable => Rule::Unsealable,
        }
        .into()
    }
}

impl From<UnknownAlg> for Reason {
    fn from(error: UnknownAlg) -> Self {
        Rule::Algorithm.of(error.known.join(", "))
    }
}

impl From<url::ParseError> for Reason {
    fn from(error: url::ParseError) -> Self {
        Rule::Address.of(error)
    }
}

/// Errors that are one rule each.
macro_rules! one_rule {
    ($($error:ty => $rule:ident,)*) => {
        $(impl From<$error> for Reason {
            fn from(_: $error) -> Self {
                Rule::$rule.into()
            }
        })*
    };
}

one_rule! {
    AddrParseError => NetworkAddress,
    NoSwitch => SwitchTarget,
    NotADateTime => DateAndTime,
    NotThere => NotThere,
    NotVisibleAscii => VisibleAscii,
    UnknownAcrValue => LevelValue,
    UnknownGrantType => GrantType,
}

rules! {
    RandomIdentifier = "random-identifier": "a random identifier is 22 characters of base64url",
    ClientIdentifier = "client-identifier": "a client_id is 1 to 255 visible ASCII characters",
    ProviderIdentifier = "provider-identifier": "a provider id is 1 to 64 lower-case letters, digits and inner hyphens",
    Name = "name": "a name is 1 to 64 lower-case letters, digits, hyphens and underscores",
    VisibleAscii = "visible-ascii": "1 to 255 visible ASCII characters",
    Scope = "scope": "a scope is 1 to 128 visible ASCII characters other than \" and \\",
    TooManyScopes = "too-many-scopes": "at most 100 scopes may be asked for at once",
    SingleSpaces = "single-spaces": "scopes separated by single spaces",
    Algorithm = "algorithm": "not an algorithm in use here; known are {what}",
    AsymmetricAlgorithm = "asymmetric-algorithm": "an asymmetric algorithm: a shared secret signs for whoever holds it",
    AnotherMethodsAlgorithm = "another-methods-algorithm": "not an algorithm of this token_endpoint_auth_method",
    Method = "method": "client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, tls_client_auth, self_signed_tls_client_auth or none",
    GrantType = "grant-type": "known grant types are authorization_code, refresh_token, urn:ietf:params:oauth:grant-type:device_code, urn:openid:params:grant-type:ciba, urn:ietf:params:oauth:grant-type:token-exchange and client_credentials",
    Level = "level": "known levels are eidas1, eidas2 and eidas3",
    LevelValue = "level-value": "known values are eidas1, eidas2 and eidas3, each also with -corroborated",
    DateAndTime = "date-and-time": "a date and time is written like 2027-01-31T08:00:00Z (RFC 3339)",
    TimeToCome = "time-to-come": "a time to come",
    Address = "address": "not an address of the web: {what}",
    Https = "https": "an https URL is needed (http for tests on this machine)",
    NoFragment = "no-fragment": "an address without a fragment is needed",
    Issuer = "issuer": "an https URL without query or fragment is needed",
    NetworkAddress = "network-address": "an IP address is needed",
    Only = "only": "only {what} may stand here",
    NeededToo = "needed-too": "{what} must stand too",
    GivenAtRegistration = "given-at-registration": "the provider gives one at registration",
    NameOrNone = "name-or-none": "a name is needed, or none at all",
    DiscoveryFindsIt = "discovery-finds-it": "discovery finds it; with discovery = false it may be stated",
    WithoutDiscovery = "without-discovery": "needed without discovery",
    KeysWithoutDiscovery = "keys-without-discovery": "this or jwks is needed without discovery",
    PublicKeys = "public-keys": "an object whose `keys` holds public keys is needed",
    OneKeySource = "one-key-source": "jwks stands already: one of them",
    ClaimsRequest = "claims-request": "an object of `id_token` and `userinfo`, each an object (OIDC Core §5.5)",
    NeededWith = "needed-with": "needed with {what}",
    OneLevel = "one-level": "at least one of eidas1, eidas2, eidas3 is needed",
    AfterOpens = "after-opens": "it must come after `opens`",
    MailDomain = "mail-domain": "{what}: a domain in lower case, such as example.org",
    GivenAgain = "given-again": "to be given again: the issuer, an endpoint or the client_id changed",
    MethodNeedsOne = "method-needs-one": "this token_endpoint_auth_method needs one",
    NotAmongLevels = "not-among-levels": "{what} is not among levels",
    NotToBeMade = "not-to-be-made": "{what} is not to be made: claims of the hub, acr and amr are",
    RuleLength = "rule-length": "the rule of {what} has 1 to 2000 characters",
    BothLanguages = "both-languages": "`fr` and `en`, each of 1 to 1000 characters",
    AtLeastOne = "at-least-one": "at least one is needed",
    Unsealable = "unsealable": "a secret cannot be sealed here",
    SecretLength = "secret-length": "at least {what} characters are needed",
    OneCertificateName = "one-certificate-name": "tls_client_auth needs exactly one of tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip and _san_email",
    SandboxSector = "sandbox-sector": "a sandbox client's sector is its own, and its subjects are pairwise",
    KeptSector = "kept-sector": "this name is kept for public subjects, the console, or the sandbox",
    SeveralHosts = "several-hosts": "redirect URIs on several hosts need a declared sector or a sector_identifier_uri",
    Fapi2Authentication = "fapi2-authentication": "fapi2: private_key_jwt, tls_client_auth or self_signed_tls_client_auth",
    Fapi2On = "fapi2-on": "fapi2: not to be turned off",
    Fapi2Bound = "fapi2-bound": "fapi2: tokens are bound to a key or to a certificate",
    Fapi2Algorithm = "fapi2-algorithm": "fapi2: ES256, PS256 or EdDSA",
    EvidenceTwice = "evidence-twice": "an evidence stands here twice",
    NameTwice = "name-twice": "a name stands here twice",
    EmptyRight = "empty-right": "each right names at least one field and one purpose",
    Subjects = "subjects": "pairwise or public",
    EmptyType = "empty-type": "a type is empty",
    PingNeedsIt = "ping-needs-it": "ping needs it",
    ForPing = "for-ping": "it is for ping alone",
    PollOrPing = "poll-or-ping": "poll or ping",
    OriginOfRedirect = "origin-of-redirect": "scheme, host and port of a redirect URI are needed",
    NeedsAuthentication = "needs-authentication": "client_credentials needs a client that authenticates",
    PublicBodies = "public-bodies": "for public bodies with the profile franceconnect",
    SandboxEvidence = "sandbox-evidence": "a sandbox client asks for none",
    SandboxHabilitation = "sandbox-habilitation": "a sandbox client needs none: production is another client",
    TenToFiveHundred = "ten-to-five-hundred": "10 to 500 characters on one line",
    KeysNeeded = "keys-needed": "keys are needed (jwks or jwks_uri) by what else is registered",
    RedirectLength = "redirect-length": "a redirect URI has at most 2000 characters",
    RedirectCharacters = "redirect-characters": "a redirect URI is visible ASCII without backslash, quotes or angle brackets",
    RedirectNormal = "redirect-normal": "a redirect URI is absolute and written as browsers normalize it",
    RedirectFragment = "redirect-fragment": "a redirect URI has no fragment",
    RedirectUser = "redirect-user": "a redirect URI has no user name or password",
    RedirectScheme = "redirect-scheme": "a redirect URI is https, http on loopback, or a private scheme such as com.example.app",
    RedirectParameter = "redirect-parameter": "a redirect URI does not hold response parameters such as code or state",
    BeyondHabilitation = "beyond-habilitation": "{what}: more than its habilitation grants",
    AtMostCharacters = "at-most-characters": "at most {what} characters",
    ControlCharacters = "control-characters": "control characters",
    SayWhy = "say-why": "say why: it stays on record",
    SwitchTarget = "switch-target": "hub, client:ID or provider:ID is needed",
    ShownName = "shown-name": "1 to 160 printable characters are needed",
    NotAName = "not-a-name": "a name is not one",
    HoldsOne = "holds-one": "a data provider holds at least one evidence",
    VouchersSomewhere = "vouchers-somewhere": "vouchers are presented somewhere",
    OneLine = "one-line": "1 to 200 characters on one line",
    LegalIdentifier = "legal-identifier": "1 to 32 letters, digits, spaces, dots and hyphens",
    TeamRole = "team-role": "a team's role is on an organisation, a team or a client",
    HubRole = "hub-role": "this role is on the hub",
    NotThere = "not-there": "hub, organisation:ID, team:ID or client:ID",
    AddressNeeded = "address-needed": "an address is needed",
    PlainAddress = "plain-address": "no password, 1000 characters at most",
    ShortLine = "short-line": "one line, 200 characters at most",
    UntoldKind = "untold-kind": "one of them is of no kind that is told",
    NoOrganisation = "no-organisation": "there is no such organisation",
    NotAllThere = "not-all-there": "one of them is not there",
    NameForGood = "name-for-good": "a name is for good: add another",
    PublicSubjectsOff = "public-subjects-off": "`public` needs hub.public_subjects = true",
    RotatedElsewhere = "rotated-elsewhere": "the client has no jwks: a jwks_uri is rotated where it is published",
    PublicKey = "public-key": "a public JWK is needed",
    NotAKeySet = "not-a-key-set": "not a JWK Set",
    KeyTwice = "key-twice": "the client has a key of this kid",
    EnoughKeys = "enough-keys": "as many keys as there may be",
    NoSecrets = "no-secrets": "the client's token_endpoint_auth_method has no secret",
    EnoughSecrets = "enough-secrets": "the client has as many secrets as it may have: end one first",
    NoSuchSecret = "no-such-secret": "the client has no such secret",
    LastSecret = "last-secret": "no other secret would be left: add another first, or disable the client",
    LastOfWebhook = "last-of-webhook": "it is the last one: add another first",
    EnoughOfWebhook = "enough-of-webhook": "as many as there may be: end one",
    MailAddress = "mail-address": "an e-mail address",
    SomebodyOperates = "somebody-operates": "somebody operates the hub already: say why another way in is needed",
    Explained = "explained": "10 to 500 characters on one line, and nobody's personal data",
    AtMostFifty = "at-most-fifty": "at most 50",
    StaysWho = "stays-who": "whoever it is stays who they are: add another",
    AnotherInvitation = "another-invitation": "another address is another invitation",
    InvitedPeople = "invited-people": "only clients are added here: a person is invited",
    OnlyOperator = "only-operator": "nobody else operates the hub: name another first",
    SharedKeys = "shared-keys": "a sandbox and a production client share this: each has keys of its own",
    ProductionForGood = "production-for-good": "it is for good: production is another client, with keys of its own",
    NothingGranted = "nothing-granted": "there is none of this name that grants anything now",
    HabilitationNeeded = "habilitation-needed": "in production a client needs one; `exception` says why an operator does without",
    Egress = "egress": "this hub calls no such address: see egress in its settings",
    NoTeam = "no-team": "there is no such team",
    NoCase = "no-case": "there is no such case about them",
    SayWhatFor = "say-what-for": "say what you look for",
    TicketNumber = "ticket-number": "the number of a ticket: letters, digits, “-”, “#”, “/”, and nothing of a person",
    ReadByCitizen = "read-by-citizen": "10 to 300 characters on one line: the citizen reads them",
    RowNumber = "row-number": "the number of a row",
    CaseNumber = "case-number": "the number of a case",
    AnObject = "an-object": "an object is needed",
    ThreeLevels = "three-levels": "eidas1, eidas2 or eidas3",
    NameTaken = "name-taken": "there is one of this name already",
    NoClient = "no-client": "no client of this name within your reach",
    NoSuchAct = "no-such-act": "one of those of the page",
    NoSuchClient = "no-such-client": "there is no such client",
    NeedsSector = "needs-sector": "its client needs sector = \"{what}\"",
    NotForTeams = "not-for-teams": "not for a team to change",
    AnotherHost = "another-host": "another host shares the names of citizens: an operator lets it in, or the document of a sector_identifier_uri",
    RecordExists = "record-exists": "there is one of the name {what} already",
    RecordDeclared = "record-declared": "{what} is declared in the settings: change it there",
    RecordUnknown = "record-unknown": "there is none of the name {what}",
    ChangedMeanwhile = "changed-meanwhile": "{what} was changed meanwhile: look at it again",
    RecordUnstated = "record-unstated": "there is one of the name {what} already: say which one is to be replaced",
    DeclaredTwice = "declared-twice": "declared twice",
    NotOff = "not-off": "there is nothing of this name to be switched",
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_rule_has_a_name_and_words_of_its_own() {
        let names: HashSet<&str> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
        let words: HashSet<&str> = Rule::ALL.iter().map(|rule| rule.english()).collect();
        assert_eq!(names.len(), Rule::ALL.len());
        assert_eq!(words.len(), Rule::ALL.len());
    }

    #[test]
    fn a_reason_says_what_it_is_about_and_an_error_says_what_its_rule_says() {
        assert_eq!(Rule::NeededToo.of("alg").to_string(), "alg must stand too");
        for error in [
            IdError::NotRandomId,
            IdError::NotClientId,
            IdError::NotProviderId,
            IdError::NotName,
        ] {
            assert_eq!(Reason::from(error).to_string(), error.to_string());
        }
        for error in [
            RedirectUriError::TooLong,
            RedirectUriError::Character,
            RedirectUriError::NotNormal,
            RedirectUriError::Fragment,
            RedirectUriError::UserInfo,
            RedirectUriError::Scheme,
            RedirectUriError::ResponseParameter,
        ] {
            assert_eq!(Reason::from(error).to_string(), error.to_string());
        }
        let alike = [
            (Reason::from(UnknownAcrValue), UnknownAcrValue.to_string()),
            (Reason::from(UnknownGrantType), UnknownGrantType.to_string()),
            (Reason::from(NotADateTime), NotADateTime.to_string()),
            (Reason::from(NotThere), NotThere.to_string()),
            (Reason::from(NoSwitch), NoSwitch.to_string()),
            (Reason::from(NotVisibleAscii), NotVisibleAscii.to_string()),
            (
                Reason::from(ScopeError::NotScope),
                ScopeError::NotScope.to_string(),
            ),
            (
                Reason::from(ScopeError::TooMany),
                ScopeError::TooMany.to_string(),
            ),
        ];
        for (reason, words) in alike {
            assert_eq!(reason.to_string(), words);
        }
    }
}
