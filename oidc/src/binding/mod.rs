//! What tokens are bound to: a key that a client proves with DPoP (RFC 9449), or the certificate it
//! connects with (RFC 8705 §3). Whoever else presents such a token gets nothing (threat N-45).

mod nonce;
mod proof;

use guichet_domain::{Client, OAuthError, Profile};
use guichet_keys::same;
use http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::called::Called;
use crate::refusal::{Failure, Refusal};
use crate::{Engine, PresentedCertificate};

pub(crate) use nonce::{Nonces, give_nonce, put_nonce};
pub(crate) use proof::ALGS;
use proof::Proof;

/// What a token is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SenderBinding {
    /// Nothing: whoever bears it may use it.
    #[default]
    None,
    /// The key with this thumbprint (RFC 9449 §6.1).
    Dpop {
        /// RFC 7638, SHA-256, base64url.
        jkt: String,
    },
    /// The certificate with this thumbprint (RFC 8705 §3.1).
    Certificate {
        /// SHA-256 of the DER, base64url.
        x5t_s256: String,
    },
}

/// The scheme under which an access token came (RFC 6750 §2, RFC 9449 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// `Authorization: Bearer`, or the form.
    Bearer,
    /// `Authorization: DPoP`.
    Dpop,
}

impl Scheme {
    /// The scheme with this name, whatever its case (RFC 9110 §11.1).
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            _ if name.eq_ignore_ascii_case("Bearer") => Some(Self::Bearer),
            _ if name.eq_ignore_ascii_case("DPoP") => Some(Self::Dpop),
            _ => None,
        }
    }
}

/// The member `cnf` of a token (RFC 7800 §3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Confirmation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    jkt: Option<&'a str>,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    x5t_s256: Option<&'a str>,
}

impl SenderBinding {
    /// What tokens issued upon this request are bound to. To be asked of an authenticated client,
    /// before anything of the request is spent: a proof that fails may be made again.
    pub(crate) async fn of_request(
        engine: &Engine,
        head: &Parts,
        client: &Client,
    ) -> Result<Self, Failure> {
        if let Some(proof) = Proof::of(head)? {
            let called = Called::by(engine, head);
            let jkt = proof.check(engine, head, &called, client, None).await?;
            return Ok(Self::Dpop { jkt });
        }
        if client.dpop_bound_access_tokens {
            return Err(PROOF_MISSING.into());
        }
        if !client.certificate_bound_access_tokens {
            return Ok(Self::None);
        }
        let certificate = PresentedCertificate::of(head).ok_or(CERTIFICATE_MISSING)?;
        Ok(Self::Certificate {
            x5t_s256: certificate.thumbprint(),
        })
    }

    /// The key that an authorization request says its code is bound to, by a proof at PAR (RFC 9449
    /// §10.1); with `dpop_jkt` in the request, they must be the same.
    pub(crate) async fn key_of_pushed(
        engine: &Engine,
        head: &Parts,
        client: &Client,
        dpop_jkt: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        let Some(proof) = Proof::of(head)? else {
            return Ok(dpop_jkt.map(str::to_owned));
        };
        let called = Called::by(engine, head);
        let jkt = proof.check(engine, head, &called, client, None).await?;
        match dpop_jkt {
            Some(named) if named != jkt => Err(OTHER_KEY_NAMED.into()),
            _ => Ok(Some(jkt)),
        }
    }

    /// Whether what the request proved is the key that the code was bound to, if it was to any (RFC
    /// 9449 §10). To be asked once the code is spent: whoever holds a code and not its key stole it.
    pub(crate) fn answers(&self, dpop_jkt: Option<&str>) -> bool {
        match (dpop_jkt, self) {
            (None, _) => true,
            (Some(bound), Self::Dpop { jkt }) => same(bound.as_bytes(), jkt.as_bytes()),
            (Some(_), _) => false,
        }
    }

    /// What the refresh tokens of a client are bound to: a client that authenticates needs nothing
    /// more (RFC 9449 §5, RFC 8705 §4).
    pub(crate) fn of_refresh_token(&self, client: &Client) -> Self {
        if client.authentication.is_confidential() {
            Self::None
        } else {
            self.clone()
        }
    }

    /// Whether a refresh token bound like this may be used upon a request that proved `presented`.
    pub(crate) fn admits(&self, presented: &Self) -> bool {
        *self == Self::None || self == presented
    }

