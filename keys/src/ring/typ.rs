//! The `typ` of what is signed here: by the hub, and by the other side of an exchange.

/// The `typ` of what is signed here (RFC 8725 §3.11): one kind of token never stands for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typ {
    /// `JWT`: ID tokens, userinfo answers, the hub's own client assertions.
    Jwt,
    /// `at+jwt`: access tokens (RFC 9068).
    AccessToken,
    /// `logout+jwt`: logout tokens (OIDC Back-Channel Logout §2.4).
    LogoutToken,
    /// `token-introspection+jwt`: introspection answers (RFC 9701).
    TokenIntrospection,
    /// `secevent+jwt`: events to services (RFC 8417).
    SecurityEvent,
    /// `oauth-authz-req+jwt`: request objects of the hub as a client (RFC 9101).
    RequestObject,
    /// `dpop+jwt`: proofs of possession of the hub as a client (RFC 9449).
    DpopProof,
    /// `guichet-receipt+jwt`: a citizen's receipt.
    Receipt,
    /// `guichet-history+jwt`: the first line of a statement of a citizen's history.
    History,
    /// `guichet-archive+jwt`: the manifest of what a citizen took of what is held about them.
    Archive,
    /// `evidence-voucher+jwt`: the right to fetch evidence.
    Voucher,
    /// `evidence+jwt`: what a data provider vouches for.
    Evidence,
    /// `evidence-delivery+jwt`: one half of the receipt of a delivery.
    EvidenceDelivery,
    /// `evidence-catalogue+jwt`: which evidence there is.
    EvidenceCatalogue,
    /// `habilitation-register+jwt`: what was granted to whom.
    HabilitationRegister,
    /// `citizen-message+jwt`: what a service says to a citizen in their account.
    CitizenMessage,
    /// `evidence-erasure+jwt`: what a party answers a citizen who wants evidence erased.
    EvidenceErasure,
}

impl Typ {
    /// Every type, in the order of the enum.
    pub(super) const ALL: [Self; 17] = [
        Self::Jwt,
        Self::AccessToken,
        Self::LogoutToken,
        Self::TokenIntrospection,
        Self::SecurityEvent,
        Self::RequestObject,
        Self::DpopProof,
        Self::Receipt,
        Self::History,
        Self::Archive,
        Self::Voucher,
        Self::Evidence,
        Self::EvidenceDelivery,
        Self::EvidenceCatalogue,
        Self::HabilitationRegister,
        Self::CitizenMessage,
        Self::EvidenceErasure,
    ];

    /// The value of `typ`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "JWT",
            Self::AccessToken => "at+jwt",
            Self::LogoutToken => "logout+jwt",
            Self::TokenIntrospection => "token-introspection+jwt",
            Self::SecurityEvent => "secevent+jwt",
            Self::RequestObject => "oauth-authz-req+jwt",
            Self::DpopProof => "dpop+jwt",
            Self::Receipt => "guichet-receipt+jwt",
            Self::History => "guichet-history+jwt",
            Self::Archive => "guichet-archive+jwt",
            Self::Voucher => "evidence-voucher+jwt",
            Self::Evidence => "evidence+jwt",
            Self::EvidenceDelivery => "evidence-delivery+jwt",
            Self::EvidenceCatalogue => "evidence-catalogue+jwt",
            Self::HabilitationRegister => "habilitation-register+jwt",
            Self::CitizenMessage => "citizen-message+jwt",
            Self::EvidenceErasure => "evidence-erasure+jwt",
        }
    }
}
