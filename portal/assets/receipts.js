// A receipt verified in the browser: signature, entries, decision, checkpoint, inclusion. Nothing is sent;
// where this browser lacks an algorithm, the form goes to the hub as it does without script.
// The same checks as in exchange/src/receipt/verify.rs, under the same names.
"use strict";

const form = document.getElementById("receipt-form");
const result = document.getElementById("receipt-result");
const file = document.getElementById("receipt-file");
const text = document.getElementById("receipt");
const said = (id) => document.getElementById(id);
const word = (name) =>
  document.querySelector(`[data-word="${CSS.escape(name)}"]`)?.textContent ?? name;

said("receipt-file-field").hidden = false;
file.addEventListener("change", async () => {
  if (file.files.length === 1) {
    text.value = await file.files[0].text();
  }
});

form.addEventListener("submit", async (event) => {
  // A statement of a history has many lines: the hub reads it.
  if (text.value.trim().includes("\n")) return;
  event.preventDefault();
  try {
    const answer = await fetch(result.dataset.keys);
    show(await verify(text.value.trim(), await answer.json()));
  } catch {
    form.submit();
  }
});

// What is wrong with the receipt, named: a problem is a word and perhaps the number of an entry.
async function verify(receipt, keys) {
  const parts = receipt.split(".");
  let says;
  try {
    says = JSON.parse(utf8(base64url(parts[1])));
    if (parts.length !== 3 || !Array.isArray(says.log.entries) || !says.exchange) throw 0;
  } catch {
    return { checks: { form: problem("form") } };
  }
  const [origin, , ledger] = keys.ledger.split("+");
  const log = says.log;
  const root = await checkpoint(log.checkpoint, origin, base64(ledger).slice(1));
  const checks = {
    form: null,
    signature: await signature(parts, keys.keys),
    entries: await entries(says),
    decision: decision(says),
    checkpoint: root ? null : problem("checkpoint"),
  };
  if (root) checks.inclusion = await inclusion(log.entries, root);
  return { checks, says };
}

const problem = (name, entry) => word(`problem-${name}`).replace("#", entry ?? "");

const ALGORITHMS = {
  ES256: [{ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
  RS256: [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, "RSASSA-PKCS1-v1_5"],
  PS256: [{ name: "RSA-PSS", hash: "SHA-256" }, { name: "RSA-PSS", saltLength: 32 }],
  EdDSA: ["Ed25519", "Ed25519"],
};

async function signature([head, payload, signed], keys) {
  const header = JSON.parse(utf8(base64url(head)));
  const jwk = keys.find((key) => key.kid === header.kid && key.alg === header.alg);
  const algorithm = ALGORITHMS[header.alg];
  if (!jwk || !algorithm) return problem("key");
  if (header.typ !== "guichet-receipt+jwt" || header.crit) return problem("signature");
  const { kty, crv, x, y, n, e } = jwk;
  const bare = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e }));
  const key = await crypto.subtle.importKey("jwk", bare, algorithm[0], false, ["verify"]);
  const message = new TextEncoder().encode(`${head}.${payload}`);
  const holds = await crypto.subtle.verify(algorithm[1], key, base64url(signed), message);
  return holds ? null : problem("signature");
}

// Each text makes its leaf, and is about this exchange; an erased one has no text.
async function entries(says) {
  for (const { index, entry, leaf } of says.log.entries) {
    if (entry === undefined) continue;
    const made = await sha256([0], new TextEncoder().encode(entry));
    if (!same(made, base64url(leaf))) return problem("changed", index);
    const { seq, details } = JSON.parse(entry);
    if (seq !== index || details?.exchange !== says.exchange) return problem("foreign", index);
  }
  return null;
}

function decision(says) {
  const names = (fields) => fields.map((field) => field.id).join(" ");
  const stated = JSON.stringify([
    says.service.id, says.data_provider.id, says.evidence_type.id, says.purpose.id, says.basis,
    names(says.asked), names(says.granted), says.outcome, Date.parse(says.decided),
    says.text_digest, says.locale,
  ]);
  const all = says.log.entries.map(({ entry }) => (entry === undefined ? {} : JSON.parse(entry)));
  // What was left when fields were taken away.
  const left = all.filter(({ kind }) => kind === "evidence.narrowed").map((it) => it.details.granted);
  const narrowed = left.find((fields) => fields === names(says.granted)) ?? left.at(-1);
  const decided = all
    .filter(({ kind }) => kind === "evidence.decided")
    .map(({ client, at, details: it }) => JSON.stringify([
      client, it.data_provider, it.evidence_type, it.purpose, it.basis, it.asked, narrowed ?? it.granted,
      it.outcome, at, it.text_digest, it.locale,
    ]));
  if (decided.length === 0) return problem("undecided");
  return decided.includes(stated) ? null : problem("differs");
}

