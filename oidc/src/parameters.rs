//! Parameters of a request, read strictly (RFC 6749 §3.1 and appendix B).
//!
//! Only the names an endpoint knows are kept; others are ignored, as extensions must be. A known name
//! that stands twice is remembered, because two readers could disagree on which one counts.

use guichet_domain::OAuthError;
use serde_json::{Map, Value};

use crate::client_auth;
use crate::refusal::Refusal;

/// The most bytes a request's parameters may have, encoded.
pub(crate) const MAX_BYTES: usize = 32 * 1024;

/// The most parameters a request may have, unknown ones included.
const MAX_PARAMETERS: usize = 200;

/// Parameters of which a request may have several (RFC 8707 §2, RFC 8693 §2.1).
const MAY_STAND_SEVERAL_TIMES: [&str; 2] = ["resource", "audience"];

/// The parameter that is a JSON array outside of request objects too (RFC 9396 §2).
pub(crate) const IS_JSON: &str = "authorization_details";

/// The known parameters of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    values: Vec<(&'static str, String)>,
    repeated: Vec<&'static str>,
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text: a query or a form body. Refuses broken percent
    /// encoding and text that is not UTF-8 rather than guess.
    pub(crate) fn read(text: &[u8], known: &[&'static str]) -> Result<Self, Refusal> {
        if text.len() > MAX_BYTES {
            return Err(refused("the request is larger than 32 KiB"));
        }
        let mut parameters = Self::default();
        let pairs = text.split(|byte| *byte == b'&');
        for (position, pair) in pairs.filter(|pair| !pair.is_empty()).enumerate() {
            if position == MAX_PARAMETERS {
                return Err(refused("the request has more than 200 parameters"));
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default()).ok_or(MALFORMED)?;
            let value = decode(halves.next().unwrap_or_default()).ok_or(MALFORMED)?;
            if let Some(name) = known.iter().find(|known| **known == name) {
                parameters.add(name, value);
            }
        }
        Ok(parameters)
    }

    /// The same at an endpoint where clients authenticate: what they do it with is known besides.
    pub(crate) fn read_with_proof(text: &[u8], known: &[&'static str]) -> Result<Self, Refusal> {
        Self::read(text, &[client_auth::PARAMETERS, known].concat())
    }

    fn add(&mut self, name: &'static str, value: String) {
        if self.is_sent(name) {
            self.repeated.push(name);
        }
        self.values.push((name, value));
    }

    /// The same from the claims of a request object (OIDC Core §6.1): what is no text there is the text
    /// it would have outside. `None` when a known claim can be no parameter.
    pub(crate) fn of_claims(claims: &Map<String, Value>, known: &[&'static str]) -> Option<Self> {
        let mut parameters = Self::default();
        for (claim, value) in claims {
            let Some(name) = known.iter().find(|known| *known == claim) else {
                continue;
            };
            match value {
                Value::String(text) => parameters.add(name, text.clone()),
                Value::Number(number) => parameters.add(name, number.to_string()),
                Value::Object(_) => parameters.add(name, value.to_string()),
                Value::Array(several) if MAY_STAND_SEVERAL_TIMES.contains(name) => {
                    for one in several {
                        parameters.add(name, one.as_str()?.to_owned());
                    }
                }
                Value::Array(_) if *name == IS_JSON => parameters.add(name, value.to_string()),
                Value::Null | Value::Bool(_) | Value::Array(_) => return None,
            }
        }
        Some(parameters)
    }

    /// These, and of `beside` what is not among them, other than `never`.
    #[must_use]
    pub(crate) fn or_from(mut self, beside: &Self, never: &[&str]) -> Self {
        let further: Vec<_> = beside
            .values
            .iter()
            .filter(|(name, _)| !never.contains(name) && !self.is_sent(name))
            .cloned()
            .collect();
        self.values.extend(further);
        self
    }

    /// The same with one parameter as given here, whatever it was.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.values.retain(|(other, _)| *other != name);
        self.values.push((name, value.to_owned()));
        self
    }

    /// The value of a parameter. One without a value counts as omitted (RFC 6749 §3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A parameter that is a whole number: digits alone, for Rust would read `+5` too. `refusal` is for
    /// what is none.
    pub(crate) fn number(&self, name: &str, refusal: Refusal) -> Result<Option<u32>, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_number.then(|| text.parse().ok()).flatten();
        number.map(Some).ok_or(refusal)
    }

    /// Every value of a parameter that may stand several times, in order.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.values.iter().filter(move |(other, _)| *other == name);
        let texts = values.map(|(_, value)| value.as_str());
        texts.filter(|value| !value.is_empty())
    }

    /// The value of a parameter that must be there.
    pub(crate) fn required(&self, name: &str, missing: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or(refused(missing))
    }

    /// Whether a parameter was sent, with a value or without.
    pub(crate) fn is_sent(&self, name: &str) -> bool {
        self.values.iter().any(|(other, _)| *other == name)
    }

    /// The known parameters as a query that [`read`](Self::read) reads back.
    pub(crate) fn to_query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.values)
            .finish()
    }

    /// Whether a parameter stood twice.
    pub(crate) fn is_repeated(&self, name: &str) -> bool {
        self.repeated.contains(&name)
    }

    /// Refuses a request in which a known parameter stands twice (RFC 6749 §3.1) that may not.
    pub(crate) fn each_once(&self) -> Result<(), Refusal> {
        let may = |name: &&'static str| MAY_STAND_SEVERAL_TIMES.contains(name);
        if self.repeated.iter().all(may) {
            Ok(())
        } else {
            Err(refused("a parameter stands more than once"))
        }
    }
}

