//! When a key that somebody publishes ends, where it says so: its member `exp`, or the certificate that stands
//! beside it in `x5c` (RFC 7517 §4.7). Nothing is refused for it: whoever relies on the key is to look in time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_domain::Timestamp;
use serde_json::{Map, Value};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// The earlier of both; `None` where neither is there, or neither can be read.
pub(crate) fn end_of(jwk: &Map<String, Value>) -> Option<Timestamp> {
    let stated = jwk.get("exp").and_then(Value::as_i64);
    let stated = stated.map(Timestamp::from_seconds);
    [stated, end_of_certificate(jwk)]
        .into_iter()
        .flatten()
        .min()
}

/// `notAfter` of the first certificate, which is the key's own (RFC 5280 §4.1.2.5).
fn end_of_certificate(jwk: &Map<String, Value>) -> Option<Timestamp> {
    let own = jwk.get("x5c")?.get(0)?.as_str()?;
    let certificate = Certificate::from_der(&STANDARD.decode(own).ok()?).ok()?;
    let end = certificate.tbs_certificate().validity().not_after;
    let seconds = end.to_unix_duration().as_secs();
    Some(Timestamp::from_seconds(i64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Of `openssl req -x509 -days 3650`: until 2036-11-19T14:04:22Z.
    const CERTIFICATE: &str = "MIIBgTCCASegAwIBAgIURwcqeksXxn/i4gDHAoTNEpNFX9YwCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLaWRwLmV4YW1wbGUwHhcN\
        MjYxMTIyMTQwNDIyWhcNMzYxMTE5MTQwNDIyWjAWMRQwEgYDVQQDDAtpZHAuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEH\
        A0IABCswK8ht6K0hNoAfdFdOYNwVVKy+SbTdxD5FjwH0wL7wqzpYu59gLWxVV5UK3fI1zBvDGJD+c/y0uX4mZicGXPmjUzBRMB0G\
        A1UdDgQWBBTMi0ZDmeS7oan/RPjQvG3hlw3mRzAfBgNVHSMEGDAWgBTMi0ZDmeS7oan/RPjQvG3hlw3mRzAPBgNVHRMBAf8EBTAD\
        AQH/MAoGCCqGSM49BAMCA0gAMEUCIQDlzam0oWuXYPzXjExxWsjK/Acjd4v8i0E7TUgnX48f3AIgLuG+JONv6ARwagCo3z6NGT3v\
        C1ZtK8AHt/Zo5JoQv2A=";
    const ITS_END: i64 = 2_110_716_262;

    fn end(jwk: &Value) -> Option<i64> {
        end_of(jwk.as_object().unwrap()).map(Timestamp::seconds)
    }

    #[test]
    fn a_key_ends_when_it_or_its_certificate_says_so() {
        assert_eq!(end(&json!({})), None);
        assert_eq!(end(&json!({ "exp": 1000 })), Some(1000));
        assert_eq!(end(&json!({ "x5c": [CERTIFICATE] })), Some(ITS_END));
        let both = |exp: i64| json!({ "exp": exp, "x5c": [CERTIFICATE] });
        assert_eq!(end(&both(1000)), Some(1000));
        assert_eq!(end(&both(ITS_END + 1)), Some(ITS_END));
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for jwk in [
            json!({ "exp": "1000" }),
            json!({ "x5c": CERTIFICATE }),
            json!({ "x5c": [] }),
            json!({ "x5c": ["AAAA"] }),
            json!({ "x5c": [&CERTIFICATE[..100]] }),
            json!({ "x5c": [7] }),
        ] {
            assert_eq!(end(&jwk), None, "{jwk}");
        }
    }
}
