//! What a receipt says: the claims of the JWS.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::ExchangeId;
use guichet_ledger::{Hash, Signed, verify_inclusion};
use guichet_store::durable::exchange_entries::Secrecy;
use serde::{Deserialize, Serialize};

use crate::Usage;

/// The claims. Times are RFC 3339 texts; labels are in the language of the decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The hub.
    pub iss: String,
    /// When this receipt was made, in seconds.
    pub iat: i64,
    /// The exchange, as the service knows it.
    pub exchange: ExchangeId,
    /// `sent`, `partly`, `refused` or `contested`.
    pub outcome: String,
    /// When it was decided.
    pub decided: String,
    /// Who asked, and received what was sent.
    pub service: Party,
    /// Who holds the evidence.
    pub data_provider: Party,
    /// Which evidence.
    pub evidence_type: Labelled,
    /// The fields that were asked for.
    pub asked: Vec<Labelled>,
    /// Those that may leave.
    pub granted: Vec<Labelled>,
    /// What for.
    pub purpose: StatedPurpose,
    /// On which ground.
    pub basis: String,
    /// How often.
    #[serde(flatten)]
    pub usage: Usage,
    /// Nothing is fetched from then on.
    pub valid_until: String,
    /// How long the service keeps it, in days.
    pub retention_days: u32,
    /// How often it was fetched so far.
    pub pulls: u32,
    /// When and how it ended before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// The language of the page.
    pub locale: String,
    /// `sha-256:` and base64url, of the text that was shown, without its values.
    pub text_digest: String,
    /// The law that kept it from the citizen for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
    /// What the ledger has of it.
    pub log: LogPart,
}

/// A registered name and the one on pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Registered.
    pub id: String,
    /// On pages.
    pub name: String,
}

/// A name of the catalogue and its label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelled {
    /// In the catalogue.
    pub id: String,
    /// On pages.
    pub label: String,
}

/// What it was for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatedPurpose {
    /// In the catalogue.
    pub id: String,
    /// What citizens read.
    pub sentence: String,
    /// The text of law.
    pub legal: String,
}

/// An end before its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: String,
    /// `revoked`, `given_back`, `replaced`, `unused` or `withdrawn`.
    pub how: String,
}

/// A secrecy that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Until when.
    pub until: String,
    /// By whom.
    pub authority: String,
    /// By which order.
    pub order: String,
}

impl Hidden {
    pub(super) fn of(secrecy: Secrecy) -> Self {
        Self {
            until: secrecy.until.to_string(),
            authority: secrecy.authority,
            order: secrecy.order,
        }
    }
}

/// The entries of the ledger about the exchange, proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPart {
    /// The log's public key, as signed notes write it (`name+hash+key`).
    pub key: String,
    /// The signed checkpoint, as it was signed.
    pub checkpoint: String,
    /// Entries, in the log's order.
    pub entries: Vec<Proven>,
    /// How many more there are: of an exchange that goes on for long, the decision, the first and the
    /// latest are here.
    #[serde(default)]
    pub left_out: u64,
}

/// One entry and its inclusion proof. Hashes are base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// Its place in the log.
    pub index: u64,
    /// Its exact text; left out where it was erased, which leaves the rest provable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Its leaf hash: SHA-256 of a zero byte and the text.
    pub leaf: String,
    /// RFC 9162 §2.1.3.
    pub proof: Vec<String>,
}

impl Proven {
    /// Its leaf hash, when it is one.
    pub fn leaf(&self) -> Option<Hash> {
        hash(&self.leaf)
    }

    /// Whether its leaf stands at its place in the tree of this checkpoint.
    pub fn is_in(&self, signed: Signed) -> bool {
        let proof: Option<Vec<Hash>> = self.proof.iter().map(|it| hash(it)).collect();
        proof.zip(self.leaf()).is_some_and(|(proof, leaf)| {
            verify_inclusion(leaf, self.index, signed.size, &proof, &signed.root)
        })
    }
}

fn hash(text: &str) -> Option<Hash> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
