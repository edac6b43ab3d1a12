//! The houses of the demo: the hub and two identity providers, each on a foundation of its own.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use guichet_admin::statistics::Prices;
use guichet_broker::SingleSignOn;
use guichet_broker::civil_register::RegisterSettings;
use guichet_config::{Ciba, Devices, Identity, Lifetimes, ProviderHealth, Registration};
use guichet_demo::cast::{
    self, Addresses, CITIZENS, IdentityProvider, Member, PASSWORD, ReturnPaths, STAFF, Service,
};
use guichet_demo::{Surroundings, register, start_page};
use guichet_domain::{
    Acr, AcrValue, CivilRegisterPolicy, ClientMetadata, Clock, KeyManagementAlg, ProviderMetadata,
    SigningAlg,
};
use guichet_exchange::Catalogue;
use guichet_idp::{IdpSettings, NewAccount, PasswordPool, TotpSecret};
use guichet_keys::RotationPolicy;
use guichet_oidc::TokenSettings;
use guichet_oidc::register::policy::RegistrationPolicy;
use guichet_portal::{Authority, LifeEvent};
use guichet_web::{Accent, Assistance, EgressPolicy, TrustedProxies};
use url::Url;

use super::guests::Guests;
use super::post_office::PostOffice;
use crate::node::declared::Declared;
use crate::node::houses::{self, HubHouse, HubOptions, IdpHouse, IdpOptions};
use crate::node::{Foundation, Ground, declared, registration};

/// The hub, with the clients and providers of the cast and of the guests.
pub(super) async fn hub_house(
    ground: &Foundation,
    surroundings: &Surroundings,
    guests: &Guests,
    post: &PostOffice,
) -> Result<HubHouse> {
    let addresses = &surroundings.addresses;
    let clients: Vec<ClientMetadata> = cast::clients(addresses)
        .into_iter()
        .chain(guests.clients.iter().cloned())
        .collect();
    let providers = cast::providers(addresses);
    declare(ground, &clients, &providers, CivilRegisterPolicy::Required).await?;
    declared::put_data_providers(ground, &cast::data_providers(addresses)).await?;
    // A guest's people are not in the demo's register: by default it is not asked about them.
    declare(ground, &[], &guests.providers, CivilRegisterPolicy::Skip).await?;
    let register = Url::parse(&addresses.at(Member::Register, register::ENDPOINT))?;
    houses::hub(
        ground,
        HubOptions {
            issuer: Url::parse(addresses.of(Member::Hub))?,
            name: Member::Hub.name().to_owned(),
            console: addresses.of(Member::Admin).to_owned(),
            demo: true,
            theme: None,
            catalogue: Catalogue::builtin()?.into(),
            levels: vec![
                Acr::Eidas1.into(),
                Acr::Eidas2.into(),
                AcrValue::corroborated(Acr::Eidas1),
            ],
            public_subjects: false,
            idp_hints: None,
            registration: Some(open_registration()?),
            algorithms: SigningAlg::ALL.to_vec(),
            lifetimes: Lifetimes::default(),
            devices: Devices::default(),
            ciba: Ciba::default(),
            tokens: TokenSettings::default(),
            provider_timeout: Duration::from_secs(6),
            provider_health: ProviderHealth::default(),
            announcements: Vec::new(),
            authority: Authority {
                controller: "Guichet (démonstration)".to_owned(),
                contact: "dpo@guichet.example".to_owned(),
                name: "CNIL".to_owned(),
                uri: Some(Url::parse("https://www.cnil.fr/fr/plaintes")?),
            },
            assistance: Assistance {
                phone: "0 806 00 00 00 (appel non surtaxé, du lundi au vendredi de 9 h à 18 h)"
                    .to_owned(),
                desk: "dans les maisons France services et en mairie".to_owned(),
                post: "Guichet (démonstration), 1 place de la République, 75003 Paris".to_owned(),
            },
            life_events: life_events(),
            prices: Arc::new(prices()?),
            alias_domain: Some("relais.guichet.example".to_owned()),
            mailer: Arc::new(post.mailer(Member::Hub)?),
            console_mailer: Arc::new(post.mailer(Member::Admin)?),
            register: Some((register, Duration::from_secs(4))),
            register_settings: RegisterSettings::default(),
            email_required: false,
            undo_window: Identity::default().undo_window.get(),
            trusted_proxies: TrustedProxies::default(),
            client_certificates: None,
            proxy_certificates: None,
            dpop_nonce_required: false,
            sso: SingleSignOn::default(),
            suspicion: None,
            place: None,
            requests_per_minute: NonZeroU32::MAX,
            front: Some(start_page::router(surroundings)?),
        },
    )
}

async fn declare(
    ground: &Foundation,
    clients: &[ClientMetadata],
    providers: &[ProviderMetadata],
    register: CivilRegisterPolicy,
) -> Result<()> {
    let declared = Declared {
        clients,
        providers,
        data_providers: &[],
        register,
        public_subjects: false,
        habilitation_required: false,
    };
    declared::reconcile(ground, declared).await
}

