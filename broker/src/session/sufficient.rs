//! Whether a live session answers a request: the proof that single sign-on needs.

use guichet_domain::{Client, Provider, Timestamp};
use guichet_oidc::AcceptedRequest;

use super::{LiveSession, Session};
use crate::login::choose_provider::EligibleProvider;

/// A live session that satisfies a request: level, age, provider. Made by
/// [`SufficientSession::check`] alone.
pub(crate) struct SufficientSession(LiveSession);

impl SufficientSession {
    /// `live`, if it satisfies `request`. `provider` is the record of the provider it came from, as it
    /// is today: one that was disabled, or that this client does not accept, lends no session (threats
    /// N-05, N-18).
    pub(crate) fn check(
        live: LiveSession,
        request: &AcceptedRequest,
        client: &Client,
        provider: &std::sync::Arc<Provider>,
        now: Timestamp,
    ) -> Option<Self> {
        let prompt = request.prompt();
        let may_reuse = !prompt.login && !prompt.select_account;
        let session = &live.session;
        let is_high_enough = session.acr >= request.acr().required;
        let is_recent = request
            .max_age()
            .is_none_or(|max_age| now.since(session.auth_time) <= max_age);
        let is_eligible = EligibleProvider::check(provider, client, request.acr().required).is_ok();
        (may_reuse && is_high_enough && is_recent && is_eligible).then_some(Self(live))
    }

    /// The session.
    pub(crate) fn session(&self) -> &Session {
        &self.0.session
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use guichet_domain::{Acr, SessionId};

    use super::*;
    use crate::login::tests::{client, provider, request};
    use crate::session::tests::session;

    fn is_sufficient(
        change: serde_json::Value,
        client: &Client,
        provider: &Provider,
        seconds: i64,
    ) -> bool {
        let live = LiveSession {
            id: SessionId::from_bytes([9; 16]),
            version: 1,
            session: session(),
        };
        let now = Timestamp::from_seconds(seconds);
        SufficientSession::check(
            live,
            &request(change),
            client,
            &Arc::new(provider.clone()),
            now,
        )
        .is_some()
    }

    #[test]
    fn a_session_answers_only_what_it_satisfies() {
        let (service, citoyen) = (client(), provider("citoyen"));
        let with = |change| is_sufficient(change, &service, &citoyen, 1100);
        assert!(with(serde_json::json!({})));
        assert!(!with(serde_json::json!({"acr": {"required": "eidas2"}})));
        assert!(!with(
            serde_json::json!({"max_age": {"secs": 99, "nanos": 0}})
        ));
        assert!(with(
            serde_json::json!({"max_age": {"secs": 100, "nanos": 0}})
        ));
        for prompt in ["login", "select_account"] {
            let mut prompts = serde_json::json!({
                "none": false, "login": false, "consent": false, "select_account": false});
            prompts[prompt] = true.into();
            assert!(!with(serde_json::json!({"prompt": prompts})), "{prompt}");
        }
    }

    #[test]
    fn a_session_of_a_provider_that_is_disabled_or_not_accepted_is_not_reused() {
        let mut disabled = provider("citoyen");
        disabled.active = false;
        assert!(!is_sufficient(
            serde_json::json!({}),
            &client(),
            &disabled,
            1100
        ));
        let mut picky = client();
        picky.providers = Some(vec!["postale".parse().unwrap()]);
        assert!(!is_sufficient(
            serde_json::json!({}),
            &picky,
            &provider("citoyen"),
            1100
        ));
        let mut lowered = provider("citoyen");
        lowered.levels = vec![Acr::Eidas1];
        let change = serde_json::json!({"acr": {"required": "eidas1"}});
        assert!(is_sufficient(change, &client(), &lowered, 1100));
    }
}
