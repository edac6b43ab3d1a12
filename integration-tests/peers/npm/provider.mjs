// An upstream identity provider on oidc-provider, the npm library FranceConnect's own engine builds on.
//
//   node provider.mjs '{"port": 4001, "clients": [...], "accounts": {...}}'
//
// `clients` is RFC 7591 metadata; `accounts` maps a login to its claims (`sub` is the login). Any password is
// right. The `acr` it asserts is the first one asked for, or `acr` of the account. When the default is not wanted:
// `host` (`localhost`), `signs_with` (algorithms to make keys for; the library's own key, RS256), `features` (of the
// library, over those below), `wants_dpop_nonce`, and `tls` (`port`, and the files `certificate`, `key`, `authority`)
// for a second listener that asks for certificates.
//
// What it was asked and what it answered is written out, one line `seen {...}` for each request; so are the logout
// tokens it sends.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const settings = JSON.parse(process.argv[2]);
const issuer = `http://${settings.host ?? 'localhost'}:${settings.port}`;
const { tls } = settings;

const provider = new Provider(issuer, {
  clients: settings.clients,
  claims: {
    openid: ['sub'],
    acr: null,
    amr: null,
    sid: null,
    auth_time: null,
    iss: null,
    profile: ['given_name', 'family_name', 'birthdate', 'gender', 'preferred_username'],
    birth: ['birthplace', 'birthcountry'],
    email: ['email'],
  },
  scopes: ['openid', 'profile', 'birth', 'email'],
  acrValues: ['eidas1', 'eidas2', 'eidas3'],
  pkce: { required: () => false },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: true, logoutSource },
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    encryption: { enabled: true },
    jwtUserinfo: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => settings.wants_dpop_nonce === true },
    mTLS: {
      enabled: tls !== undefined,
      tlsClientAuth: true,
      certificateBoundAccessTokens: true,
      getCertificate: (ctx) => ctx.socket.getPeerX509Certificate?.(),
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, _property, expected) => expected === subject(ctx.socket.getPeerX509Certificate()),
    },
    ...settings.features,
  },
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', ...(tls ? ['tls_client_auth'] : []), 'none'],
  // By default it asks nobody at a private address, and everybody here is at one.
  fetch: (url, { dispatcher, ...options }) => {
    const token = options.body?.get?.('logout_token');
    if (token) console.log(`seen ${JSON.stringify({ path: 'backchannel-logout', token })}`);
    return fetch(url, options);
  },
  jwks: settings.signs_with && { keys: await Promise.all(settings.signs_with.map(privateKey)) },
  discovery: tls && { mtls_endpoint_aliases: aliases(`https://${settings.host}:${tls.port}`) },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, id) => settings.accounts[id] && { accountId: id, claims: async () => ({ ...settings.accounts[id], sub: id }) },
  // The client is the hub, registered by us: what it asks for is granted without a second page.
  loadExistingGrant,
  cookies: { keys: ['a key of one test run'] },
  ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 600, IdToken: 300, Interaction: 600, Session: 600 },
  renderError: (ctx, out) => {
    ctx.type = 'html';
    ctx.body = html(`<p id="error">${escape(out.error)}</p><pre>${escape(out.error_description ?? '')}</pre>`);
  },
});

// Before everything else: what comes in, and what goes out.
provider.use(async (ctx, next) => {
  await next();
  const { dpop, authorization } = ctx.headers;
  const asked = { ...ctx.query, ...ctx.oidc?.body };
  const answer = { status: ctx.status, location: ctx.response.get('location'), type: ctx.type, body: ctx.body };
  const certificate = ctx.socket.getPeerX509Certificate?.() && subject(ctx.socket.getPeerX509Certificate());
  const { method, path, secure } = ctx;
  console.log(`seen ${JSON.stringify({ method, path, secure, dpop, authorization, certificate, asked, answer })}`);
});

// The sign-in page and its form, in front of the library's own addresses.
provider.use(async (ctx, next) => {
  const [, place] = ctx.path.split('/');
  if (place !== 'interaction') return next();
  if (ctx.method === 'GET') return showSignIn(ctx);
  return signIn(ctx);
});

if (tls) await listenForCertificates();
provider.listen(settings.port, '127.0.0.1', () => console.log(`ready ${settings.port}`));

async function listenForCertificates() {
  const [cert, key, ca] = [tls.certificate, tls.key, tls.authority].map((file) => readFileSync(file));
  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false }, provider.callback());
  await new Promise((resolve) => server.listen(tls.port, '127.0.0.1', resolve));
}

function aliases(at) {
  const paths = { token_endpoint: '/token', userinfo_endpoint: '/me', pushed_authorization_request_endpoint: '/request' };
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, at + path]));
}

// As RFC 4514 writes it: the last part first.
function subject(certificate) {
  return certificate.subject.split('\n').reverse().join(',');
}

async function privateKey(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig' };
}

function showSignIn(ctx) {
  ctx.type = 'html';
  ctx.body = html(`<form method="post" action="${ctx.path}">
    <label for="login">Login</label> <input id="login" name="login">
    <label for="password">Password</label> <input id="password" name="password" type="password">
    <button id="sign-in" name="action" value="sign-in">Sign in</button>
    <button id="abort" name="action" value="abort">Cancel</button>
  </form>`);
}

async function signIn(ctx) {
  const form = new URLSearchParams(await body(ctx.req));
  const { params } = await provider.interactionDetails(ctx.req, ctx.res);
  const login = form.get('login');
  const account = settings.accounts[login];
  const refused = { error: 'access_denied', error_description: 'the end-user cancelled' };
  const acr = account?.acr ?? params.acr_values?.split(' ')[0] ?? 'eidas1';
  const accepted = { login: { accountId: login, acr, amr: ['pwd'], remember: false } };
  const result = form.get('action') === 'abort' || !account ? refused : accepted;
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
}

async function loadExistingGrant(ctx) {
  const { client, session, params } = ctx.oidc;
  const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
  grant.addOIDCScope(params.scope);
  grant.addOIDCClaims([...(ctx.oidc.requestParamClaims ?? [])]);
  await grant.save();
  return grant;
}

function logoutSource(ctx, form) {
  ctx.type = 'html';
  ctx.body = html(`${form}<button id="sign-out" autofocus type="submit" form="op.logoutForm" value="yes" name="logout">Sign out</button>`);
}

function html(inner) {
  return `<!doctype html><html lang="en"><title>oidc-provider</title>${inner}</html>`;
}

function escape(value) {
  return value.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

async function body(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
