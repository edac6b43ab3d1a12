//! The way back from a page of a data provider's: an address of ours that says nothing of the login.
//!
//! The login's identifier would be the same for every data provider that a login visits, and they could lay
//! their logs side by side (threat N-135). So each is given where to come back to sealed, another text each time;
//! who comes back is known by the browser's cookie, as everywhere.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::Sealed;
use guichet_keys::Sealer;
use guichet_web::PageError;
use http::StatusCode;
use url::Url;

use crate::hub::Hub;

impl Hub {
    /// An address of a data provider's that leads back to `path` of ours.
    pub(crate) fn with_return(&self, elsewhere: &Url, path: &str) -> Result<Url, PageError> {
        let handle = sealed(&self.sealers().way_back, path);
        let handle = handle.map_err(|error| self.fault("seal the way back to a login", &error))?;
        let back = self.public_url(&format!("/login/return/{handle}"));
        let mut address = elsewhere.clone();
        address.query_pairs_mut().append_pair("return_to", &back);
        Ok(address)
    }
}

/// `GET /login/return/{handle}`
pub(crate) async fn come_back(
    State(hub): State<Hub>,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    let path = opened(&hub.sealers().way_back, &handle);
    let path = path.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, "error-not-found"))?;
    Ok(Redirect::to(&hub.path(&path)).into_response())
}

fn sealed(sealer: &Sealer, path: &str) -> Result<String, guichet_keys::KeysError> {
    let handle = sealer.seal(CONTEXT, path.as_bytes())?;
    Ok(URL_SAFE_NO_PAD.encode(handle.as_bytes()))
}

fn opened(sealer: &Sealer, handle: &str) -> Option<String> {
    let handle = Sealed::from_bytes(URL_SAFE_NO_PAD.decode(handle).ok()?);
    String::from_utf8(sealer.open(CONTEXT, &handle).ok()?).ok()
}

const CONTEXT: &[u8] = b"way back";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use guichet_domain::Timestamp;
    use guichet_keys::{Keys, MemoryCustody, SystemEntropy};
    use proptest::prelude::*;

    use super::*;

    fn sealer() -> Sealer {
        let custody = Arc::new(MemoryCustody::new());
        let now = Timestamp::from_seconds(1);
        let keys = Keys::open(custody, Arc::new(SystemEntropy), now, &[]);
        keys.ok().unwrap().sealer("way back")
    }

    #[test]
    fn two_data_providers_are_given_nothing_that_both_have() {
        let (sealer, path) = (sealer(), "/login/ERERERERERERERERERERERE");
        let (one, other) = (
            sealed(&sealer, path).unwrap(),
            sealed(&sealer, path).unwrap(),
        );
        // The version and the key, which are those of every login, and nothing more.
        let alike = one.bytes().zip(other.bytes());
        assert!(alike.take_while(|(one, other)| one == other).count() < 10);
        for handle in [&one, &other] {
            assert!(!handle.contains("ERERER"));
            assert_eq!(opened(&sealer, handle).as_deref(), Some(path));
        }
    }

    #[test]
    fn nobody_else_makes_a_way_back() {
        let (ours, theirs) = (sealer(), sealer());
        let forged = sealed(&theirs, "//evil.example/").unwrap();
        assert_eq!(opened(&ours, &forged), None);
        let mut touched = sealed(&ours, "/login/a").unwrap();
        let last = if touched.pop() == Some('A') { 'Q' } else { 'A' };
        touched.push(last);
        assert_eq!(opened(&ours, &touched), None);
    }

    proptest! {
        #[test]
        fn no_text_is_a_way_back_by_chance(text in "\\PC{0,200}") {
            prop_assert_eq!(opened(&sealer(), &text), None);
        }
    }
}
