//! The public register: what was granted to whom, for what, since when, by which entry of the audit log. On the
//! hub's own address, as a page, as JSON, and signed. It names organisations and services, and nobody.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use guichet_domain::habilitation::{Granted, Habilitation, Version};
use guichet_domain::staff::Organisation;
use guichet_domain::{Clock, Entropy, Timestamp};
use guichet_exchange::Catalogue;
use guichet_keys::{Keys, Typ};
use guichet_store::Fault;
use guichet_store::durable::{Habilitations, Teams};
use guichet_web::{Locale, PageContext, PageError, Pages, Serde, context};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Serialize;

use super::approval::EXCEPTION;

/// Templates to register with the hub's pages.
pub const PUBLIC_TEMPLATES: &[(&str, &str)] = &[(
    "admin/habilitations.html",
    include_str!("../../pages/onboarding/register.html"),
)];

/// Their texts in French.
pub const PUBLIC_TEXTS_FR: &str = include_str!("../../texts/register.fr.ftl");

/// Their texts in English.
pub const PUBLIC_TEXTS_EN: &str = include_str!("../../texts/register.en.ftl");

/// What the register is made from.
pub struct PublicRegister {
    /// What was granted.
    pub habilitations: Arc<dyn Habilitations>,
    /// To whom.
    pub teams: Arc<dyn Teams>,
    /// What the words stand for.
    pub catalogue: Arc<Catalogue>,
    /// The hub's pages.
    pub pages: Pages,
    /// The hub.
    pub issuer: String,
    /// Signs it.
    pub keys: Keys,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// For references on error pages.
    pub entropy: Arc<dyn Entropy>,
    /// It as it was last read: anybody may ask.
    pub read: ReadRegister,
}

/// A register as it was last read and signed.
#[derive(Default)]
pub struct ReadRegister(Mutex<Option<(Timestamp, Arc<Read>)>>);

struct Read {
    lines: Vec<Line>,
    signed: String,
}

/// What was granted once.
#[derive(Clone, Debug, Serialize)]
struct Line {
    id: String,
    version: u32,
    /// `validated`, `suspended` or `revoked`.
    state: &'static str,
    organisation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    legal_id: Option<String>,
    service: String,
    legal_basis: String,
    legal_reference: String,
    purpose: String,
    purposes: Vec<String>,
    scopes: Vec<String>,
    evidence: Vec<Fact>,
    level: String,
    retention_months: u16,
    alternative: String,
    privacy_notice: String,
    granted_at: String,
    #[serde(skip)]
    granted_millis: i64,
    /// Where the audit log says so.
    ledger_entry: u64,
    /// Why two persons did not sign it.
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<Exception>,
}

/// A review tool outside approved it.
#[derive(Clone, Debug, Serialize)]
struct Exception {
    kind: &'static str,
    tool: String,
    reference: String,
}

#[derive(Clone, Debug, Serialize)]
struct Fact {
    evidence_type: String,
    fields: Vec<String>,
    #[serde(skip)]
    label: [String; 2],
}

/// How long a reading is good: a suspension is to be seen.
const GOOD_FOR: Duration = Duration::from_secs(10);

impl PublicRegister {
    /// Its paths, on the hub.
    pub fn routes(self) -> Router {
        Router::new()
            .route("/habilitations", get(page))
            .route("/habilitations.json", get(json))
            .route("/habilitations.jwt", get(signed))
            .with_state(Arc::new(self))
    }

    async fn read(&self) -> Result<Arc<Read>, PageError> {
        let now = self.clock.now();
        let last = self
            .read
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((at, read)) = last
            && now.since(at) < GOOD_FOR
        {
            return Ok(read);
        }
        let read = self.anew(now).await.map(Arc::new);
        let read = read.map_err(|fault| {
            PageError::of_fault(&*self.entropy, "read the register of habilitations", &fault)
        })?;
        let mut last = self.read.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((now, Arc::clone(&read)));
        Ok(read)
    }

