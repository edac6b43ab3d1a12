"""Everything signed in an exchange, verified on joserfc by somebody who has seen no line of the hub's code.

    python evidence_judge.py FILE

FILE is JSON: `issuer`; `data_provider` with `id`, `client_id` and `decryption_jwk`; `service` with `client_id` and
`decryption_jwk`; and of one exchange `voucher`, `proof`, `body` (what was posted to the data provider), `envelope`
(what came back) and `receipts`, the two halves of the delivery.

Prints what it found as JSON; ends with the first thing that does not hold otherwise.
"""

import hashlib
import json
import sys
from base64 import urlsafe_b64encode

import httpx
from joserfc import jwe, jwk, jws, jwt


def main(settings):
    keys, catalogue = the_hub(settings["issuer"])
    holder, service = settings["data_provider"], settings["service"]
    places = {place["id"]: place for place in catalogue["data_providers"]}
    holder_keys = fetched_keys(places[holder["id"]]["jwks_uri"])

    voucher = the_voucher(settings, keys)
    evidence = the_evidence(settings, voucher, holder_keys)
    what_was_shown_is_what_came(voucher, evidence)
    names = {
        "released": (holder["client_id"], holder_keys, "exchange", voucher["exchange"]),
        "received": (service["client_id"], jwk.KeySet.import_key_set(service["jwks"]), "grant_id", settings["grant_id"]),
    }
    halves = [the_half(settings, text, names) for text in settings["receipts"]]
    require(sorted(halves) == ["received", "released"], "both halves are there")
    return {"voucher": voucher, "evidence": evidence, "halves": halves, "catalogue": catalogue["version"]}


def the_hub(issuer):
    """The hub's keys, and its catalogue as it signed it."""
    metadata = httpx.get(issuer + "/.well-known/openid-configuration").raise_for_status().json()
    require(metadata["issuer"] == issuer, "the metadata is the issuer's")
    require("evidence" in metadata["authorization_details_types_supported"], "evidence may be asked for")
    keys = fetched_keys(metadata["jwks_uri"])
    signed = httpx.get(issuer + "/exchange/catalogue.jwt").raise_for_status()
    require(signed.headers["content-type"] == "application/jwt", "the signed catalogue says what it is")
    catalogue = signed_by(keys, signed.text, "evidence-catalogue+jwt")
    jwt.JWTClaimsRegistry(iss=exactly(issuer), exp={"essential": True}).validate(catalogue)
    plain = httpx.get(issuer + "/exchange/catalogue").raise_for_status().json()
    timeless = [{name: value for name, value in one.items() if name not in ("iat", "exp")} for one in (plain, catalogue)]
    require(timeless[0] == timeless[1], "what is signed is what is shown")
    return keys, catalogue


def the_voucher(settings, keys):
    """Read as its data provider reads it; nobody else can."""
    holder, service = settings["data_provider"], settings["service"]
    header, signed = opened(settings["voucher"], holder["decryption_jwk"])
    require(header["cty"] == "JWT" and header["enc"] == "A256GCM", "the voucher's envelope")
    voucher = signed_by(keys, signed, "evidence-voucher+jwt")
    # As of when it was made: it has gone stale since, as it should.
    jwt.JWTClaimsRegistry(
        now=voucher["iat"], leeway=0, iss=exactly(settings["issuer"]), aud=exactly(holder["id"]), exp={"essential": True}
    ).validate(voucher)
    require(0 < voucher["exp"] - voucher["iat"] <= 60, "a voucher lives for a minute at most")
    require(voucher["phase"] == "release" and voucher["client"]["id"] == service["client_id"], "it is for the service")
    require(voucher["request_digest"] == digest(settings["body"]), "it is for this request")
    ours = jwk.import_key(service["decryption_jwk"]).as_dict(private=False)
    recipient = {name: voucher["recipient"].get(name) for name in ("kty", "crv", "x", "y")}
    require(recipient == {name: ours[name] for name in recipient}, "evidence goes to the service's own key")
    header = jws.extract_compact(settings["proof"].encode()).headers()
    prover = jwk.import_key(header["jwk"])
    proof = json.loads(jws.deserialize_compact(settings["proof"], prover, algorithms=["ES256"]).payload)
    require(header["typ"] == "dpop+jwt" and not prover.is_private, "the proof is one")
    require(proof["ath"] == sha256(settings["voucher"]), "the proof is for this voucher")
    require(prover.thumbprint() == voucher["cnf"]["jkt"], "it proves the key that the voucher names")
    require(set(json.loads(settings["body"])["fields"]) <= set(voucher["fields"]), "no more is asked than was granted")
    return voucher


def the_evidence(settings, voucher, holder_keys):
    """Read as its service reads it; not even the hub can."""
    header, signed = opened(settings["envelope"], settings["service"]["decryption_jwk"])
    require(header["cty"] == "evidence+jwt", "the evidence's envelope")
    evidence = signed_by(holder_keys, signed, "evidence+jwt")
    jwt.JWTClaimsRegistry(
        iss=exactly(settings["data_provider"]["id"]), aud=exactly(settings["service"]["client_id"]), exp={"essential": True}
    ).validate(evidence)
    for name in ("exchange", "evidence_type", "request_digest"):
        require(evidence[name] == voucher[name], f"{name} is the voucher's")
    require(evidence["voucher"] == sha256(voucher["jti"]), "it was got with this voucher")
    require(set(evidence["fields"]) <= set(voucher["fields"]), "it holds nothing that was not granted")
    require("sub" not in evidence and evidence["subject"] != voucher["sub"], "it names the citizen to nobody")
    return evidence


def what_was_shown_is_what_came(voucher, evidence):
    require(voucher["preview"]["state"] == "shown", "the citizen saw it")
    for name, value in evidence["fields"].items():
        text = json.dumps([name, value], separators=(",", ":"), ensure_ascii=False)
        require(voucher["preview"]["digests"][name] == digest(text), f"{name} is what the citizen saw")


def the_half(settings, text, names):
    """Which half of the delivery a receipt is; it says what its signer may say."""
    half = json.loads(jws.extract_compact(text.encode()).payload)["half"]
    signer, keys, name, exchange = names[half]
    receipt = signed_by(keys, text, "evidence-delivery+jwt")
    require(receipt["iss"] == signer and receipt["aud"] == settings["issuer"], "a half is by one side, for the hub")
    require(receipt[name] == exchange, "it is of this exchange")
    require(receipt["digest"] == digest(settings["envelope"]), "it is of this envelope")
    return half


def opened(text, key):
    algorithms = ["ECDH-ES+A256KW", "A256GCM"]
    envelope = jwe.decrypt_compact(text, jwk.import_key(key), algorithms=algorithms)
    return envelope.protected, envelope.plaintext.decode()


def signed_by(keys, text, kind):
    token = jwt.decode(text, keys, algorithms=["ES256"])
    require(token.header["typ"] == kind, f"{token.header['typ']} is {kind}")
    return token.claims


def fetched_keys(address):
    return jwk.KeySet.import_key_set(httpx.get(address).raise_for_status().json())


def exactly(value):
    return {"essential": True, "value": value}


def sha256(text):
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def digest(text):
    return "sha-256:" + sha256(text)


def require(holds, what):
    if not holds:
        raise ValueError("does not hold: " + what)


with open(sys.argv[1], encoding="utf-8") as file:
    print(json.dumps(main(json.load(file))))
