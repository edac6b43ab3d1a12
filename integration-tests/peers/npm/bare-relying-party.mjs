// A relying party on oauth4webapi, the npm library beneath others: every step is the caller's.
//
//   node bare-relying-party.mjs '{"port": 4000, "issuer": "...", "client_id": "...", ...}'
//
// See ../README.md for the settings and the addresses every relying party here serves.
import { createServer } from 'node:http';

import * as oauth from 'oauth4webapi';

const settings = JSON.parse(process.argv[2]);
const origin = new URL(settings.redirect_uri).origin;
const issuer = new URL(settings.issuer);
const signed = settings.userinfo_signed_response_alg;

// The hub of a test speaks plain HTTP on the loopback interface.
const insecure = { [oauth.allowInsecureRequests]: true };
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
const party = {
  client_id: settings.client_id,
  id_token_signed_response_alg: settings.id_token_signed_response_alg ?? 'ES256',
  ...(signed && { userinfo_signed_response_alg: signed }),
};
const authentication = await clientAuthentication();
const bound = settings.proves_possession && { DPoP: oauth.DPoP(party, await oauth.generateKeyPair('ES256')) };
const options = { ...insecure, ...bound };

// One browser at a time is enough for a test: what the login under way must match on its return.
let pending;
let idToken;

createServer(async (request, response) => {
  try {
    await answer(new URL(request.url, origin), response);
  } catch (error) {
    page(response, 400, 'error', error.error ?? error.code ?? 'failed', { message: String(error), cause: String(error.cause ?? '') });
  }
}).listen(settings.port, '127.0.0.1', () => console.log(`ready ${settings.port}`));

async function answer(url, response) {
  switch (url.pathname) {
    case '/':
      return page(response, 200, 'outcome', idToken ? 'signed in' : 'signed out', {});
    case '/login':
      return redirect(response, await start(url.searchParams));
    case new URL(settings.redirect_uri).pathname:
      return page(response, 200, 'outcome', 'signed in', await finish(url));
    case '/logout':
      return redirect(response, stop());
    default:
      return page(response, 404, 'error', 'not found', {});
  }
}

async function start(extra) {
  pending = { verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce() };
  const parameters = new URLSearchParams({
    client_id: party.client_id,
    redirect_uri: settings.redirect_uri,
    response_type: 'code',
    scope: settings.scope ?? 'openid',
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    state: pending.state,
    nonce: pending.nonce,
    ...(settings.answers_as_jwt && { response_mode: 'jwt' }),
    ...Object.fromEntries(extra),
  });
  const address = new URL(server.authorization_endpoint);
  if (!settings.pushes_requests) {
    address.search = parameters;
    return address;
  }
  const pushed = await withNonce(async () =>
    oauth.processPushedAuthorizationResponse(
      server,
      party,
      await oauth.pushedAuthorizationRequest(server, party, authentication, parameters, options),
    ),
  );
  address.search = new URLSearchParams({ client_id: party.client_id, request_uri: pushed.request_uri });
  return address;
}

async function finish(url) {
  const answered = settings.answers_as_jwt
    ? await oauth.validateJwtAuthResponse(server, party, url, pending.state, insecure)
    : oauth.validateAuthResponse(server, party, url, pending.state);
  // A nonce is demanded before anything is spent, so the same code goes in again.
  const tokens = await withNonce(async () => {
    const response = await oauth.authorizationCodeGrantRequest(
      server, party, authentication, answered, settings.redirect_uri, pending.verifier, options,
    );
    return oauth.processAuthorizationCodeResponse(server, party, response, { expectedNonce: pending.nonce, requireIdToken: true });
  });
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  idToken = tokens.id_token;
  const userinfo = await withNonce(async () => {
    const response = await oauth.userInfoRequest(server, party, tokens.access_token, options);
    return oauth.processUserInfoResponse(server, party, claims.sub, response);
  });
  return { id_token: claims, userinfo, scope: tokens.scope, token_type: tokens.token_type };
}

// Tries again once with the nonce that the server gave (RFC 9449 §8).
async function withNonce(attempt) {
  try {
    return await attempt();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return attempt();
  }
}

function stop() {
  const address = new URL(server.end_session_endpoint);
  address.search = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: `${origin}/` });
  idToken = undefined;
  return address;
}

async function clientAuthentication() {
  switch (settings.token_endpoint_auth_method) {
    case 'client_secret_post':
      return oauth.ClientSecretPost(settings.client_secret);
    case 'client_secret_jwt':
      return oauth.ClientSecretJwt(settings.client_secret);
    case 'private_key_jwt': {
      const { kid, ...jwk } = settings.private_jwk;
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
      const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']);
      return oauth.PrivateKeyJwt({ key, kid });
    }
    case 'none':
      return oauth.None();
    default:
      return oauth.ClientSecretBasic(settings.client_secret);
  }
}

function redirect(response, location) {
  response.writeHead(303, { location: location.href }).end();
}

function page(response, status, id, text, details) {
  const escape = (value) => value.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html><html lang="en"><title>oauth4webapi</title><p id="${id}">${escape(text)}</p>` +
      `<pre id="details">${escape(JSON.stringify(details))}</pre></html>`,
  );
}
