//! What the client wants to use its tokens for: `resource` (RFC 8707 §2) and `dpop_jkt` (RFC 9449 §10).

use guichet_domain::OAuthError;
use url::Url;

use super::pkce::is_s256;
use crate::Engine;
use crate::parameters::Parameters;
use crate::refusal::Refusal;
use crate::resources::Resources;

/// The most resources of one request.
const MOST: usize = 16;

/// The resources named, as they were written: absolute URIs without a fragment, known here.
pub(crate) fn targets(engine: &Engine, asked: &Parameters) -> Result<Vec<String>, Refusal> {
    let named = named(asked)?;
    Resources(&engine.settings().tokens.resources).know(&named)?;
    Ok(named)
}

fn named(asked: &Parameters) -> Result<Vec<String>, Refusal> {
    let mut targets: Vec<String> = Vec::new();
    for target in asked.all("resource") {
        let url = Url::parse(target).map_err(|_| NOT_A_RESOURCE)?;
        if url.fragment().is_some() || targets.len() == MOST {
            return Err(NOT_A_RESOURCE);
        }
        if !targets.iter().any(|known| known == target) {
            targets.push(target.to_owned());
        }
    }
    Ok(targets)
}

/// The thumbprint of the key that the code will be bound to.
pub(super) fn dpop_key(asked: &Parameters) -> Result<Option<String>, Refusal> {
    let Some(thumbprint) = asked.get("dpop_jkt") else {
        return Ok(None);
    };
    if is_s256(thumbprint) {
        Ok(Some(thumbprint.to_owned()))
    } else {
        Err(Refusal::new(
            OAuthError::InvalidRequest,
            "dpop_jkt must be 43 characters of base64url",
        ))
    }
}

const NOT_A_RESOURCE: Refusal = Refusal::new(
    OAuthError::InvalidTarget,
    "resource must be an absolute URI without a fragment, at most 16 of them",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_absolute_and_named_once() {
        let read = |text: &str| named(&Parameters::read(text.as_bytes(), &["resource"]).unwrap());
        assert_eq!(read("").unwrap(), Vec::<String>::new());
        assert_eq!(
            read("resource=https://a.example/x&resource=urn:b&resource=urn:b").unwrap(),
            ["https://a.example/x", "urn:b"]
        );
        for text in [
            "resource=relative",
            "resource=https://a.example/%23f",
            "resource=/a",
        ] {
            assert_eq!(read(text), Err(NOT_A_RESOURCE), "{text}");
        }
        let many: Vec<String> = (0..17).map(|n| format!("resource=urn:{n}")).collect();
        assert_eq!(read(&many.join("&")), Err(NOT_A_RESOURCE));
    }
}
