//! Serves every shared component and page, to be looked at: `cargo run -p guichet-web --example
//! gallery`, then open the printed address. `?ui_locales=en` for English.

#![expect(clippy::print_stdout, reason = "it tells where to look")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Router, routing::get};
use guichet_domain::Entropy;
use guichet_web::{
    Accent, Brand, Emblem, FormAction, Link, Locale, Message, NavigationLink, PageContext,
    PageError, Pages, PagesSettings, Question, Tone, context,
};
use http::StatusCode;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let pages = Pages::builder(PagesSettings {
        brand: Brand::new("Guichet").emblem(Emblem::Guichet).demo(),
        public_url: address.parse()?,
        theme_dir: None,
        form_action: FormAction::Leaving,
        entropy: Arc::new(Counting(AtomicU8::new(0))),
    })
    .with_templates(&[
        ("gallery/index.html", include_str!("gallery/index.html")),
        ("gallery/choose.html", include_str!("gallery/choose.html")),
        ("gallery/sign_in.html", include_str!("gallery/sign_in.html")),
        ("gallery/consent.html", include_str!("gallery/consent.html")),
        (
            "gallery/components.html",
            include_str!("gallery/components.html"),
        ),
        ("gallery/account.html", include_str!("gallery/account.html")),
    ])
    .build()?;
    let router = Router::new()
        .route("/", get(index))
        .route("/page/{name}", get(page))
        .route("/theme/{accent}", get(theme))
        .route("/error", get(async || error()))
        .route("/message/{tone}", get(message))
        .route("/confirm", get(confirm))
        .route("/form-post", get(form_post))
        .with_state(pages.clone());
    println!("{address}");
    axum::serve(listener, pages.wrap(router.merge(pages.common_routes()))).await?;
    Ok(())
}

async fn index(State(pages): State<Pages>, page: PageContext) -> Response {
    pages.html(&page, "gallery/index.html", context!())
}

async fn page(State(pages): State<Pages>, page: PageContext, Path(name): Path<String>) -> Response {
    let page = match name.as_str() {
        "account" => page.wide().with_navigation(navigation()),
        "components" => page.wide(),
        _ => page.with_service("Carte grise"),
    };
    pages.html(&page, &format!("gallery/{name}.html"), context!())
}

async fn theme(
    State(pages): State<Pages>,
    page: PageContext,
    Path(accent): Path<String>,
) -> Response {
    let of_name = |of: &Accent| of.class().strip_prefix("theme-") == Some(&accent);
    let accent = Accent::ALL.into_iter().find(of_name).unwrap_or_default();
    let page = page.with_service("Cantine").with_accent(accent);
    pages.html(&page, "gallery/sign_in.html", context!())
}

fn error() -> PageError {
    PageError::new(StatusCode::BAD_REQUEST, "error-session-lost")
        .with_service("Carte grise")
        .with_way_back("https://service.example/", None)
}

async fn message(
    State(pages): State<Pages>,
    page: PageContext,
    Path(tone): Path<String>,
) -> Response {
    let tone = match tone.as_str() {
        "success" => Tone::Success,
        "warning" => Tone::Warning,
        _ => Tone::Info,
    };
    let message = Message {
        title: "Vous êtes déconnecté".to_owned(),
        paragraphs: vec!["Carte grise et Cantine ont été prévenues.".to_owned()],
        tone,
        next: Some(Link {
            label: "Retourner à Carte grise".to_owned(),
            href: "/".to_owned(),
        }),
    };
    pages.message(&page, &message)
}

async fn confirm(State(pages): State<Pages>, page: PageContext) -> Response {
    let question = Question {
        title: "Voulez-vous vous déconnecter partout ?".to_owned(),
        paragraphs: vec!["Vous êtes connecté à Carte grise et à Cantine.".to_owned()],
        action: "/confirm".to_owned(),
        csrf: "token".to_owned(),
        accept: "Me déconnecter partout".to_owned(),
        refuse: "Rester connecté".to_owned(),
    };
    pages.confirm(&page.with_service("Carte grise"), &question)
}

/// Without the script that would post it at once, so that it can be looked at.
async fn form_post(State(pages): State<Pages>) -> Response {
    let page = PageContext::new(Locale::French).with_service("Carte grise");
    let fields = vec![context!(name => "code", value => "abc")];
    pages.html(&page, "form_post.html", context!(action => "/", fields))
}

fn navigation() -> Vec<NavigationLink> {
    let link =
        |label: &str, href: &str, current| NavigationLink::to(label.to_owned(), href, current);
    let menu = vec![
        link("Mon historique", "/", false),
        link("Mes droits", "/", false),
    ];
    let mut all = vec![
        link("Mes services", "/page/account", true),
        link("Mes comptes", "/", false),
    ];
    all.extend(NavigationLink::menu("Mes traces".to_owned(), menu));
    all
}

struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(41, Ordering::Relaxed);
        }
    }
}
