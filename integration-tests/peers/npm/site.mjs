// What the relying parties here have in common: the addresses they serve, and how a client authenticates.
import { createServer } from 'node:http';

// Serves a party: `start` and `stop` yield where the browser goes, `finish` what came of the sign-in, `isSignedIn`
// what the home page says; `more` has further addresses, each with what its page shows.
export function serve(settings, title, { start, finish, stop, isSignedIn, more = {} }) {
  const origin = new URL(settings.redirect_uri).origin;
  createServer(async (request, response) => {
    try {
      await answer(new URL(request.url, origin), request, response);
    } catch (error) {
      // An authorization error carries the OAuth code in `error`; anything else is a check that failed.
      page(response, 400, 'error', error.error ?? error.code ?? 'failed', { message: String(error), cause: String(error.cause ?? '') });
    }
  }).listen(settings.port, '127.0.0.1', () => console.log(`ready ${settings.port}`));

  async function answer(url, request, response) {
    switch (url.pathname) {
      case '/':
        return page(response, 200, 'outcome', isSignedIn() ? 'signed in' : 'signed out', {});
      case '/login':
        return redirect(response, await start(url.searchParams));
      case new URL(settings.redirect_uri).pathname:
        return page(response, 200, 'outcome', 'signed in', await finish(url, request));
      case '/logout':
        return redirect(response, stop());
      default:
        if (more[url.pathname]) return page(response, 200, 'outcome', 'done', await more[url.pathname](url.searchParams));
        return page(response, 404, 'error', 'not found', {});
    }
  }

  function page(response, status, id, text, details) {
    const escape = (value) => value.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
    response.end(
      `<!doctype html><html lang="en"><title>${title}</title><p id="${id}">${escape(text)}</p>` +
        `<pre id="details">${escape(JSON.stringify(details))}</pre></html>`,
    );
  }
}

function redirect(response, location) {
  response.writeHead(303, { location: location.href }).end();
}

// Both libraries call the methods alike.
export async function clientAuthentication(library, settings) {
  switch (settings.token_endpoint_auth_method) {
    case 'client_secret_post':
      return library.ClientSecretPost(settings.client_secret);
    case 'client_secret_jwt':
      return library.ClientSecretJwt(settings.client_secret);
    case 'private_key_jwt': {
      const { kid, ...jwk } = settings.private_jwk;
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
      const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']);
      return library.PrivateKeyJwt({ key, kid });
    }
    case 'none':
      return library.None();
    default:
      return library.ClientSecretBasic(settings.client_secret);
  }
}
