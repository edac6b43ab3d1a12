// A relying party on oauth4webapi, the npm library beneath others: every step is the caller's.
//
//   node bare-relying-party.mjs '{"port": 4000, "issuer": "...", "client_id": "...", ...}'
//
// See ../README.md for the settings and the addresses every relying party here serves.
import * as oauth from 'oauth4webapi';

import { clientAuthentication, serve } from './site.mjs';

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
const authentication = await clientAuthentication(oauth, settings);
const bound = settings.proves_possession && { DPoP: oauth.DPoP(party, await oauth.generateKeyPair('ES256')) };
const options = { ...insecure, ...bound };

// One browser at a time is enough for a test: what the login under way must match on its return.
let pending;
let idToken;

serve(settings, 'oauth4webapi', { start, finish, stop, isSignedIn: () => idToken !== undefined });

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
