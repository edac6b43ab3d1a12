// A relying party on openid-client, the npm library many services use.
//
//   node relying-party.mjs '{"port": 4000, "issuer": "...", "client_id": "...", ...}'
//
// See ../README.md for the settings and the addresses every relying party here serves.
import { createServer } from 'node:http';

import { compactDecrypt, importJWK } from 'jose';
import * as client from 'openid-client';

const settings = JSON.parse(process.argv[2]);
const origin = new URL(settings.redirect_uri).origin;

// The hub of a test speaks plain HTTP on the loopback interface.
const insecure = { execute: [client.allowInsecureRequests] };
const config = await client.discovery(
  new URL(settings.issuer),
  settings.client_id,
  {
    id_token_signed_response_alg: settings.id_token_signed_response_alg ?? 'ES256',
    ...(settings.userinfo_signed_response_alg && { userinfo_signed_response_alg: settings.userinfo_signed_response_alg }),
  },
  await clientAuthentication(),
  insecure,
);
// Signatures count although tokens come straight from the issuer.
client.enableNonRepudiationChecks(config);
if (settings.decryption_jwk) client.enableDecryptingResponses(config, ['A256GCM', 'A128CBC-HS256'], await decryptionKey(settings.decryption_jwk));
if (settings.answers_as_jwt) client.useJwtResponseMode(config);
// Tokens bound to a key of this run (RFC 9449); the library answers a demand for a nonce by itself.
const bound = settings.proves_possession && { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) };

// One browser at a time is enough for a test: what the login under way must match on its return.
let pending;
let idToken;

createServer(async (request, response) => {
  const url = new URL(request.url, origin);
  try {
    await answer(url, request, response);
  } catch (error) {
    // An authorization error carries the OAuth code in `error`; anything else is a check that failed.
    page(response, 400, 'error', error.error ?? error.code ?? 'failed', { message: String(error), cause: String(error.cause ?? '') });
  }
}).listen(settings.port, '127.0.0.1', () => console.log(`ready ${settings.port}`));

async function answer(url, request, response) {
  switch (url.pathname) {
    case '/':
      return page(response, 200, 'outcome', idToken ? 'signed in' : 'signed out', {});
    case '/login':
      return redirect(response, await start(url.searchParams));
    case new URL(settings.redirect_uri).pathname:
      return page(response, 200, 'outcome', 'signed in', await finish(await returned(url, request)));
    case '/logout':
      return redirect(response, stop());
    default:
      return page(response, 404, 'error', 'not found', {});
  }
}

async function start(extra) {
  const verifier = client.randomPKCECodeVerifier();
  pending = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
  const parameters = {
    redirect_uri: settings.redirect_uri,
    scope: settings.scope ?? 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: pending.expectedState,
    nonce: pending.expectedNonce,
    ...(settings.acr_values && { acr_values: settings.acr_values }),
    ...Object.fromEntries(extra),
  };
  if (settings.pushes_requests) return client.buildAuthorizationUrlWithPAR(config, parameters, bound);
  return client.buildAuthorizationUrl(config, parameters);
}

// The answer as the library takes it: an address, or a form posted (response mode `form_post`).
async function returned(url, request) {
  if (request.method !== 'POST') return url;
  let body = '';
  for await (const chunk of request) body += chunk;
  return new Request(url, { method: 'POST', headers: { 'content-type': request.headers['content-type'] }, body });
}

async function finish(answer) {
  const tokens = await client.authorizationCodeGrant(config, answer, { ...pending, idTokenExpected: true }, undefined, bound);
  const claims = tokens.claims();
  idToken = await decrypted(tokens.id_token);
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub, bound);
  return { id_token: claims, userinfo, scope: tokens.scope, token_type: tokens.token_type };
}

function stop() {
  const hint = idToken;
  idToken = undefined;
  return client.buildEndSessionUrl(config, { id_token_hint: hint, post_logout_redirect_uri: `${origin}/` });
}

async function clientAuthentication() {
  switch (settings.token_endpoint_auth_method) {
    case 'client_secret_post':
      return client.ClientSecretPost(settings.client_secret);
    case 'client_secret_jwt':
      return client.ClientSecretJwt(settings.client_secret);
    case 'private_key_jwt': {
      const { kid, ...jwk } = settings.private_jwk;
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
      const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']);
      return client.PrivateKeyJwt({ key, kid });
    }
    case 'none':
      return client.None();
    default:
      return client.ClientSecretBasic(settings.client_secret);
  }
}

// As a hint, an ID token goes back as it was signed (OIDC Core §3.1.2.1).
async function decrypted(token) {
  if (!settings.decryption_jwk) return token;
  const { plaintext } = await compactDecrypt(token, await importJWK(settings.decryption_jwk, 'ECDH-ES'));
  return new TextDecoder().decode(plaintext);
}

async function decryptionKey({ kid, alg, use, ...jwk }) {
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' };
  return { key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['deriveBits']), alg, kid };
}

function redirect(response, location) {
  response.writeHead(303, { location: location.href }).end();
}

function page(response, status, id, text, details) {
  const escape = (value) => value.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html><html lang="en"><title>openid-client</title><p id="${id}">${escape(text)}</p>` +
      `<pre id="details">${escape(JSON.stringify(details))}</pre></html>`,
  );
}