/// What happens in a life, and the services of the cast for it.
fn life_events() -> Arc<[LifeEvent]> {
    use Service::{Banque, Cantine, CarteGrise, Plainte};
    let event = |id: &str, fr: &str, en: &str, services: &[Service]| LifeEvent {
        id: id.to_owned(),
        fr: fr.to_owned(),
        en: en.to_owned(),
        services: services
            .iter()
            .filter_map(|service| service.client_id().parse().ok())
            .collect(),
    };
    Arc::new([
        event(
            "moving",
            "Je déménage",
            "I am moving",
            &[CarteGrise, Cantine, Banque],
        ),
        event(
            "birth",
            "Un enfant naît",
            "A child is born",
            &[Cantine, Banque],
        ),
        event(
            "job",
            "Je perds mon emploi",
            "I lose my job",
            &[Cantine, Banque],
        ),
        event(
            "vehicle",
            "J’achète ou je vends une voiture",
            "I buy or sell a car",
            &[CarteGrise],
        ),
        event(
            "theft",
            "On m’a volé quelque chose",
            "Something was stolen from me",
            &[Plainte, CarteGrise, Banque],
        ),
    ])
}

/// On loopback any client may register itself, to be tried out.
fn open_registration() -> Result<RegistrationPolicy> {
    Ok(RegistrationPolicy {
        open: true,
        require_pkce: false,
        per_minute: 6000,
        most_clients: 10_000,
        highest_acr: Acr::Eidas2,
        scopes: DEMO_SCOPES.parse()?,
        ..registration::of(&Registration::default())?
    })
}

const DEMO_SCOPES: &str = "openid profile birth identite_pivot email given_name family_name \
     preferred_username gender birthdate birthplace birthcountry";

/// An identity provider, with its accounts.
pub(super) async fn identity_provider(
    provider: IdentityProvider,
    ground: &Foundation,
    addresses: &Addresses,
    passwords: &PasswordPool,
    post: &PostOffice,
) -> Result<IdpHouse> {
    let member = provider.member();
    let hub = cast::hub_as_client(provider, addresses, HUB_RETURNS);
    declare(ground, &[hub], &[], CivilRegisterPolicy::Skip).await?;
    let (max_acr, accent) = match provider {
        IdentityProvider::CompteCitoyen => (Acr::Eidas2, Accent::Blue),
        IdentityProvider::IdentitePostale => (Acr::Eidas1, Accent::Amber),
    };
    let issuer = Url::parse(addresses.of(member))?;
    let house = houses::identity_provider(
        ground,
        IdpOptions {
            settings: IdpSettings::new(member.slug().parse()?, member.name(), issuer, max_acr),
            accent,
            passwords: passwords.clone(),
            mailer: Arc::new(post.mailer(member)?),
        },
    )?;
    house.idp.seed(accounts(provider)?);
    Ok(house)
}

fn accounts(provider: IdentityProvider) -> Result<Vec<NewAccount>> {
    CITIZENS
        .iter()
        .chain(&STAFF)
        .filter(|citizen| citizen.has_account_at(provider))
        .map(|citizen| {
            let has_factor = provider == IdentityProvider::CompteCitoyen;
            let secret = citizen.totp_secret.filter(|_| has_factor);
            Ok(NewAccount {
                login_name: citizen.login.to_owned(),
                password: PASSWORD.to_owned(),
                identity: citizen.claims(),
                totp: secret.map(TotpSecret::from_base32).transpose()?,
            })
        })
        .collect()
}

impl Ground {
    /// The ground of one house of the demo.
    pub(super) fn in_folder(member: Member, folder: &Path, clock: &Arc<dyn Clock>) -> Self {
        let folder: PathBuf = folder.join(member.slug());
        let (algorithms, encryption) = match member {
            Member::Hub => (SigningAlg::ALL.to_vec(), KeyManagementAlg::ALL.to_vec()),
            _ => (vec![SigningAlg::Es256], Vec::new()),
        };
        Self {
            clock: Arc::clone(clock),
            house: member.slug(),
            durable: format!("sqlite:{}", folder.join("guichet.db").display()),
            short_lived: "memory".to_owned(),
            connections: 4,
            records_in_memory: 10_000,
            keys: folder.join("keys"),
            token: None,
            algorithms,
            encryption,
            rotation: RotationPolicy::default(),
            // The log keeps its name when the demo starts again on other ports.
            ledger_origin: format!("demo/{}/ledger", member.slug()),
            checkpoint_every: Duration::from_secs(10),
            egress: EgressPolicy {
                allow_loopback: true,
                ..EgressPolicy::default()
            },
            certificate: None,
        }
    }
}

/// Where the hub is returned to by its providers.
const HUB_RETURNS: ReturnPaths<'static> = ReturnPaths {
    callback: "/callback",
    post_logout: "/logout/callback",
    backchannel_logout: None,
};

/// What sign-ins cost in the demo, so that the console shows it.
fn prices() -> Result<Prices> {
    Ok(Prices {
        currency: "EUR".to_owned(),
        per_month: "12000".parse()?,
        per_sign_in: [("identite-postale".parse()?, "0.05".parse()?)].into(),
    })
}
