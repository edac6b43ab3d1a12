//! What is looked at, one function for each topic.

use guichet_domain::KeySource;
use guichet_domain::client::{Client, ClientAuthentication};

use super::deprecation::end_of;
use super::{Marks, Topic, TopicCard, Verdict};

/// Every topic, in the order of the page.
pub(super) fn all(client: &Client, marks: &Marks) -> Vec<TopicCard> {
    vec![
        precaution(Topic::Pkce, ("pkce", "no_pkce"), marks),
        precaution(Topic::State, ("state", "no_state"), marks),
        precaution(Topic::Nonce, ("nonce", "no_nonce"), marks),
        authentication(client, marks),
        algorithms(client, marks),
        logout(client, marks),
        keys(client),
    ]
}

/// Something that each request takes or does not take.
fn precaution(topic: Topic, (mark, without): (&str, &str), marks: &Marks) -> TopicCard {
    let (asked, _) = marks.seen("asked");
    let (taken, last) = marks.seen(mark);
    let verdict = match taken {
        _ if asked == 0 => Verdict::Unseen,
        0 => Verdict::Missing,
        _ if taken < asked => Verdict::Weak,
        _ => Verdict::Good,
    };
    let is_careless = matches!(verdict, Verdict::Missing | Verdict::Weak);
    TopicCard {
        asked,
        taken,
        last,
        ends: is_careless.then(|| end_of(without)).flatten(),
        ..card(topic, verdict)
    }
}

fn authentication(client: &Client, marks: &Marks) -> TopicCard {
    use ClientAuthentication as A;
    let verdict = match client.authentication {
        A::PrivateKeyJwt { .. } | A::TlsClientAuth { .. } | A::SelfSignedTlsClientAuth => {
            Verdict::Good
        }
        // PKCE is the only proof of such a client: its own topic says whether it is there.
        A::None => Verdict::Unseen,
        A::ClientSecretBasic { .. } | A::ClientSecretPost { .. } | A::ClientSecretJwt { .. } => {
            Verdict::Weak
        }
    };
    let method = client.authentication.method();
    used(Topic::Authentication, verdict, method, marks.seen("token"))
}

fn algorithms(client: &Client, marks: &Marks) -> TopicCard {
    let verdict = if client.id_token_alg.is_fapi2() {
        Verdict::Good
    } else {
        Verdict::Weak
    };
    let alg = client.id_token_alg.as_str();
    used(Topic::Algorithms, verdict, alg, marks.seen("token"))
}

/// Back-channel logout that arrives; the front channel reaches whoever's browser is there.
fn logout(client: &Client, marks: &Marks) -> TopicCard {
    let ((told, last), (missed, _)) = (marks.seen("logout_told"), marks.seen("logout_not_told"));
    let (verdict, option) = match (
        &client.backchannel_logout_uri,
        &client.frontchannel_logout_uri,
    ) {
        (Some(_), _) if missed > 0 => (Verdict::Weak, "backchannel_logout_uri"),
        (Some(_), _) => (Verdict::Good, "backchannel_logout_uri"),
        (None, Some(_)) => (Verdict::Weak, "frontchannel_logout_uri"),
        (None, None) => (Verdict::Missing, "no_logout"),
    };
    let told_of = told.saturating_add(missed);
    TopicCard {
        asked: told_of,
        ..used(Topic::Logout, verdict, option, (told, last))
    }
}

/// Keys that are fetched follow a rotation by themselves; keys that were handed over grow old.
fn keys(client: &Client) -> TopicCard {
    let (verdict, option) = match &client.keys {
        Some(KeySource::JwksUri(_)) => (Verdict::Good, "jwks_uri"),
        Some(KeySource::Jwks(_)) => (Verdict::Weak, "inline_jwks"),
        None => return card(Topic::Keys, Verdict::Unseen),
    };
    used(Topic::Keys, verdict, option, (0, None))
}

/// A topic with several options, of which the client uses one.
fn used(
    topic: Topic,
    verdict: Verdict,
    option: &str,
    (taken, last): (u64, Option<String>),
) -> TopicCard {
    TopicCard {
        option: Some(option.to_owned()),
        asked: taken,
        taken,
        last,
        ends: end_of(option),
        ..card(topic, verdict)
    }
}

fn card(topic: Topic, verdict: Verdict) -> TopicCard {
    TopicCard {
        topic,
        verdict,
        option: None,
        asked: 0,
        taken: 0,
        last: None,
        ends: None,
    }
}
