//! `GET /account/ways`, as it looks.

use axum::extract::State;
use axum::response::Response;
use guichet_domain::{BrowserId, Timestamp};
use guichet_web::{PageContext, PageError, Query, Serde, context};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::change::{DONE, form};
use super::{AliasShown, DeviceShown, MyWays, WayShown};
use crate::Portal;
use crate::account::with_cookie;
use crate::nav::Room;

/// What the address may say of the last change.
#[derive(Default, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /account/ways`
pub(crate) async fn show(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
    Query(done): Query<Done>,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let ways = portal.ways.read(&headers).await?;
    let known = DONE.into_iter().find(|known| *known == done.done);
    let shown = ways.map(|ways| Shown::of(&portal, &browser, ways));
    let data = context! {
        signed_in => shown.is_some(),
        done => known.filter(|_| shown.is_some()),
        ways => Serde(&shown),
    };
    let page = portal.in_room(page, Room::Ways).with_script("ways.js");
    let answer = portal.pages.html(&page, "portal/ways.html", data);
    Ok(with_cookie(answer, cookie))
}

/// The ways in as their page shows them.
#[derive(Serialize)]
struct Shown {
    providers: Vec<Card>,
    others_open: bool,
    tells_all: bool,
    /// Of the form with all three.
    preferences_csrf: String,
    address: Option<String>,
    asked: Option<String>,
    address_csrf: String,
    devices: Vec<Device>,
    aliases: Vec<Alias>,
}

/// An alias, with the button that cuts it.
#[derive(Serialize)]
struct Alias {
    handle: String,
    service: String,
    address: String,
    leads_to: String,
    made: i64,
    cut: Option<i64>,
    csrf: String,
}

/// A provider, with what is chosen of it.
#[derive(Serialize)]
struct Card {
    id: String,
    name: String,
    closed: Option<i64>,
    in_use: bool,
    /// When it last spoke for the citizen.
    last: Option<i64>,
}

/// A device, with the button that forgets it.
#[derive(Serialize)]
struct Device {
    handle: String,
    name: String,
    first: i64,
    last: i64,
    is_here: bool,
    csrf: String,
}

impl Shown {
    fn of(portal: &Portal, browser: &BrowserId, ways: MyWays) -> Self {
        let token = |form, thing: &str| portal.own_token(browser, ways.person, (form, thing));
        let card = |way: &WayShown| Card {
            id: way.id.to_string(),
            name: way.name.clone(),
            closed: way.closed.map(Timestamp::millis),
            in_use: way.in_use,
            last: way.spoke.map(|(_, last)| last.millis()),
        };
        let device = |device: &DeviceShown| Device {
            handle: device.handle.clone(),
            name: device.name.clone(),
            first: device.first.millis(),
            last: device.last.millis(),
            is_here: device.is_here,
            csrf: token(form::DEVICE, &device.handle),
        };
        let alias = |alias: &AliasShown| Alias {
            handle: alias.handle.clone(),
            service: alias.service.clone(),
            address: alias.address.clone(),
            leads_to: alias.leads_to.clone(),
            made: alias.made.millis(),
            cut: alias.cut.map(Timestamp::millis),
            csrf: token(form::ALIAS, &alias.handle),
        };
        Self {
            providers: ways.providers.iter().map(card).collect(),
            others_open: ways.others_open,
            tells_all: ways.tells_all,
            preferences_csrf: token(form::PREFERENCES, ""),
            devices: ways.devices.iter().map(device).collect(),
            aliases: ways.aliases.iter().map(alias).collect(),
            address_csrf: token(form::ADDRESS, ""),
            address: ways.address,
            asked: ways.asked,
        }
    }
}
