//! What a logout token of a provider must say to be believed (OIDC Back-Channel Logout §2.4, §2.6;
//! threat N-14).

use std::time::Duration;

use guichet_domain::{JwsAlgName, Timestamp};
use guichet_keys::{DecryptionRing, JwkSet, JwsRefusal, TypRule, VerifyPolicy, verify};
use serde_json::{Map, Value};

use super::Upstream;
use super::envelope::{is_encrypted, opened};
use super::id_token::{accepted_algs, instant, is_for, text};

/// What the token must fit.
struct LogoutExpected<'a> {
    /// The provider.
    issuer: &'a str,
    /// The hub there.
    client_id: &'a str,
    /// The only algorithm, where one is registered.
    alg: Option<JwsAlgName>,
    /// The present.
    now: Timestamp,
    /// How far the provider's clock may be off.
    skew: Duration,
}

/// A logout token whose signature and claims hold. Made by [`Upstream::verify_logout_token`] alone.
/// Whether it was seen before is the caller's to ask.
#[derive(Debug)]
pub(crate) struct VerifiedLogoutToken {
    /// Who signed out.
    pub(crate) subject: Option<String>,
    /// Of which session there.
    pub(crate) sid: Option<String>,
    /// The token's own name: it counts once.
    pub(crate) jti: String,
    /// When it was made.
    pub(crate) issued: Timestamp,
    /// Until when it holds.
    pub(crate) expires: Timestamp,
}

/// What in a logout token does not hold. Each has a name of its own in the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LogoutLie {
    /// The form, the algorithm, the type.
    Form,
    /// It is encrypted in another way than registered, or not for us.
    Encryption,
    /// The key is not known, even after a refetch.
    Key,
    /// The signature.
    Signature,
    /// `iss`.
    Issuer,
    /// `aud`.
    Audience,
    /// `iat`.
    IssuedAt,
    /// `exp`: missing, past, or too far away.
    Expiry,
    /// `events` does not say that this is a logout.
    Events,
    /// There is a `nonce`: it is an ID token in disguise.
    Nonce,
    /// Neither `sub` nor `sid`, or one that is no text.
    Whom,
    /// `jti`: missing, or seen before.
    Id,
}

impl LogoutLie {
    /// Its name in the audit log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "logout_token_form",
            Self::Encryption => "logout_token_encryption",
            Self::Key => "logout_token_key",
            Self::Signature => "logout_token_signature",
            Self::Issuer => "logout_token_iss",
            Self::Audience => "logout_token_aud",
            Self::IssuedAt => "logout_token_iat",
            Self::Expiry => "logout_token_exp",
            Self::Events => "logout_token_events",
            Self::Nonce => "logout_token_nonce",
            Self::Whom => "logout_token_sub_sid",
            Self::Id => "logout_token_jti",
        }
    }
}

impl From<JwsRefusal> for LogoutLie {
    fn from(refusal: JwsRefusal) -> Self {
        match refusal {
            JwsRefusal::UnknownKey => Self::Key,
            JwsRefusal::Signature => Self::Signature,
            JwsRefusal::Expired => Self::Expiry,
            _ => Self::Form,
        }
    }
}

impl Upstream {
    /// Opens and verifies the logout token `raw` of this provider, whose clock may be off by `skew`. It
    /// may be encrypted like its ID tokens, and need not be (§2.4): it names nobody that we show.
    pub(crate) fn verify_logout_token(
        &self,
        raw: &str,
        ring: &DecryptionRing,
        now: Timestamp,
        skew: Duration,
    ) -> Result<VerifiedLogoutToken, LogoutLie> {
        let registered = self.record.answers.id_token_encryption;
        let encryption = registered.filter(|_| is_encrypted(raw));
        let jwt = opened(raw, encryption, ring).ok_or(LogoutLie::Encryption)?;
        let expected = LogoutExpected {
            issuer: &self.record.issuer,
            client_id: &self.record.client_id,
            alg: self.record.answers.id_token_alg,
            now,
            skew,
        };
        VerifiedLogoutToken::verify(&jwt, &self.keys, &expected)
    }
}

impl VerifiedLogoutToken {
    /// Verifies `raw` with the provider's `keys` against what is `expected`.
    fn verify(raw: &str, keys: &JwkSet, expected: &LogoutExpected<'_>) -> Result<Self, LogoutLie> {
        let policy = VerifyPolicy {
            algs: &accepted_algs(expected.alg),
            typ: TypRule::LOGOUT_TOKEN,
        };
        let verified = verify(raw, keys, policy)?;
        let claims = &verified.claims;
        if text(claims, "iss") != Some(expected.issuer) {
            return Err(LogoutLie::Issuer);
        }
        if !is_for(claims, expected.client_id) {
            return Err(LogoutLie::Audience);
        }
        if claims.contains_key("nonce") {
            return Err(LogoutLie::Nonce);
        }
        let says_so = claims.get("events").and_then(|events| events.get(EVENT));
        if !says_so.is_some_and(Value::is_object) {
            return Err(LogoutLie::Events);
        }
        let (issued, expires) = times(claims, expected)?;
        let (subject, sid) = (name(claims, "sub")?, name(claims, "sid")?);
        if subject.is_none() && sid.is_none() {
            return Err(LogoutLie::Whom);
        }
        let jti = text(claims, "jti").filter(|jti| (1..=LONGEST).contains(&jti.len()));
        Ok(Self {
            subject,
            sid,
            jti: jti.ok_or(LogoutLie::Id)?.to_owned(),
            issued,
            expires,
        })
    }
}