    /// Checks that an access token bound like this is used by whom it was issued to. `client` is the one
    /// it was issued to, `called` the address of the request.
    pub(crate) async fn check_use(
        &self,
        engine: &Engine,
        head: &Parts,
        called: &Called,
        client: &Client,
        (scheme, token): (Scheme, &str),
    ) -> Result<(), Failure> {
        match (self, scheme) {
            (Self::None, Scheme::Bearer) => Ok(()),
            (Self::Dpop { jkt }, Scheme::Dpop) => {
                let proof = Proof::of(head)?.ok_or(PROOF_MISSING)?;
                let proven = proof
                    .check(engine, head, called, client, Some(token))
                    .await?;
                if same(proven.as_bytes(), jkt.as_bytes()) {
                    Ok(())
                } else {
                    Err(NOT_THE_HOLDER.because("the proof is of another key").into())
                }
            }
            (Self::Certificate { x5t_s256 }, Scheme::Bearer) => {
                let presented = PresentedCertificate::of(head)
                    .ok_or(NOT_THE_HOLDER.because("no certificate was presented"))?;
                if same(presented.thumbprint().as_bytes(), x5t_s256.as_bytes()) {
                    Ok(())
                } else {
                    Err(NOT_THE_HOLDER
                        .because("another certificate was presented")
                        .into())
                }
            }
            (Self::Dpop { .. }, Scheme::Bearer) => Err(NOT_THE_HOLDER
                .because("bound to a key and used as Bearer")
                .into()),
            (Self::None | Self::Certificate { .. }, Scheme::Dpop) => Err(NOT_THE_HOLDER
                .because("not bound to a key and used as DPoP")
                .into()),
        }
    }

    /// The `token_type` of an access token bound like this (RFC 9449 §5).
    pub(crate) const fn token_type(&self) -> &'static str {
        match self {
            Self::Dpop { .. } => "DPoP",
            Self::None | Self::Certificate { .. } => "Bearer",
        }
    }

    /// The `cnf` of an access token bound like this, where others look at it: in a JWT, and in an
    /// introspection answer (RFC 9449 §6, RFC 8705 §3).
    pub(crate) fn confirmation(&self) -> Option<Confirmation<'_>> {
        match self {
            Self::None => None,
            Self::Dpop { jkt } => Some(Confirmation {
                jkt: Some(jkt),
                x5t_s256: None,
            }),
            Self::Certificate { x5t_s256 } => Some(Confirmation {
                jkt: None,
                x5t_s256: Some(x5t_s256),
            }),
        }
    }
}

/// Whether this client's proofs must hold a nonce of ours: FAPI 2.0 clients' always, others' by the
/// operator's word.
pub(crate) fn needs_nonce(engine: &Engine, client: &Client) -> bool {
    engine.settings().dpop_nonce_required || client.profile == Profile::Fapi2
}

const PROOF_MISSING: Refusal = Refusal::new(
    OAuthError::InvalidDpopProof,
    "the tokens of this client are bound to a key: a DPoP proof is missing",
);
const CERTIFICATE_MISSING: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "the tokens of this client are bound to its certificate: none was presented",
);
const OTHER_KEY_NAMED: Refusal = Refusal::new(
    OAuthError::InvalidDpopProof,
    "dpop_jkt does not name the key of the DPoP proof",
);
/// One text whatever was wrong.
const NOT_THE_HOLDER: Refusal = Refusal::new(
    OAuthError::InvalidToken,
    "the access token is bound to a key or certificate, or to none, and was not presented so",
);

#[cfg(test)]
mod tests {
    use super::*;

    fn key(jkt: &str) -> SenderBinding {
        SenderBinding::Dpop {
            jkt: jkt.to_owned(),
        }
    }

    fn certificate() -> SenderBinding {
        SenderBinding::Certificate {
            x5t_s256: "a".to_owned(),
        }
    }

    #[test]
    fn a_code_bound_to_a_key_is_answered_by_that_key_alone() {
        assert!(key("a").answers(Some("a")));
        assert!(!key("b").answers(Some("a")));
        assert!(!certificate().answers(Some("a")));
        assert!(!SenderBinding::None.answers(Some("a")));
        assert!(SenderBinding::None.answers(None));
        assert!(key("a").answers(None));
    }

    #[test]
    fn a_bound_refresh_token_is_admitted_with_its_own_binding_alone() {
        assert!(key("a").admits(&key("a")));
        assert!(!key("a").admits(&key("b")));
        assert!(!key("a").admits(&certificate()));
        assert!(!key("a").admits(&SenderBinding::None));
        assert!(SenderBinding::None.admits(&key("a")));
    }

    #[test]
    fn a_binding_is_told_in_the_words_of_the_standards() {
        let told = |binding: &SenderBinding| serde_json::to_string(&binding.confirmation());
        assert_eq!(told(&key("a")).unwrap(), r#"{"jkt":"a"}"#);
        assert_eq!(told(&certificate()).unwrap(), r#"{"x5t#S256":"a"}"#);
        assert_eq!(told(&SenderBinding::None).unwrap(), "null");
        assert_eq!(key("a").token_type(), "DPoP");
        assert_eq!(certificate().token_type(), "Bearer");
    }
}
