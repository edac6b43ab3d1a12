// A service that asks for evidence, on openid-client and jose: nothing of it is ours.
//
//   node evidence-service.mjs '{"port": 4000, "issuer": "...", "client_id": "...", "private_jwk": {...}, "decryption_jwk": {...}, ...}'
//
// `/login?authorization_details=...` asks; when the citizen is back, #details has what was `granted`. `/fetch` fetches
// it: #details has the `evidence`, or who refused it, and `exchanges`, everything that was said since the citizen left.
import { createHash, randomUUID } from 'node:crypto';

import { SignJWT, compactDecrypt, createRemoteJWKSet, importJWK, jwtVerify } from 'jose';
import * as client from 'openid-client';

import { clientAuthentication, serve } from './site.mjs';

const settings = JSON.parse(process.argv[2]);
const signing = await importJWK(settings.private_jwk, 'ES256');
const config = await client.discovery(
  new URL(settings.issuer),
  settings.client_id,
  { id_token_signed_response_alg: 'ES256' },
  await clientAuthentication(client, { ...settings, token_endpoint_auth_method: 'private_key_jwt' }),
  { execute: [client.allowInsecureRequests] },
);
client.enableNonRepudiationChecks(config);
const hub = config.serverMetadata();

// Everything that goes out through the library is kept, for the judges of schemas and of proofs.
let exchanges = [];
config[client.customFetch] = async (url, options) => {
  const response = await fetch(url, options);
  const of = (headers) => Object.fromEntries(new Headers(headers).entries());
  exchanges.push({
    method: options.method,
    url: String(url),
    request: { headers: of(options.headers), body: options.body === undefined ? '' : String(options.body) },
    status: response.status,
    answer: { headers: of(response.headers), body: await response.clone().text() },
  });
  return response;
};
// Every token is bound to this key (RFC 9449).
const bound = { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) };

let pending;
let tokens;

serve(settings, 'openid-client', { start, finish, stop: () => new URL('/', settings.redirect_uri), isSignedIn: () => tokens !== undefined, more: { '/fetch': fetchAll } });

async function start(extra) {
  exchanges = [];
  const verifier = client.randomPKCECodeVerifier();
  pending = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
  const parameters = {
    redirect_uri: settings.redirect_uri,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: pending.expectedState,
    nonce: pending.expectedNonce,
    ...Object.fromEntries(extra),
  };
  return client.buildAuthorizationUrlWithPAR(config, parameters, bound);
}

async function finish(url) {
  tokens = await client.authorizationCodeGrant(config, url, { ...pending, idTokenExpected: true }, undefined, bound);
  return { granted: granted(), sub: tokens.claims().sub };
}

// The citizen may have granted nothing: that is no error.
function granted() {
  return tokens.authorization_details ?? [];
}

// All that was granted, or the fields alone that `fields` names.
async function fetchAll(query) {
  const only = query.get('fields')?.split(' ');
  const evidence = [];
  for (const detail of granted()) evidence.push(await fetched(only ? { ...detail, fields: only } : detail));
  return { evidence, exchanges };
}

async function fetched(detail) {
  const body = JSON.stringify({ evidence_type: detail.evidence_type, fields: detail.fields, nonce: randomUUID() });
  let voucher;
  try {
    voucher = await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
      subject_token: tokens.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_token_type: 'urn:guichet:params:oauth:token-type:evidence-voucher',
      audience: detail.data_provider,
      grant_id: detail.grant_id,
      request_digest: digest(body),
    }, bound);
  } catch (error) {
    return { refused_by: 'hub', error: error.error ?? String(error), error_description: error.error_description };
  }
  const endpoint = new URL(detail.evidence_endpoint);
  const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json' });
  let response;
  try {
    response = await client.fetchProtectedResource(config, voucher.access_token, endpoint, 'POST', body, headers, bound);
  } catch (error) {
    return { refused_by: 'data provider', error: error.cause?.[0]?.parameters?.error ?? String(error) };
  }
  const answer = await response.json();
  if (!answer.evidence) return { refused_by: 'data provider', status: response.status, ...answer };
  const claims = await opened(answer.evidence, detail, body);
  await acknowledge(detail, claims.voucher, answer.evidence);
  return { claims, body, voucher: voucher.access_token, envelope: answer.evidence };
}

// Encrypted to us, signed by whom the catalogue says, in answer to this very request.
async function opened(envelope, detail, body) {
  const { plaintext, protectedHeader } = await compactDecrypt(envelope, await importJWK(settings.decryption_jwk, 'ECDH-ES+A256KW'));
  if (protectedHeader.cty !== 'evidence+jwt') throw new Error(`an envelope of ${protectedHeader.cty}`);
  const catalogue = await (await fetch(`${hub.issuer}/exchange/catalogue`)).json();
  const { jwks_uri } = catalogue.data_providers.find(({ id }) => id === detail.data_provider);
  const { payload } = await jwtVerify(plaintext, createRemoteJWKSet(new URL(jwks_uri)), {
    typ: 'evidence+jwt',
    issuer: detail.data_provider,
    audience: settings.client_id,
    requiredClaims: ['exp', 'fields'],
  });
  if (payload.request_digest !== digest(body)) throw new Error('evidence for another request');
  return payload;
}

// Our half of the delivery.
async function acknowledge(detail, spent, envelope) {
  const signed = (typ, claims) => new SignJWT({ iss: settings.client_id, aud: hub.issuer, jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg: 'ES256', typ, kid: settings.private_jwk.kid })
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(signing);
  const half = { grant_id: detail.grant_id, half: 'received', voucher: spent, digest: digest(envelope) };
  const body = new URLSearchParams({
    ...half,
    receipt: await signed('evidence-delivery+jwt', half),
    client_id: settings.client_id,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await signed('JWT', { sub: settings.client_id }),
  });
  const response = await config[client.customFetch](`${hub.issuer}/exchange/deliveries`, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  if (response.status !== 204) throw new Error(`not acknowledged: ${await response.text()}`);
}

function digest(text) {
  return `sha-256:${createHash('sha256').update(text).digest('base64url')}`;
}