    async fn anew(&self, now: Timestamp) -> Result<Read, Fault> {
        let organisations = self.teams.organisations().await?;
        let mut lines = Vec::new();
        for habilitation in self.habilitations.habilitations().await? {
            let organisation = organisations
                .iter()
                .find(|it| it.id == habilitation.organisation);
            if let (Some((version, granted)), Some(organisation)) =
                (habilitation.registered(), organisation)
            {
                lines.push(self.line(&habilitation, organisation, (version, granted)));
            }
        }
        lines.sort_by(|one, other| {
            (&one.organisation, &one.service).cmp(&(&other.organisation, &other.service))
        });
        let claims = serde_json::json!({
            "iss": self.issuer, "iat": now.seconds(), "habilitations": lines,
        });
        let ring = self.keys.ring();
        let alg = ring.algs().first().copied().unwrap_or_default();
        let signed = ring.sign_jwt(alg, Typ::HabilitationRegister, &claims);
        let signed = signed.map_err(|error| Fault::new("sign the register", error))?;
        Ok(Read { lines, signed })
    }

    fn line(
        &self,
        habilitation: &Habilitation,
        organisation: &Organisation,
        (version, granted): (&Version, &Granted),
    ) -> Line {
        let (dossier, terms) = (&version.dossier, &granted.terms);
        Line {
            id: habilitation.id.to_string(),
            version: version.number,
            state: version.standing.state().as_str(),
            organisation: organisation.name.clone(),
            legal_id: organisation.legal_id.clone(),
            service: dossier.service.clone(),
            legal_basis: dossier.basis.clone(),
            legal_reference: dossier.legal_reference.clone(),
            purpose: dossier.purpose.clone(),
            purposes: dossier.purposes.clone(),
            scopes: terms.scopes.iter().map(ToString::to_string).collect(),
            evidence: terms
                .evidence
                .iter()
                .map(|right| Fact {
                    evidence_type: right.evidence_type.to_string(),
                    fields: right.fields.iter().map(ToString::to_string).collect(),
                    label: Locale::ALL.map(|locale| {
                        let known = self.catalogue.evidence(&right.evidence_type);
                        let label = known.map(|it| it.label().in_language(locale.tag()));
                        label.unwrap_or(right.evidence_type.as_str()).to_owned()
                    }),
                })
                .collect(),
            level: terms.level.to_string(),
            retention_months: terms.retention_months,
            alternative: dossier.alternative.clone(),
            privacy_notice: dossier.privacy_notice.trim().to_owned(),
            granted_at: granted.at.to_string(),
            granted_millis: granted.at.millis(),
            ledger_entry: granted.entry,
            exception: granted.elsewhere().map(|approval| Exception {
                kind: EXCEPTION,
                tool: approval.tool.clone(),
                reference: approval.reference.clone(),
            }),
        }
    }
}

/// One as the page shows it.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    line: &'a Line,
    granted_millis: i64,
    shown_evidence: Vec<(&'a str, String)>,
}

/// `GET /habilitations`
async fn page(
    State(register): State<Arc<PublicRegister>>,
    page: PageContext,
) -> Result<Response, PageError> {
    let read = register.read().await?;
    let at = Locale::ALL
        .iter()
        .position(|it| *it == page.locale)
        .unwrap_or_default();
    let lines = read.lines.iter().map(|line| Row {
        granted_millis: line.granted_millis,
        shown_evidence: line
            .evidence
            .iter()
            .map(|it| (it.label[at].as_str(), it.fields.join(", ")))
            .collect(),
        line,
    });
    let lines: Vec<Row<'_>> = lines.collect();
    let data = context! { lines => Serde(&lines) };
    let page = page.wide();
    Ok(register.pages.html(&page, "admin/habilitations.html", data))
}

/// `GET /habilitations.json`
async fn json(State(register): State<Arc<PublicRegister>>) -> Result<Response, PageError> {
    let read = register.read().await?;
    let body = serde_json::json!({ "issuer": register.issuer, "habilitations": read.lines });
    Ok(([(CACHE_CONTROL, FRESH)], Json(body)).into_response())
}

/// `GET /habilitations.jwt`: the same, signed by the hub.
async fn signed(State(register): State<Arc<PublicRegister>>) -> Result<Response, PageError> {
    let read = register.read().await?;
    let headers = [(CONTENT_TYPE, "application/jwt"), (CACHE_CONTROL, FRESH)];
    Ok((headers, read.signed.clone()).into_response())
}

const FRESH: &str = "public, max-age=10";
