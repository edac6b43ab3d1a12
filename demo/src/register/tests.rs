//! What the register answers about each citizen, on the wire.

use axum::body::{Body, to_bytes};
use http::Request;
use tower::ServiceExt as _;

use super::*;
use crate::cast::{Addresses, CITIZENS, Citizen, InTheRegister};
use crate::testing::surroundings;

fn site() -> Router {
    router(&surroundings(Addresses::default())).unwrap()
}

fn query(citizen: &Citizen) -> String {
    let place = [citizen.birthplace, citizen.birthcountry];
    let parameters = [
        ("rechercheType", "S"),
        ("nom", citizen.family_name),
        ("prenoms", citizen.given_names),
        ("dateNaissance", &citizen.birthdate.replace('-', "")),
        ("sexe", if citizen.gender == "female" { "F" } else { "M" }),
        (
            "codeLieuNaissance",
            place[usize::from(citizen.birthplace.is_empty())],
        ),
    ];
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("{ENDPOINT}?{query}")
}

async fn send(site: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = site.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn get_xml(site: &Router, path: &str) -> String {
    let (status, body) = send(site, Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    body
}

fn named(login: &str) -> &'static Citizen {
    CITIZENS
        .iter()
        .find(|citizen| citizen.login == login)
        .unwrap()
}

#[tokio::test]
async fn every_citizen_gets_the_answer_the_cast_promises() {
    let site = site();
    for citizen in &CITIZENS {
        let answer = get_xml(&site, &query(citizen)).await;
        let (kind, is_dead) = match citizen.register {
            InTheRegister::Found => (2, false),
            InTheRegister::Deceased => (2, true),
            InTheRegister::NotFound => (8, false),
            InTheRegister::SeveralNearMatches => (6, false),
        };
        let login = citizen.login;
        assert!(
            answer.contains(&format!("<TypeReponse>{kind}</TypeReponse>")),
            "{login}: {answer}"
        );
        assert_eq!(answer.contains("<Deces>2"), is_dead, "{login}: {answer}");
        assert_eq!(
            answer.contains("<SituationActuelle>"),
            kind == 2,
            "{login}: {answer}"
        );
    }
}

#[tokio::test]
async fn camille_is_answered_to_the_letter_of_the_protocol() {
    let answer = get_xml(&site(), &query(named("camille"))).await;
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ReponseRNIPP>\
        <TypeReponse>2</TypeReponse><SituationActuelle><Sexe>F</Sexe><Nom>MARTIN</Nom>\
        <Prenoms><Prenom>Camille</Prenom><Prenom>Aimée</Prenom></Prenoms>\
        <DateNaissance>1990-04-12</DateNaissance><LieuNaissance><CodeLocalite>69383</CodeLocalite>\
        <CodePays>99100</CodePays></LieuNaissance><Deces/></SituationActuelle></ReponseRNIPP>";
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn unknown_parts_of_a_date_are_left_out_and_a_name_may_hold_a_space() {
    let site = site();
    let date = |text: &str| format!("<DateNaissance>{text}</DateNaissance>");
    assert!(
        get_xml(&site, &query(named("moussa")))
            .await
            .contains(&date("1978-03"))
    );
    assert!(
        get_xml(&site, &query(named("awa")))
            .await
            .contains(&date("1969"))
    );
    let answer = get_xml(&site, &query(named("anne-sophie"))).await;
    assert!(answer.contains("<Prenom>Anne Sophie</Prenom><Prenom>Zoé</Prenom>"));
}

#[tokio::test]
async fn another_spelling_is_corrected_and_a_married_name_is_not_enough() {
    let site = site();
    let plain = Citizen {
        family_name: "LEBOEUF",
        given_names: "ANNE-SOPHIE ZOE",
        ..*named("anne-sophie")
    };
    let answer = get_xml(&site, &query(&plain)).await;
    assert!(
        answer.contains("<TypeReponse>3</TypeReponse>") && answer.contains("<Nom>LEBŒUF</Nom>")
    );
    let married = Citizen {
        family_name: "NDIAYE",
        ..*named("awa")
    };
    assert!(
        get_xml(&site, &query(&married))
            .await
            .contains("<TypeReponse>7</TypeReponse>")
    );
    let near = Citizen {
        given_names: "Camille",
        ..*named("camille")
    };
    assert!(
        get_xml(&site, &query(&near))
            .await
            .contains("<TypeReponse>4</TypeReponse>")
    );
}

#[tokio::test]
async fn what_is_no_question_is_rejected() {
    for path in ["/rnipp", "/rnipp?rechercheType=S", "/rnipp?nom=%ff"] {
        assert!(
            get_xml(&site(), path)
                .await
                .contains("<TypeReponse>9</TypeReponse>"),
            "{path}"
        );
    }
}

fn simulate(outage: &str, fetch_site: &str) -> Request<Body> {
    Request::post("/simulate")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", fetch_site)
        .body(Body::from(format!("outage={outage}")))
        .unwrap()
}

#[tokio::test]
async fn an_outage_begins_and_ends_by_the_switch_and_by_nobody_elses_page() {
    let site = site();
    let question = || {
        Request::get(query(named("camille")))
            .body(Body::empty())
            .unwrap()
    };
    let (status, _) = send(&site, simulate("on", "cross-site")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(send(&site, question()).await.0, StatusCode::OK);
    assert_eq!(
        send(&site, simulate("on", "same-origin")).await.0,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        send(&site, question()).await.0,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(
        send(&site, simulate("off", "same-origin")).await.0,
        StatusCode::SEE_OTHER
    );
    assert_eq!(send(&site, question()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_page_lists_whom_the_register_knows_in_both_languages() {
    let site = site();
    for language in ["fr", "en"] {
        let page = get_xml(&site, &format!("/?ui_locales={language}")).await;
        assert!(page.contains("MARTIN") && page.contains("LEBŒUF") && !page.contains("LAMBERT"));
    }
}
