//! The page a newcomer sees first: what this is, what to try, who is who, where everybody is.
//!
//! It is served at the hub's `/`, below the hub's own common routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use guichet_web::{Accent, Locale, PageContext, Pages, Value, context};

use crate::cast::{CAMILLE_TOTP_SECRET, CITIZENS, Citizen, Member, PASSWORD};
use crate::{DemoError, Surroundings, authenticator};

/// The one route `/`. Assets, help and the language switch are the hub's.
pub fn router(surroundings: &Surroundings) -> Result<Router, DemoError> {
    let start = StartPage {
        pages: surroundings.pages(Member::Hub, Accent::Ink)?,
        surroundings: surroundings.clone(),
    };
    Ok(Router::new()
        .route("/", get(page))
        .with_state(Arc::new(start)))
}

struct StartPage {
    pages: Pages,
    surroundings: Surroundings,
}

async fn page(State(start): State<Arc<StartPage>>, page: PageContext) -> Response {
    let text = |id: String| start.pages.text(page.locale, &id, &[]);
    let citizens = CITIZENS
        .iter()
        .map(|citizen| row(citizen, &start.pages, page.locale));
    let groups = GROUPS.iter().map(|(group, members)| {
        let card = |member: &Member| {
            context! {
                name => member.name(),
                href => start.surroundings.addresses.at(*member, "/"),
                text => text(format!("demo-who-{}", member.slug())),
                theme => accent(*member).class(),
                initial => member.name().chars().next().map(String::from),
            }
        };
        context!(title => text(format!("demo-start-{group}")), members => members.iter().map(card).collect::<Value>())
    });
    let service = |member| start.surroundings.addresses.at(member, "/");
    let data = context! {
        password => PASSWORD,
        code => authenticator::code(CAMILLE_TOTP_SECRET, start.surroundings.clock.now()),
        secret => CAMILLE_TOTP_SECRET,
        citizens => citizens.collect::<Value>(),
        groups => groups.collect::<Value>(),
        account => start.surroundings.addresses.at(Member::Hub, "/account"),
        carte_grise => service(Member::CarteGrise),
        plainte => service(Member::Plainte),
        cantine => service(Member::Cantine),
        banque => service(Member::Banque),
        mailbox => service(Member::Mailbox),
        register => service(Member::Register),
    };
    start.pages.html(&page.wide(), "demo/start.html", data)
}

fn row(citizen: &Citizen, pages: &Pages, locale: Locale) -> Value {
    let accounts: Vec<&str> = citizen
        .accounts
        .iter()
        .map(|at| at.member().name())
        .collect();
    Value::from(vec![
        citizen.login.to_owned(),
        format!("{} {}", citizen.given_names, citizen.family_name),
        accounts.join(", "),
        pages.text(locale, &format!("demo-citizen-{}", citizen.login), &[]),
    ])
}

const GROUPS: [(&str, &[Member]); 4] = [
    (
        "services",
        &[
            Member::CarteGrise,
            Member::Plainte,
            Member::Cantine,
            Member::Banque,
        ],
    ),
    (
        "providers",
        &[Member::CompteCitoyen, Member::IdentitePostale],
    ),
    (
        "data",
        &[Member::Famille, Member::Impots, Member::Vehicules],
    ),
    (
        "backstage",
        &[Member::Register, Member::Mailbox, Member::Admin],
    ),
];

/// The colours the members have on their own pages.
const fn accent(member: Member) -> Accent {
    match member {
        Member::CarteGrise | Member::CompteCitoyen => Accent::Blue,
        Member::Plainte => Accent::Rose,
        Member::Cantine | Member::IdentitePostale => Accent::Amber,
        Member::Banque => Accent::Green,
        Member::Register => Accent::Violet,
        Member::Hub | Member::Admin => Accent::Ink,
        Member::Mailbox | Member::Famille | Member::Impots | Member::Vehicules => Accent::Teal,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;
    use crate::cast::Addresses;
    use crate::testing::{NOW, surroundings};

    #[tokio::test]
    async fn a_newcomer_finds_everybody_and_every_account_in_both_languages() {
        let site = router(&surroundings(Addresses::default())).unwrap();
        for language in ["fr", "en"] {
            let path = format!("/?ui_locales={language}");
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = site.clone().oneshot(request).await.unwrap();
            let page = to_bytes(response.into_body(), 1 << 20).await.unwrap();
            let page = String::from_utf8(page.to_vec()).unwrap();
            for member in Member::ALL {
                assert!(page.contains(Addresses::default().of(member)), "{member:?}");
            }
            for citizen in CITIZENS {
                assert!(page.contains(citizen.login) && page.contains(citizen.family_name));
            }
            assert!(page.contains(PASSWORD) && page.contains(CAMILLE_TOTP_SECRET));
            assert!(page.contains(&authenticator::code(CAMILLE_TOTP_SECRET, NOW).unwrap()));
            assert!(!page.contains(">demo-"), "a text is missing");
        }
    }
}
