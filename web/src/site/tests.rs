//! The pages of a whole instance, asked for in process.

use std::sync::Arc;

use axum::body::Body;
use axum::routing::{get, post};
use http::Request;
use tower::ServiceExt as _;
use url::Url;

use super::*;
use crate::testing::Counting;
use crate::{Brand, FormAction, Message, PagesError, PagesSettings, Question, Tone};

fn settings(public_url: &str) -> PagesSettings {
    PagesSettings {
        brand: Brand::new("Guichet"),
        public_url: Url::parse(public_url).unwrap(),
        theme_dir: None,
        form_action: FormAction::Local,
        entropy: Arc::new(Counting::new()),
    }
}

fn pages() -> Pages {
    Pages::builder(settings("https://hub.example/api/v2"))
        .build()
        .unwrap()
}

fn site() -> Router {
    let pages = pages();
    let rooms = Router::new()
        .route("/refused", get(refused))
        .route("/form", post(async |_: Form<Switch>| "read"))
        .route("/json", get(async || axum::Json("plain")));
    pages.wrap(rooms.merge(pages.common_routes()))
}

async fn refused() -> PageError {
    PageError::new(StatusCode::CONFLICT, "error-out-of-order")
        .with_service("<b>Carte grise</b>")
        .with_way_back("https://service.example/?a=1&b=2", None)
}