/// Decodes one name or value; `None` for broken percent encoding or text that is not UTF-8.
pub(crate) fn decode(encoded: &[u8]) -> Option<String> {
    if !encoded.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return String::from_utf8(encoded.to_vec()).ok();
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(*rest.next()?)? << 4 | hex(*rest.next()?)?,
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

const MALFORMED: Refusal = refused("the parameters are not well-formed urlencoded UTF-8");

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KNOWN: &[&str] = &["client_id", "state"];

    fn read(text: &str) -> Result<Parameters, Refusal> {
        Parameters::read(text.as_bytes(), KNOWN)
    }

    #[test]
    fn names_and_values_are_decoded() {
        let parameters = read("client%5Fid=a+b%2Bc&state=%C3%A9").unwrap();
        assert_eq!(parameters.get("client_id"), Some("a b+c"));
        assert_eq!(parameters.get("state"), Some("é"));
    }

    #[test]
    fn unknown_parameters_are_ignored_even_twice() {
        let parameters = read("foo=1&foo=2&state=x").unwrap();
        assert_eq!(parameters.each_once(), Ok(()));
        assert_eq!(parameters.get("foo"), None);
    }

    #[test]
    fn a_known_parameter_that_stands_twice_is_found_whatever_its_spelling() {
        for text in ["state=a&state=b", "state=a&st%61te=a", "state=&state=x"] {
            let parameters = read(text).unwrap();
            assert!(parameters.is_repeated("state"), "{text}");
            assert!(parameters.each_once().is_err(), "{text}");
        }
    }

    #[test]
    fn a_resource_may_stand_several_times() {
        let known = &["resource", "state"];
        let parameters =
            Parameters::read(b"resource=a&state=s&resource=b&resource=", known).unwrap();
        assert_eq!(parameters.each_once(), Ok(()));
        assert_eq!(parameters.all("resource").collect::<Vec<_>>(), ["a", "b"]);
        let again = Parameters::read(parameters.to_query().as_bytes(), known).unwrap();
        assert_eq!(again, parameters);
    }

    #[test]
    fn claims_become_the_parameters_they_would_be_outside() {
        let known = &["state", "max_age", "claims", "resource"];
        let of = |claims: Value| Parameters::of_claims(claims.as_object().unwrap(), known);
        let parameters = of(serde_json::json!({
            "iss": "ignored", "exp": [], "state": "s", "max_age": 5,
            "claims": {"userinfo": {}}, "resource": ["a", "b"],
        }))
        .unwrap();
        assert_eq!(parameters.get("max_age"), Some("5"));
        assert_eq!(parameters.get("claims"), Some(r#"{"userinfo":{}}"#));
        assert_eq!(parameters.all("resource").count(), 2);
        for claims in [
            serde_json::json!({"state": true}),
            serde_json::json!({"state": ["a"]}),
            serde_json::json!({"state": null}),
            serde_json::json!({"resource": [1]}),
        ] {
            assert_eq!(of(claims.clone()), None, "{claims}");
        }
    }

    #[test]
    fn what_stands_beside_fills_gaps_and_overrides_nothing() {
        let known = &["state", "nonce", "request"];
        let read = |text: &str| Parameters::read(text.as_bytes(), known).unwrap();
        let both = read("state=in").or_from(&read("state=out&nonce=n&request=r"), &["request"]);
        assert_eq!(both.get("state"), Some("in"));
        assert_eq!(both.get("nonce"), Some("n"));
        assert_eq!(both.get("request"), None);
    }

    #[test]
    fn a_parameter_without_value_counts_as_omitted() {
        let parameters = read("state=&client_id").unwrap();
        assert_eq!(parameters.get("state"), None);
        assert_eq!(parameters.get("client_id"), None);
        assert!(parameters.is_sent("client_id"));
    }

    #[test]
    fn broken_encoding_is_refused_rather_than_guessed() {
        for text in ["state=%", "state=%4", "state=%zz", "state=%ff", "%ff=1"] {
            assert_eq!(read(text), Err(MALFORMED), "{text}");
        }
    }

    #[test]
    fn size_and_count_are_bounded() {
        let large = format!("state={}", "x".repeat(MAX_BYTES));
        assert!(read(&large).is_err());
        assert!(read(&"a=1&".repeat(200)).is_ok());
        assert!(read(&"a=1&".repeat(201)).is_err());
    }

    proptest! {
        #[test]
        fn what_a_browser_encodes_is_read_back(client in ".{1,40}", state in ".{1,40}") {
            let text = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("client_id", &client)
                .append_pair("state", &state)
                .finish();
            let parameters = read(&text).unwrap();
            prop_assert_eq!(parameters.get("client_id"), Some(client.as_str()));
            prop_assert_eq!(parameters.get("state"), Some(state.as_str()));
            prop_assert_eq!(read(&parameters.to_query()).unwrap(), parameters);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(parameters) = Parameters::read(&bytes, KNOWN) {
                prop_assert!(parameters.values.len() <= KNOWN.len() + parameters.repeated.len());
            }
        }
    }
}