/// When it was made, and until when it holds: a while at most, so that it need not be remembered long.
fn times(
    claims: &Map<String, Value>,
    expected: &LogoutExpected<'_>,
) -> Result<(Timestamp, Timestamp), LogoutLie> {
    let (now, skew) = (expected.now, expected.skew);
    let issued = instant(claims, "iat").ok_or(LogoutLie::IssuedAt)?;
    if issued > now.after(skew) || issued.after(OLDEST) < now {
        return Err(LogoutLie::IssuedAt);
    }
    let expires = instant(claims, "exp").ok_or(LogoutLie::Expiry)?;
    if expires.after(skew) <= now || expires > now.after(skew).after(OLDEST) {
        return Err(LogoutLie::Expiry);
    }
    Ok((issued, expires))
}

/// `sub` or `sid`: a text, when it is there at all.
fn name(claims: &Map<String, Value>, member: &str) -> Result<Option<String>, LogoutLie> {
    match claims.get(member) {
        None => Ok(None),
        Some(Value::String(name)) if (1..=LONGEST).contains(&name.len()) => Ok(Some(name.clone())),
        Some(_) => Err(LogoutLie::Whom),
    }
}

/// The member of `events` by which a security event is a logout (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout is told when it happens: §2.4 recommends two minutes, stock providers take a few more.
const OLDEST: Duration = Duration::from_mins(10);
const LONGEST: usize = 255;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use guichet_domain::SigningAlg;
    use guichet_keys::{Keys, MemoryCustody, SystemEntropy, Typ};
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn keys() -> Keys {
        let custody = Arc::new(MemoryCustody::new());
        Keys::open(custody, Arc::new(SystemEntropy), NOW, &[SigningAlg::Es256]).unwrap()
    }

    fn claims() -> Value {
        json!({
            "iss": "https://idp.example", "aud": "hub", "iat": NOW.seconds(),
            "exp": NOW.seconds() + 120, "jti": "j-1", "sub": "u-1", "sid": "s-1",
            "events": {EVENT: {}},
        })
    }

    fn judged(typ: Typ, claims: &Value) -> Result<VerifiedLogoutToken, LogoutLie> {
        let keys = keys();
        let raw = keys
            .ring()
            .sign_jwt(SigningAlg::Es256, typ, claims)
            .unwrap();
        let published = JwkSet::parse(&keys.ring().jwks()).unwrap();
        let expected = LogoutExpected {
            issuer: "https://idp.example",
            client_id: "hub",
            alg: None,
            now: NOW,
            skew: Duration::from_mins(1),
        };
        VerifiedLogoutToken::verify(&raw, &published, &expected)
    }

    #[test]
    fn a_logout_token_says_whom_and_which_session() {
        for typ in [Typ::LogoutToken, Typ::Jwt] {
            let token = judged(typ, &claims()).unwrap();
            assert_eq!(token.subject.as_deref(), Some("u-1"));
            assert_eq!(token.sid.as_deref(), Some("s-1"));
            assert_eq!(token.jti, "j-1");
        }
    }

    #[test]
    fn each_lie_has_its_name() {
        let (past, soon) = (NOW.seconds() - 700, NOW.seconds() + 700);
        let lies = [
            ("iss", json!("https://other.example"), LogoutLie::Issuer),
            ("aud", json!("bank"), LogoutLie::Audience),
            ("aud", json!(["hub", "bank"]), LogoutLie::Audience),
            ("iat", json!(past), LogoutLie::IssuedAt),
            ("iat", json!(soon), LogoutLie::IssuedAt),
            ("iat", Value::Null, LogoutLie::IssuedAt),
            ("exp", json!(past), LogoutLie::Expiry),
            ("exp", json!(soon), LogoutLie::Expiry),
            ("exp", Value::Null, LogoutLie::Expiry),
            ("events", json!({}), LogoutLie::Events),
            ("events", json!({EVENT: true}), LogoutLie::Events),
            ("events", json!([EVENT]), LogoutLie::Events),
            ("nonce", json!("n"), LogoutLie::Nonce),
            ("nonce", Value::Null, LogoutLie::Nonce),
            ("sub", json!(5), LogoutLie::Whom),
            ("sid", json!(""), LogoutLie::Whom),
            ("jti", json!(""), LogoutLie::Id),
            ("jti", json!(7), LogoutLie::Id),
        ];
        for (member, value, lie) in lies {
            let mut claims = claims();
            claims[member] = value.clone();
            let found = judged(Typ::LogoutToken, &claims).err();
            assert_eq!(found, Some(lie), "{member}: {value}");
        }
        let mut nobody = claims();
        nobody.as_object_mut().unwrap().remove("sub");
        nobody.as_object_mut().unwrap().remove("sid");
        assert_eq!(
            judged(Typ::LogoutToken, &nobody).err(),
            Some(LogoutLie::Whom)
        );
        let other_type = judged(Typ::AccessToken, &claims()).err();
        assert_eq!(other_type, Some(LogoutLie::Form));
    }
}