async fn ask(request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let response = site().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (
        parts.status,
        parts.headers,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

fn get_page(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn an_error_becomes_a_page_with_a_way_back_and_a_reference() {
    let (status, headers, body) = ask(get_page("/refused?ui_locales=en")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body.contains("This step is already over"));
    assert!(body.contains("&lt;b&gt;Carte grise&lt;/b&gt;"), "{body}");
    assert!(!body.contains("<b>Carte"));
    assert!(body.contains(r#"href="https://service.example/?a=1&amp;b=2""#));
    let reference = headers["guichet-reference"].to_str().unwrap();
    assert!(body.contains(reference));
    assert_eq!(headers["cache-control"], "no-store");
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'")
    );
    assert!(headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn unknown_addresses_and_methods_get_a_page_and_apis_are_left_alone() {
    let (status, _, body) = ask(get_page("/nowhere")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("Cette page n’existe pas"));
    let (status, headers, _) = ask(get_page("/form")).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(headers["allow"], "POST");
    let (status, headers, body) = ask(get_page("/json")).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "\"plain\""));
    assert_eq!(headers["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn a_form_that_is_refused_gets_a_clear_page() {
    let request = Request::post("/form")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("lang=fr&lang=en"));
    let (status, _, body) = ask(request.unwrap()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("Cette demande n’est pas valable"));
}

#[tokio::test]
async fn the_language_switch_remembers_and_stays_on_this_site() {
    for (back, location) in [
        ("%2Fconsent%3Fa%3D1", "/consent?a=1"),
        ("%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
        ("https%3Aevil.example", "/"),
        ("%2F%09%2Fevil.example", "/"),
        ("", "/"),
    ] {
        let (status, headers, _) = ask(get_page(&format!("/locale?lang=en&back={back}"))).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert_eq!(headers["location"], location);
        assert!(
            headers["set-cookie"]
                .to_str()
                .unwrap()
                .starts_with("guichet-locale=en; ")
        );
    }
    let (status, _, _) = ask(get_page("/locale?lang=tlh&back=/")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn assets_may_be_kept_for_good_under_their_hash_and_no_longer_under_another() {
    let path = pages().asset_path("guichet.css").unwrap();
    let path = path.strip_prefix("/api/v2").unwrap();
    let (status, headers, css) = ask(get_page(path)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        headers["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(headers["content-type"], "text/css; charset=utf-8");
    assert!(
        !css.contains("http:") && !css.contains("https:"),
        "no external asset"
    );
    let (_, headers, _) = ask(get_page("/assets/old/guichet.css")).await;
    assert_eq!(headers["cache-control"], "no-cache");
    let (status, ..) = ask(get_page("/assets/x/../../Cargo.toml")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_that_posts_itself_is_no_injection_point() {
    let state = r#""><script>alert(1)</script>]]>'"#;
    let page = PageContext::new(Locale::French);
    let action = "http://127.0.0.1:9/cb?x=\"><script>";
    let response = pages().form_post(&page, action, &[("state", state), ("code", "abc")]);
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("script-src 'self'; form-action 'self' http://127.0.0.1:9;"),
        "{policy}"
    );
    assert_eq!(response.headers()["referrer-policy"], "strict-origin");
    let body = axum::body::to_bytes(response.into_body(), 1 << 20)
        .await
        .unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert!(!body.contains("<script>"), "{body}");
    assert!(body.contains(r#"value="abc""#));
}

#[test]
fn every_page_of_ours_renders_in_every_language() {
    let pages = pages();
    let message = Message {
        title: "Titre".into(),
        paragraphs: vec!["Un".into()],
        tone: Tone::Success,
        next: None,
    };
    let question = Question {
        title: "Titre ?".into(),
        paragraphs: vec![],
        action: "/x".into(),
        csrf: "y".into(),
        accept: "Oui".into(),
        refuse: "Non".into(),
    };
    let error = context!(title => "error-internal", what => "error-internal.what",
        next => "error-internal.next", arguments => context!(), way_back => (), reference => "ABCD-2345",
        code => (), visit => ());
    let fields: Vec<minijinja::Value> = vec![context!(name => "a", value => "b")];
    let data = context!(
        message => minijinja::value::Serde(message),
        question => minijinja::value::Serde(question),
        error, fields, action => "https://service.example/cb",
        frames => ["https://service.example/out"], next => "https://service.example/",
    );
    for locale in Locale::ALL {
        let page = PageContext::new(locale).with_service("Carte grise");
        for name in pages.template_names() {
            let html = pages.render(&page, &name, data.clone());
            let html = html.unwrap_or_else(|error| panic!("{name}: {error:#}"));
            if name != "components.html" {
                assert!(
                    html.contains(&format!(r#"<html lang="{}""#, locale.tag())),
                    "{name}"
                );
                assert!(
                    !html.contains("style=\"") && !html.contains("<style"),
                    "{name}"
                );
                assert_eq!(
                    html.matches("<h1").count(),
                    usize::from(name != "layout.html"),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn a_text_missing_in_one_language_stops_the_start() {
    let builder = Pages::builder(settings("http://localhost:1"));
    let refused = builder
        .with_texts(Locale::French, "only-french = oui")
        .build();
    let Err(PagesError::MissingText { locale, id }) = refused else {
        panic!("accepted")
    };
    assert_eq!((locale, id.as_str()), (Locale::English, "only-french"));
}

#[test]
fn a_template_that_names_no_text_of_ours_stops_the_start() {
    let page = (
        "room/page.html",
        "{{ t(\"help-title\") }}{{ t(\"step-\" ~ 1) }}{{ f(t(\"nothing\")) }}",
    );
    let refused = Pages::builder(settings("http://localhost:1"))
        .with_templates(&[page])
        .build();
    let Err(PagesError::Template { name, detail }) = refused else {
        panic!("accepted")
    };
    assert_eq!(
        (name.as_str(), detail.as_str()),
        (page.0, "there is no text `nothing`")
    );
}

#[test]
fn a_deployers_folder_replaces_texts_templates_and_assets_by_name() {
    let folder = tempfile::tempdir().unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "the test makes the deployer's folder"
    )]
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "texts/fr/ours.ftl",
        "help-title = Besoin d’un coup de main ?",
    );
    write(
        "templates/message.html",
        "{{ t(\"help-title\") }} {{ asset[\"theme.css\"] }}",
    );
    write("assets/theme.css", "body{}");
    let mut with_theme = settings("http://localhost:1");
    with_theme.theme_dir = Some(folder.path().to_owned());
    let pages = Pages::builder(with_theme.clone()).build().unwrap();
    let html = pages
        .render(
            &PageContext::new(Locale::French),
            "message.html",
            context!(),
        )
        .unwrap();
    assert!(
        html.starts_with("Besoin d’un coup de main\u{a0}? /assets/"),
        "{html}"
    );
    let layout = pages
        .render(&PageContext::new(Locale::English), "help.html", context!())
        .unwrap();
    assert!(layout.contains("theme.css") && layout.contains("<h1>Help</h1>"));

    write("templates/message.html", "{% if %}");
    let refused = Pages::builder(with_theme.clone()).build();
    assert!(matches!(refused, Err(PagesError::Template { name, .. }) if name == "message.html"));
    with_theme.theme_dir = Some(folder.path().join("nowhere"));
    assert!(matches!(
        Pages::builder(with_theme).build(),
        Err(PagesError::Theme { .. })
    ));
}

#[test]
fn a_page_that_cannot_be_rendered_is_a_plain_500() {
    let page = PageContext::new(Locale::French);
    let response = pages().html(&page, "message.html", context!());
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
