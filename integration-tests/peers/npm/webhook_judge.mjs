// A message to a webhook, verified by `standardwebhooks`; signatures by Ed25519, which that library does not know, by
// Node's own.
//
//   node webhook_judge.mjs SETTINGS
//
// SETTINGS is JSON: `secret` (whsec_…) or `public_key` (whpk_…), `headers`, `body`. Prints what the message says; fails
// where it does not hold.
import { createPublicKey, verify } from 'node:crypto';

import { Webhook } from 'standardwebhooks';

const { secret, public_key: publicKey, headers, body } = JSON.parse(process.argv[2]);
console.log(JSON.stringify(secret ? new Webhook(secret).verify(body, headers) : asymmetric()));

function asymmetric() {
  const x = Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const message = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
  const signatures = headers['webhook-signature'].split(' ').filter((it) => it.startsWith('v1a,'));
  const holds = signatures.some((it) => verify(null, message, key, Buffer.from(it.slice(4), 'base64')));
  if (!holds) throw new Error('no signature holds');
  return JSON.parse(body);
}
