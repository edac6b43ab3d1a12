//! A browser as far as a login needs one: cookies, redirects one at a time, forms by their fields.

use std::collections::{BTreeMap, HashMap};

use axum::Router;
use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use tower::ServiceExt as _;
use url::Url;

use crate::partner::Partner;
use crate::world::{ISSUER, SECRET, World};

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    /// What the proxy in front says of it.
    vouched: Option<(&'static str, &'static str)>,
}

/// What it got.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

impl Browser {
    /// Without cookies.
    pub(crate) fn new(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
            vouched: None,
        }
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Sets or steals a cookie.
    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Has the proxy in front add a header to every request from now on, or no longer.
    pub(crate) fn vouch(&mut self, header: Option<(&'static str, &'static str)>) {
        self.vouched = header;
    }

    /// Its cookies, as the header of a request.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, self.cookie_line().parse().unwrap());
        headers
    }

    fn cookie_line(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// Follows a link.
    pub(crate) async fn get(&mut self, address: &str) -> Answer {
        self.send(Method::GET, address, None).await
    }

    /// Posts a form.
    pub(crate) async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, address, Some(fields)).await
    }

    /// Asks the hub for a sign-in at a service; further parameters as given. Ends at the first page
    /// or address of the login.
    pub(crate) async fn start(&mut self, client: &str, further: &str) -> Answer {
        let address = format!(
            "/authorize?response_type=code&client_id={client}&redirect_uri=https%3A%2F%2F{client}\
             .example%2Fcb&state=s-1&nonce=n-1&{further}"
        );
        self.get(&address).await
    }

    /// The same up to the page it leads to.
    pub(crate) async fn start_and_follow(&mut self, client: &str, further: &str) -> Answer {
        let answer = self.start(client, further).await;
        self.follow(answer).await
    }

    /// Follows one redirect of ours.
    pub(crate) async fn follow(&mut self, answer: Answer) -> Answer {
        let location = answer.to();
        self.get(&location).await
    }

    /// Presses a provider's button and comes back from it as an honest provider would send it: the
    /// address of the callback, not yet visited.
    pub(crate) async fn leave_for(
        &mut self,
        provider: &str,
        choice: &Answer,
        partner: &Partner,
    ) -> String {
        let fields = [("provider", provider), ("csrf", &choice.csrf(0))];
        let left = self.post(&choice.action(0), &fields).await;
        come_back(&left.to(), provider, partner)
    }

    /// From the choice page to the page after the callback's redirects.
    pub(crate) async fn sign_in(
        &mut self,
        provider: &str,
        choice: &Answer,
        partner: &Partner,
    ) -> Answer {
        let callback = self.leave_for(provider, choice, partner).await;
        let identity = self.get(&callback).await;
        let next = self.follow(identity).await;
        if next.location.is_some() {
            self.follow(next).await
        } else {
            next
        }
    }

    /// Presses the accepting button of the consent page and goes on to the service's address.
    pub(crate) async fn agree(&mut self, consent: &Answer) -> Answer {
        let fields = [("decision", "accept"), ("csrf", &consent.csrf(0))];
        let agreed = self.post(&consent.action(0), &fields).await;
        self.follow(agreed).await
    }

    /// Follows redirects of ours up to a page, or to an address that is not ours.
    pub(crate) async fn walk(&mut self, mut answer: Answer) -> Answer {
        let is_ours = |to: &str| to.starts_with('/') || to.starts_with(ISSUER);
        while answer.location.as_deref().is_some_and(is_ours) {
            answer = self.follow(answer).await;
        }
        answer
    }

    /// A whole login; the address at the service.
    pub(crate) async fn log_in(&mut self, world: &World, client: &str, provider: &str) -> Url {
        let choice = self
            .start_and_follow(client, "scope=openid%20profile")
            .await;
        let consent = self.sign_in(provider, &choice, &world.partner).await;
        assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);
        self.agree(&consent).await.at_service()
    }

    /// Redeems, as the service, the code that came back.
    pub(crate) async fn redeem(&self, client: &str, back: &Url) -> serde_json::Value {
        let redirect = format!("https://{client}.example/cb");
        let code = &query(back.as_str())["code"];
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect),
            ("client_id", client),
            ("client_secret", SECRET),
        ];
        let answer = Self::new(self.router.clone()).post("/token", &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// Refreshes, as the service.
    pub(crate) async fn refresh(&self, client: &str, tokens: &serde_json::Value) -> Answer {
        let token = tokens["refresh_token"].as_str().unwrap();
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", client),
            ("client_secret", SECRET),
        ];
        Self::new(self.router.clone()).post("/token", &fields).await
    }

    /// Reads the claims, as a service.
    pub(crate) async fn userinfo(&self, token: &str) -> Answer {
        Self::new(self.router.clone())
            .post("/userinfo", &[("access_token", token)])
            .await
    }

    /// Asks without taking.
    pub(crate) async fn head(&mut self, address: &str) -> Answer {
        self.send(Method::HEAD, address, None).await
    }

    async fn send(
        &mut self,
        method: Method,
        address: &str,
        form: Option<&[(&str, &str)]>,
    ) -> Answer {
        let address = address.strip_prefix(ISSUER).unwrap_or(address);
        let mut request = Request::builder().method(method).uri(address);
        if !self.cookies.is_empty() {
            request = request.header(COOKIE, self.cookie_line());
        }
        if let Some((name, value)) = self.vouched {
            request = request.header(name, value);
        }
        let body = form.map(|fields| {
            url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish()
        });
        if body.is_some() {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin");
        }
        let request = request.body(Body::from(body.unwrap_or_default())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        for set in response.headers().get_all(SET_COOKIE) {
            self.keep(set.to_str().unwrap());
        }
        let location = response.headers().get(LOCATION);
        let location = location.map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap();
        Answer {
            status,
            location,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    fn keep(&mut self, set: &str) {
        let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
        if set.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Answer {
    /// Where it redirects.
    pub(crate) fn to(&self) -> String {
        self.location
            .clone()
            .unwrap_or_else(|| panic!("no redirect: {} {}", self.status, self.body))
    }

    /// The same as an address at a service.
    pub(crate) fn at_service(&self) -> Url {
        let url = Url::parse(&self.to()).unwrap();
        assert!(url.host_str().unwrap().ends_with(".example"), "{url}");
        url
    }

    /// Where the form number `index` posts to.
    pub(crate) fn action(&self, index: usize) -> String {
        self.nth("<form method=\"post\" action=\"", index)
    }

    /// Its hidden token.
    pub(crate) fn csrf(&self, index: usize) -> String {
        self.nth("name=\"csrf\" value=\"", index)
    }

    /// The form that posts to an address of this end: the address, and the hidden fields.
    pub(crate) fn form_to(&self, end: &str) -> (String, Vec<(String, String)>) {
        let forms = self.body.split("<form method=\"post\" action=\"").skip(1);
        let mut forms = forms.map(|form| form.split("</form>").next().unwrap());
        let form = forms.find(|form| form.split('"').next().unwrap().ends_with(end));
        let form =
            form.unwrap_or_else(|| panic!("no form to {end}: {} {}", self.status, self.body));
        let hidden = form.split("<input type=\"hidden\" name=\"").skip(1);
        let fields = hidden.map(|field| {
            let mut parts = field.split('"');
            let (name, value) = (parts.next().unwrap(), parts.nth(1).unwrap());
            (name.to_owned(), value.to_owned())
        });
        (form.split('"').next().unwrap().to_owned(), fields.collect())
    }

    fn nth(&self, before: &str, index: usize) -> String {
        let found = self.body.split(before).nth(index + 1);
        let found =
            found.unwrap_or_else(|| panic!("{before} {index}: {} {}", self.status, self.body));
        found.split('"').next().unwrap().to_owned()
    }
}

/// What a token of the hub says; its signature is the engine's tests' matter.
pub(crate) fn claims_of(token: &str) -> serde_json::Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// The parameters of an address.
pub(crate) fn query(address: &str) -> HashMap<String, String> {
    Url::parse(address)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

/// From the address a person leaves for, the one an honest provider sends them back to.
pub(crate) fn come_back(left: &str, provider: &str, partner: &Partner) -> String {
    let asked = query(left);
    partner.expect_nonce(&asked["nonce"]);
    let mut back = Url::parse(&asked["redirect_uri"]).unwrap();
    back.query_pairs_mut()
        .append_pair("code", "c-1")
        .append_pair("state", &asked["state"])
        .append_pair("iss", &partner.issuer(provider));
    back.into()
}
