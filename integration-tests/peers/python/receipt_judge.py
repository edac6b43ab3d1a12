"""A citizen's receipt, verified by somebody who has docs/receipts.md, docs/ledger.md and RFC 9162, and no line of the
hub's code.

    python receipt_judge.py '{"issuer": "...", "receipt": "..."}'

Prints what the receipt says as JSON; ends with the first thing that does not hold otherwise.
"""

import hashlib
import json
import sys
from base64 import b64decode, urlsafe_b64decode

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jwk, jwt


def main(issuer, receipt):
    published = httpx.get(issuer + "/exchange/receipts/keys").raise_for_status().json()
    token = jwt.decode(receipt, jwk.KeySet.import_key_set(published), algorithms=["ES256"])
    require(token.header["typ"] == "guichet-receipt+jwt", "it is a receipt")
    said = token.claims
    require(said["iss"] == issuer, "it is this hub's")
    log = said["log"]
    require(log["key"] == published["ledger"], "the ledger's key is the published one")

    size, root = opened(log["checkpoint"], published["ledger"])
    for entry in log["entries"]:
        leaf = unpadded(entry["leaf"])
        if "entry" in entry:
            require(leaf == digest(b"\0", entry["entry"].encode()), "the entry is what was hashed")
            written = json.loads(entry["entry"])
            require(written["seq"] == entry["index"], "the entry is of this place")
            require(written["details"]["exchange"] == said["exchange"], "the entry is about this exchange")
            require("person" not in written, "it names nobody")
        proof = [unpadded(hash) for hash in entry["proof"]]
        require(is_included(leaf, entry["index"], size, proof, root), "the entry is in the signed tree")
    the_decision(said)

    # The log has gone on since, and is still the same.
    later = httpx.get(f"{issuer}/exchange/checkpoint", params={"since": size}).raise_for_status().text
    later_size, later_root = opened(later, published["ledger"])
    proof = [line.split()[2:] for line in later.splitlines() if line.startswith("consistency ")]
    proof = [b64decode(hash) for hash in proof[0]] if proof else []
    require(is_continued(size, root, later_size, later_root, proof), "the log only grew")
    return said | {"grown_by": later_size - size}


def the_decision(said):
    """The receipt says what the ledger says."""
    entries = [json.loads(entry["entry"]) for entry in said["log"]["entries"] if "entry" in entry]
    decided = [entry for entry in entries if entry["kind"] == "evidence.decided"]
    require(decided, "the decision is among the entries")
    entry, details = decided[0], decided[0]["details"]
    names = lambda fields: " ".join(field["id"] for field in fields)
    require(entry["client"] == said["service"]["id"], "the service is the ledger's")
    for name, value in {
        "data_provider": said["data_provider"]["id"],
        "evidence_type": said["evidence_type"]["id"],
        "purpose": said["purpose"]["id"],
        "basis": said["basis"],
        "outcome": said["outcome"],
        "asked": names(said["asked"]),
        "granted": names(said["granted"]),
    }.items():
        require(details.get(name, "") == value, f"{name} is the ledger's")


def opened(note, key):
    """The size and the root that a signed note states (C2SP tlog-checkpoint, signed-note)."""
    name, _, encoded = key.split("+", 2)
    material = b64decode(encoded)
    require(material[0] == 1, "the ledger signs with Ed25519")
    key_hash = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    body, signatures = note.split("\n\n", 1)
    origin, size, root = body.split("\n")
    require(origin == name, "the checkpoint is of this log")
    for line in signatures.splitlines():
        if not line.startswith(f"— {name} "):
            continue
        signature = b64decode(line.split(" ")[2])
        if signature[:4] == key_hash:
            Ed25519PublicKey.from_public_bytes(material[1:]).verify(signature[4:], (body + "\n").encode())
            return int(size), b64decode(root)
    raise ValueError("does not hold: the ledger signed the checkpoint")


def is_included(leaf, index, size, proof, root):
    """RFC 9162 §2.1.3.2."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = digest(b"\1", p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = digest(b"\1", r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def is_continued(first, first_root, second, second_root, proof):
    """RFC 9162 §2.1.4.2."""
    if first == second:
        return first_root == second_root and not proof
    if not 0 < first < second or not proof:
        return False
    if first & (first - 1) == 0:
        proof = [first_root, *proof]
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = digest(b"\1", c, fr), digest(b"\1", c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = digest(b"\1", sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and (fr, sr) == (first_root, second_root)


def digest(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unpadded(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def require(holds, what):
    if not holds:
        raise ValueError("does not hold: " + what)


settings = json.loads(sys.argv[1])
print(json.dumps(main(settings["issuer"], settings["receipt"])))
