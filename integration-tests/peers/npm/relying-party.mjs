// A relying party on openid-client, the npm library many services use.
//
//   node relying-party.mjs '{"port": 4000, "issuer": "...", "client_id": "...", ...}'
//
// See ../README.md for the settings and the addresses every relying party here serves.
import { compactDecrypt, importJWK } from 'jose';
import * as client from 'openid-client';

import { clientAuthentication, serve } from './site.mjs';

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
  await clientAuthentication(client, settings),
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

serve(settings, 'openid-client', { start, finish, stop, isSignedIn: () => idToken !== undefined });

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

async function finish(url, request) {
  const tokens = await client.authorizationCodeGrant(config, await returned(url, request), { ...pending, idTokenExpected: true }, undefined, bound);
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
