//! Client authentication through the token endpoint (threats N-32 to N-36, N-43).

mod assertions;
mod secrets;

use http::StatusCode;

use crate::testing::{Answered, Form, World};

/// A token request that lacks nothing but the client's authentication, and names no real code: an
/// authenticated client gets `invalid_grant`, any other `invalid_client`.
fn bare() -> Form {
    Form::redeeming("basic", "no-such-code")
}

fn is_authenticated(answered: &Answered) -> bool {
    answered.error().as_deref() == Some("invalid_grant")
}

fn is_refused(answered: &Answered) -> bool {
    answered.error().as_deref() == Some("invalid_client")
        && answered.status == StatusCode::UNAUTHORIZED
        && answered.header("www-authenticate") == Some("Basic realm=\"token\", charset=\"UTF-8\"")
}

async fn by_assertion(world: &World, assertion: &str) -> Answered {
    world
        .post("/token", &bare().with_assertion(assertion))
        .await
}
