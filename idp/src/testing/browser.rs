//! A browser of few words: it keeps cookies, reads hidden fields and follows what it is told to.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt as _;
use url::form_urlencoded;

use super::PASSWORD;

#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    jar: BTreeMap<String, String>,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(router: Router) -> Self {
        Self {
            router,
            jar: BTreeMap::new(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answered {
        self.send(Request::get(path), String::new()).await
    }

    /// Posts `fields` to `action`.
    pub(crate) async fn post(&mut self, action: &str, fields: &[(&str, &str)]) -> Answered {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request =
            Request::post(action).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body).await
    }

    /// Posts `fields` with an `Authorization` header, as a client does.
    pub(crate) async fn post_as(
        &mut self,
        path: &str,
        authorization: &str,
        fields: &[(&str, &str)],
    ) -> Answered {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::post(path)
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body).await
    }

    /// Posts the form of `page` that leads to `action`, with its hidden token.
    pub(crate) async fn submit(
        &mut self,
        page: &Answered,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Answered {
        let csrf = page.csrf(action);
        let fields = [&[("csrf", csrf.as_str())], fields].concat();
        self.post(action, &fields).await
    }

    /// A client's request at a level; the answer is its first page or the client's.
    pub(crate) async fn ask(&mut self, more: &str) -> Answered {
        let request = "/authorize?client_id=hub&response_type=code&scope=openid%20profile%20email\
            &redirect_uri=https%3A%2F%2Fhub.example%2Fcallback&state=s&nonce=n";
        self.get(&format!("{request}{more}")).await
    }

    /// Goes where `answer` leads, if that is here.
    pub(crate) async fn follow(&mut self, answer: &Answered) -> (String, Answered) {
        let path = answer.location().to_owned();
        assert!(path.starts_with('/'), "{answer:?}");
        let page = self.get(&path).await;
        (path, page)
    }

    /// Types the login name and the password on the page `answer` leads to.
    pub(crate) async fn sign_in(&mut self, answer: &Answered, login: &str) -> Answered {
        let (path, page) = self.follow(answer).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        self.submit(&page, &path, &[("login", login), ("password", PASSWORD)])
            .await
    }

    /// Signs in with the password only, for the account's own pages.
    pub(crate) async fn sign_in_directly(&mut self, login: &str) -> Answered {
        let started = self.get("/sign-in?to=home").await;
        self.sign_in(&started, login).await
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.jar.get(name).map(String::as_str)
    }

    async fn send(&mut self, request: http::request::Builder, body: String) -> Answered {
        let pairs: Vec<String> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = request.header(ACCEPT_LANGUAGE, "en");
        if !pairs.is_empty() {
            request = request.header(COOKIE, pairs.join("; "));
        }
        let response = self
            .router
            .clone()
            .oneshot(request.body(Body::from(body)).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        self.keep(&parts.headers);
        Answered {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Answered {
    pub(crate) fn location(&self) -> &str {
        let location = self.headers.get(LOCATION);
        location
            .unwrap_or_else(|| panic!("no redirect: {self:?}"))
            .to_str()
            .unwrap()
    }

    /// A parameter of the address it leads to.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(self.location()).unwrap();
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The hidden token of the form that leads to `action`.
    pub(crate) fn csrf(&self, action: &str) -> String {
        let form = self.after(&format!("action=\"{action}\""));
        between(form, "name=\"csrf\" value=\"", "\"")
    }

    /// The hidden token of the passkey form.
    pub(crate) fn csrf_of_passkey(&self) -> String {
        between(self.after("data-ceremony"), "name=\"csrf\" value=\"", "\"")
    }

    /// The options of the passkey ceremony of this page.
    pub(crate) fn options(&self) -> serde_json::Value {
        let text = between(&self.body, "data-options=\"", "\"");
        let text = text
            .replace("&quot;", "\"")
            .replace("&#x2f;", "/")
            .replace("&amp;", "&");
        serde_json::from_str(&text).unwrap()
    }

    /// What stands in the element with this id.
    pub(crate) fn text_of(&self, id: &str) -> String {
        between(self.after(&format!("id=\"{id}\"")), ">", "<")
    }

    fn after(&self, mark: &str) -> &str {
        let at = self
            .body
            .find(mark)
            .unwrap_or_else(|| panic!("no {mark} in {}", self.body));
        &self.body[at..]
    }
}

fn between(text: &str, start: &str, end: &str) -> String {
    let from = text
        .find(start)
        .unwrap_or_else(|| panic!("no {start} in {text}"))
        + start.len();
    let length = text[from..].find(end).unwrap();
    text[from..from + length].to_owned()
}
