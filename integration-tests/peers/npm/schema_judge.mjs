// What was said at a hub, held against the description it publishes of itself: /exchange/openapi.json and the JSON
// Schemas beside it.
//
//   node schema_judge.mjs FILE
//
// FILE is JSON: `issuer`; `exchanges`, each {method, url, request: {headers, body}, status, answer: {headers, body}},
// those at other addresses being what a data provider answers or is told; `claims`, each [schema, value]. Prints `faults` and
// `unseen`: operations with nothing said at them, schemas with nothing held against them.
import { readFileSync } from 'node:fs';

import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const { issuer, exchanges, claims } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const base = `${issuer}/exchange/openapi.json`;
const faults = [];
const unseen = new Set();

const document = await asked(base);
// This validator follows references within a document; ajv follows those to the schemas, below.
const alone = JSON.parse(JSON.stringify(document), (name, value) => (name === '$ref' && !value.startsWith('#') ? '#/components/schemas/Error' : value));
const verdict = await new Validator().validate(alone);
if (!verdict.valid) faults.push(`${base} is not OpenAPI: ${JSON.stringify(verdict.errors)}`);

const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
const names = document.paths['/exchange/schemas/{name}'].get.parameters[0].schema.enum;
for (const name of names) {
  ajv.addSchema(await asked(`${issuer}/exchange/schemas/${name}`));
  if (name !== 'common.json') unseen.add(name);
}
ajv.addSchema(document, base);

for (const [path, item] of [...Object.entries(document.paths), ...Object.entries(document.webhooks)]) {
  for (const method of Object.keys(item)) unseen.add(`${method} ${path}`);
  // What is served to everybody is asked for here.
  if (item.get?.security && !path.includes('{')) await asked(issuer + path);
}
for (const [schema, value] of claims) {
  unseen.delete(`${schema}.json`);
  hold(`the claims of ${schema}`, `${issuer}/exchange/schemas/${schema}.json`, value);
  if (schema === 'evidence' && value.evidence_type) {
    const fields = await asked(`${issuer}/exchange/schemas/evidence/${value.evidence_type}.json`);
    ajv.addSchema(fields);
    hold(`the fields of ${value.evidence_type}`, fields.$id, value.fields);
  }
}
exchanges.forEach(judge);
console.log(JSON.stringify({ faults, unseen: [...unseen] }));

// What the hub serves of itself is judged like all else.
async function asked(address) {
  const response = await fetch(address);
  const body = await response.text();
  exchanges.push({
    method: 'GET', url: address, request: { headers: {}, body: '' }, status: response.status,
    answer: { headers: Object.fromEntries(response.headers.entries()), body },
  });
  return response.headers.get('content-type')?.includes('json') ? JSON.parse(body) : body;
}

function judge({ method, url, request, status, answer }) {
  const found = operation(method.toLowerCase(), url);
  if (!found) return faults.push(`${method} ${url} is not described`);
  const what = `${found.name} (${status})`;
  unseen.delete(found.name);
  // A request that was refused may well have been wrong.
  if (status < 300) said(`the request of ${what}`, `${found.pointer}/requestBody`, request);
  const pointer = resolved(`${found.pointer}/responses/${status}`);
  const described = at(pointer);
  if (!described) return faults.push(`${what} is not described`);
  for (const [name, { schema }] of Object.entries(described.headers ?? {})) {
    const value = answer.headers[name.toLowerCase()];
    if (value === undefined || !ajv.validate(schema, value)) faults.push(`${what}: ${name} is ${value}`);
  }
  said(`the answer of ${what}`, pointer, answer);
}

// A body is of a media type that is described, and what the schema says; or there is none, and none is described.
function said(what, pointer, { headers, body }) {
  const content = at(pointer)?.content;
  if (!content) return body && faults.push(`${what} has a body: ${body}`);
  const type = (headers['content-type'] ?? '').split(';')[0];
  if (!content[type]) return faults.push(`${what} is of type ${type}`);
  const value = type.endsWith('json') ? JSON.parse(body) : type.endsWith('form-urlencoded') ? Object.fromEntries(new URLSearchParams(body)) : body;
  const { schema } = content[type];
  hold(what, `${base}#${pointer}/content/${escaped(type)}/schema`, value);
  unseen.delete(schema.$ref?.split('/').pop());
  // OpenAPI says of texts within what they hold; validators leave that to us.
  for (const [name, { contentSchema }] of Object.entries(schema.properties ?? {})) {
    if (!contentSchema || value[name] === undefined) continue;
    hold(`${name} in ${what}`, `${base}#${pointer}/content/${escaped(type)}/schema/properties/${name}/contentSchema`, JSON.parse(value[name]));
    unseen.delete(contentSchema.items.$ref.split('/').pop());
  }
}

function hold(what, $ref, value) {
  const validate = ajv.getSchema($ref) ?? ajv.compile({ $ref });
  if (!validate(value)) faults.push(`${what}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`);
}

function operation(method, url) {
  const { pathname } = new URL(url);
  if (!url.startsWith(issuer)) {
    const name = pathname.endsWith('/events') ? 'event' : 'evidence';
    return { name: `${method} ${name}`, pointer: `/webhooks/${name}/${method}` };
  }
  for (const [path, item] of Object.entries(document.paths)) {
    const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/, '[^/]+')}$`);
    if (item[method] && pattern.test(pathname)) return { name: `${method} ${path}`, pointer: `/paths/${escaped(path)}/${method}` };
  }
}

// Where a `$ref` within the document leads.
function resolved(pointer) {
  return at(pointer)?.$ref?.replace(/^#/, '') ?? pointer;
}

function at(pointer) {
  return pointer.split('/').slice(1).reduce((value, part) => value?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
}

function escaped(part) {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}
