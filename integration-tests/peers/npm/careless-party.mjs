// A relying party as it should not be: it sends `state` and `nonce` and compares neither, and reads ID tokens
// without looking at who signed them, for whom and until when. The hub's tester is to find it out.
//
//   node careless-party.mjs '{"port": 4000, "issuer": "...", "client_id": "...", ...}'
import { randomUUID } from 'node:crypto';

import { serve } from './site.mjs';

const settings = JSON.parse(process.argv[2]);
const origin = new URL(settings.redirect_uri).origin;
const provider = await (await fetch(`${settings.issuer}/.well-known/openid-configuration`)).json();
let someone;

serve(settings, 'careless', { start, finish, stop, isSignedIn: () => someone !== undefined });

function start() {
  const address = new URL(provider.authorization_endpoint);
  const asked = { response_type: 'code', client_id: settings.client_id, redirect_uri: settings.redirect_uri, scope: 'openid' };
  for (const [name, value] of Object.entries({ ...asked, state: randomUUID(), nonce: randomUUID() })) address.searchParams.set(name, value);
  return address;
}

async function finish(url) {
  const form = { grant_type: 'authorization_code', code: url.searchParams.get('code'), redirect_uri: settings.redirect_uri };
  const secret = Buffer.from(`${settings.client_id}:${settings.client_secret}`).toString('base64');
  const headers = { authorization: `Basic ${secret}` };
  const tokens = await (await fetch(provider.token_endpoint, { method: 'POST', headers, body: new URLSearchParams(form) })).json();
  const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url'));
  const bearer = { authorization: `Bearer ${tokens.access_token}` };
  const userinfo = await (await fetch(provider.userinfo_endpoint, { headers: bearer })).json();
  someone = userinfo.sub;
  return { id_token: claims, userinfo };
}

function stop() {
  someone = undefined;
  return new URL(`${origin}/`);
}
