//! What everybody may do with a receipt and read of the ledger, without signing in: have a receipt, or a
//! statement of a history, verified, and compare what hub, data providers and services count. Nothing that is posted here is kept.
//!
//! With script the browser verifies by itself (`assets/receipts.js`) and sends nothing; without, the hub does.

mod found;
mod stated;

use axum::extract::State;
use axum::response::Response;
use guichet_exchange::{Desk, verify_receipt};
use guichet_web::{Form, PageContext, PageError, Purpose, Serde, context};
use http::HeaderMap;
use serde::Deserialize;

use crate::Portal;
use crate::account::{not_found, with_cookie};
use found::Found;
use stated::Stated;

/// `GET /receipts/verify`
pub(crate) async fn ask(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    show(&portal, page, &headers, "", None, None)
}

/// What the page posts.
#[derive(Deserialize)]
pub(crate) struct Posted {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    receipt: String,
}

/// `POST /receipts/verify`: the hub's own answer, for whoever has no script.
pub(crate) async fn answer(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    portal.check_form(&headers, Purpose::new(FORM, ""), &posted.csrf)?;
    let keys = desk(&portal)?.receipt_keys();
    let keys = keys.map_err(|error| portal.fault("read the keys of receipts", &error))?;
    let text = posted.receipt.trim();
    let (locale, pages) = (page.locale, &portal.pages);
    let page = portal.answering(page, "/receipts/verify");
    if text.contains('\n') {
        let stated = Stated::new(pages, locale, text, &keys);
        return show(&portal, page, &headers, text, None, Some(&stated));
    }
    let verification = verify_receipt(text, &keys, None);
    let found = Found::new(pages, locale, &verification);
    show(&portal, page, &headers, text, Some(&found), None)
}

fn show(
    portal: &Portal,
    page: PageContext,
    headers: &HeaderMap,
    receipt: &str,
    found: Option<&Found>,
    stated: Option<&Stated>,
) -> Result<Response, PageError> {
    desk(portal)?;
    let (browser, cookie) = portal.browser(headers)?;
    let data = context! {
        receipt,
        found => Serde(&found),
        stated => Serde(&stated),
        rows => Serde(found::ROWS),
        checks => Serde(found::CHECKS),
        words => Serde(found::WORDS),
        keys => portal.path("/exchange/receipts/keys"),
        csrf => portal.csrf.token(&browser, Purpose::new(FORM, "")),
    };
    let page = page.with_connecting_script("receipts.js");
    let answer = portal
        .pages
        .html(&page, "portal/receipts_verify.html", data);
    Ok(with_cookie(answer, cookie))
}

/// The name of the form in its CSRF token.
const FORM: &str = "receipt-verify";

/// `GET /receipts/counts`
pub(crate) async fn counts(
    State(portal): State<Portal>,
    page: PageContext,
) -> Result<Response, PageError> {
    let counts = desk(&portal)?.counts().await;
    let counts = counts.map_err(|fault| portal.fault("count exchanges", &fault))?;
    let desk = desk(&portal)?;
    let holder = |id: &guichet_domain::DataProviderId| desk.holder_name(id);
    let rows: Vec<[String; 5]> = found::count_rows(&portal.pages, page.locale, &counts, holder);
    let data = context! {
        rows => Serde(&rows),
        fewer => counts.fewer_than,
        hidden => counts.hidden,
        opened => counts.opened,
    };
    Ok(portal
        .pages
        .html(&page.wide(), "portal/receipts_counts.html", data))
}

fn desk(portal: &Portal) -> Result<&Desk, PageError> {
    let desk = portal.exchange.as_deref();
    desk.ok_or_else(not_found)
}
