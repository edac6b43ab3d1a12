//! An embedded identity provider, for the demo.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use guichet_domain::client::ClientDirectory;
use guichet_domain::{Acr, AcrValue, SigningAlg};
use guichet_idp::{Idp, IdpParts, IdpSettings, PasswordPool};
use guichet_oidc::{
    DeferredSettings, EngineSettings, NoRichAuthorization, PushedSettings, TokenSettings,
};
use guichet_store::durable::Carrier;
use guichet_web::{
    Accent, Brand, Emblem, FormAction, Mailer, Pages, PagesSettings, TrustedProxies,
};

use super::{Clients, engine, languages, without_slash};
use crate::node::Foundation;
use crate::node::mail::MailLetters;

/// What differs from one embedded identity provider to the next.
pub(crate) struct IdpOptions {
    pub(crate) settings: IdpSettings,
    pub(crate) accent: Accent,
    pub(crate) passwords: PasswordPool,
    pub(crate) mailer: Arc<dyn Mailer>,
}

/// An embedded identity provider.
pub(crate) struct IdpHouse {
    pub(crate) idp: Idp,
    /// Its mail, to be carried as it is left.
    pub(crate) mail: Arc<MailLetters>,
    pub(crate) router: Router,
}

/// Builds an embedded identity provider, for the demo.
pub(crate) fn identity_provider(foundation: &Foundation, options: IdpOptions) -> Result<IdpHouse> {
    let mail = MailLetters::of_house(foundation, Arc::clone(&options.mailer));
    let settings = options.settings;
    let builder = Pages::builder(PagesSettings {
        brand: Brand::new(settings.title.clone())
            .accent(options.accent)
            .emblem(Emblem::Initial)
            .demo(),
        public_url: settings.issuer.clone(),
        theme_dir: None,
        form_action: FormAction::Leaving,
        entropy: Arc::clone(&foundation.entropy),
    });
    let pages = guichet_idp::register(builder).build()?;
    let clients = Arc::clone(&foundation.registry) as Arc<dyn ClientDirectory>;
    let clients = Clients::of(foundation, clients);
    let engine = engine(
        foundation,
        &clients,
        Arc::new(NoRichAuthorization),
        EngineSettings {
            issuer: without_slash(&settings.issuer),
            code_lifetime: Duration::from_mins(1),
            pushed: PushedSettings::default(),
            access_token_lifetime: Duration::from_mins(1),
            id_token_lifetime: Duration::from_mins(5),
            acr_values_supported: Acr::ALL
                .into_iter()
                .filter(|acr| *acr <= settings.max_acr)
                .map(AcrValue::alone)
                .collect(),
            signing_algs: vec![SigningAlg::Es256],
            data_scopes: Vec::new(),
            dpop_nonce_required: false,
            client_certificates: None,
            // The hub's to offer: who signs in here is on the way to the hub.
            deferred: DeferredSettings::default(),
            public_subjects: false,
            ui_locales: languages(),
            tokens: TokenSettings::default(),
        },
        None,
    );
    let idp = Idp::new(IdpParts {
        engine,
        pages,
        keys: foundation.keys.clone(),
        ledger: foundation.ledger.clone(),
        clients: clients.directory,
        logins: Arc::clone(&foundation.short_lived.logins),
        sessions: Arc::clone(&foundation.short_lived.sessions),
        replay: Arc::clone(&foundation.short_lived.replay),
        attempts: Arc::clone(&foundation.short_lived.attempts),
        pending: Arc::clone(&foundation.short_lived.pending),
        accounts: Arc::clone(&foundation.durable.accounts),
        authenticators: Arc::clone(&foundation.durable.authenticators),
        outbox: Arc::clone(&foundation.durable.outbox),
        passwords: options.passwords,
        carriers: vec![Arc::clone(&mail) as Arc<dyn Carrier>],
        mailer: Arc::clone(&mail) as Arc<dyn Mailer>,
        outgoing: foundation.outgoing.clone(),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
        settings,
    })?;
    let router = TrustedProxies::default().wrap(guichet_idp::routes(idp.clone()));
    Ok(IdpHouse { idp, mail, router })
}
