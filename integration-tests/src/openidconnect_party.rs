//! A relying party on the Rust `openidconnect` crate, which checks what the standard says and nothing else.

use anyhow::{Context, Result, ensure};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse, http,
};
use url::Url;

use crate::http_citizen::{parameter, plain_client};

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The relying party, with what discovery told it.
pub struct OpenidconnectParty {
    client: Client,
    algorithm: CoreJwsSigningAlgorithm,
    http: reqwest::Client,
}

/// A login under way: what its answer must match.
pub struct Pending {
    /// The address to send the citizen to.
    pub url: Url,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// What the relying party knows at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The pseudonym.
    pub sub: String,
    /// The level reached.
    pub acr: Option<String>,
    /// The given names, from userinfo.
    pub given_name: Option<String>,
}

impl OpenidconnectParty {
    /// Learns about the issuer; ID tokens must be signed with `ES256`, or `RS256` if the issuer has nothing else.
    pub async fn discover(
        issuer: &str,
        client_id: &str,
        secret: &str,
        redirect_uri: &str,
    ) -> Result<Self> {
        let http = plain_client();
        let issuer = IssuerUrl::new(issuer.to_owned())?;
        let metadata =
            CoreProviderMetadata::discover_async(issuer, &|request| send(http.clone(), request))
                .await?;
        let offered = metadata.id_token_signing_alg_values_supported();
        let es256 = CoreJwsSigningAlgorithm::EcdsaP256Sha256;
        let rs256 = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
        let algorithm = if offered.contains(&es256) {
            es256
        } else {
            rs256
        };
        let id = ClientId::new(client_id.to_owned());
        let secret = ClientSecret::new(secret.to_owned());
        let client = CoreClient::from_provider_metadata(metadata, id, Some(secret))
            .set_redirect_uri(RedirectUrl::new(redirect_uri.to_owned())?);
        Ok(Self {
            client,
            algorithm,
            http,
        })
    }

    /// Starts a login for these scopes besides `openid`.
    pub fn begin(&self, scopes: &[&str]) -> Pending {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = self
            .client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let scopes = scopes.iter().map(|scope| Scope::new((*scope).to_owned()));
        let (url, state, nonce) = request
            .add_scopes(scopes)
            .set_pkce_challenge(challenge)
            .url();
        Pending {
            url,
            state,
            nonce,
            verifier,
        }
    }

    /// Finishes a login from the address the citizen came back with.
    pub async fn finish(&self, returned: &Url, pending: Pending) -> Result<Known> {
        ensure!(
            parameter(returned, "state").as_ref() == Some(pending.state.secret()),
            "another login's answer"
        );
        let code = parameter(returned, "code").with_context(|| format!("no code: {returned}"))?;
        let http = |request| send(self.http.clone(), request);
        let tokens = self
            .client
            .exchange_code(AuthorizationCode::new(code))?
            .set_pkce_verifier(pending.verifier)
            .request_async(&http)
            .await?;

        let id_token = tokens.id_token().context("no ID token")?;
        let verifier = self
            .client
            .id_token_verifier()
            .set_allowed_algs([self.algorithm.clone()]);
        let claims = id_token.claims(&verifier, &pending.nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let key = id_token.signing_key(&verifier)?;
            let actual =
                AccessTokenHash::from_token(tokens.access_token(), id_token.signing_alg()?, key)?;
            ensure!(actual == *expected, "the access token is another's");
        }

        let subject = Some(claims.subject().clone());
        let userinfo = self
            .client
            .user_info(tokens.access_token().clone(), subject)?;
        let userinfo: CoreUserInfoClaims = userinfo.request_async(&http).await?;
        let given_name = userinfo.given_name().and_then(|name| name.get(None));
        Ok(Known {
            sub: claims.subject().to_string(),
            acr: claims.auth_context_ref().map(|acr| acr.to_string()),
            given_name: given_name.map(|name| name.to_string()),
        })
    }
}

async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, NotAnswered> {
    let request = request.try_into().map_err(NotAnswered::of)?;
    let response = client.execute(request).await.map_err(NotAnswered::of)?;
    let mut answer = http::Response::builder().status(response.status());
    for (name, value) in response.headers() {
        answer = answer.header(name, value);
    }
    let body = response.bytes().await.map_err(NotAnswered::of)?;
    answer.body(body.to_vec()).map_err(NotAnswered::of)
}

/// A request that got no usable answer.
#[derive(Debug)]
pub struct NotAnswered(String);

impl NotAnswered {
    fn of(error: impl std::error::Error) -> Self {
        Self(error.to_string())
    }
}

impl std::fmt::Display for NotAnswered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for NotAnswered {}