// C2SP tlog-checkpoint and signed-note: the size and root that the ledger's key signed, or nothing.
async function checkpoint(note, origin, key) {
  const [body, signatures] = note.split("\n\n");
  const [name, size, root, more] = body.split("\n");
  if (name !== origin || more !== undefined || !/^(0|[1-9]\d*)$/.test(size)) return null;
  const message = new TextEncoder().encode(`${body}\n`);
  const named = new TextEncoder().encode(`${origin}\n`);
  const hint = (await sha256(named, [1], key)).slice(0, 4);
  const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  const prefix = `\u2014 ${origin} `;
  for (const line of signatures.split("\n")) {
    if (!line.startsWith(prefix)) continue;
    const signed = base64(line.slice(prefix.length));
    if (!same(signed.slice(0, 4), hint)) continue;
    if (await crypto.subtle.verify("Ed25519", imported, signed.slice(4), message)) {
      return { size: BigInt(size), root: base64(root) };
    }
  }
  return null;
}

async function inclusion(all, { size, root }) {
  for (const { index, leaf, proof } of all) {
    const made = await rootOf(BigInt(index), size, base64url(leaf), proof.map(base64url));
    if (!made || !same(made, root)) return problem("tree", index);
  }
  return null;
}

// RFC 9162 §2.1.3.2
async function rootOf(index, size, leaf, proof) {
  if (index >= size) return null;
  let [place, last, node] = [index, size - 1n, leaf];
  for (const sibling of proof) {
    if (last === 0n) return null;
    if (place & 1n || place === last) {
      node = await sha256([1], sibling, node);
      while (!(place & 1n) && place !== 0n) {
        place >>= 1n;
        last >>= 1n;
      }
    } else {
      node = await sha256([1], node, sibling);
    }
    place >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? node : null;
}

function show({ checks, says }) {
  const holds = Object.values(checks).every((found) => found === null);
  for (const line of result.querySelectorAll("[data-check]")) {
    const found = checks[line.dataset.check];
    line.hidden = found === undefined;
    line.querySelector("[data-ok]").hidden = found !== null;
    line.querySelector("[data-wrong]").hidden = found === null;
    line.querySelector("[data-wrong]").textContent = found ?? "";
  }
  said("receipt-holds").hidden = !holds;
  said("receipt-fails").hidden = holds;
  said("receipt-says").hidden = !holds;
  for (const by of result.querySelectorAll("[data-by]")) by.hidden = by.dataset.by !== "browser";
  const values = holds ? rows(says) : {};
  for (const row of result.querySelectorAll("[data-row]")) {
    const value = values[row.dataset.row] ?? "";
    row.hidden = value === "";
    row.querySelector("dd").textContent = value;
  }
  result.hidden = false;
  result.focus();
}

function rows(says) {
  const language = document.documentElement.lang;
  // As on every page of the hub.
  const format = { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Paris" };
  const time = (at) => new Date(at).toLocaleString(language, format);
  const labels = (fields) => fields.map((field) => field.label).join(", ");
  const { ended, hidden } = says;
  return {
    outcome: word(`outcome-${says.outcome}`),
    decided: time(says.decided),
    service: says.service.name,
    evidence: says.evidence_type.label,
    holder: says.data_provider.name,
    asked: labels(says.asked),
    granted: labels(says.granted),
    purpose: `${says.purpose.sentence} (${says.purpose.legal})`,
    basis: word(`basis-${says.basis}`),
    usage: word(`usage-${says.usage}`),
    until: time(says.valid_until),
    retention: String(says.retention_days),
    pulls: String(says.pulls),
    ended: ended ? `${word(`ended-${ended.how}`)}, ${time(ended.at)}` : "",
    hidden: hidden ? `${hidden.authority}, ${hidden.order}, ${time(hidden.until)}` : "",
  };
}

async function sha256(...parts) {
  const bytes = await new Blob(parts.map((part) => new Uint8Array(part))).arrayBuffer();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

const base64 = (encoded) => Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
const base64url = (encoded) => base64(encoded.replaceAll("-", "+").replaceAll("_", "/"));
const utf8 = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
const same = (one, other) =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);
