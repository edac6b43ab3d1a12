//! What providers and the civil register answer, and what comes back through a browser from them.

use guichet_broker::fuzzing;

use crate::{Target, as_text, by_name};

pub(crate) fn target(input: &[u8]) {
    let ways: [(&str, Target); 4] = [
        ("register", fuzzing::register_answer),
        ("userinfo", fuzzing::userinfo),
        ("id_token", |input| as_text(input, fuzzing::id_token)),
        ("state", |input| as_text(input, fuzzing::state)),
    ];
    by_name(input, &ways, |way, rest| way(rest));
}
