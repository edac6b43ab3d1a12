"""A data provider without the kit: docs/data-providers.md, "On the wire", on joserfc and the standard library.

    python data_provider.py '{"port": 4000, "issuer": "...", "id": "famille", "client_id": "famille",
        "signing_jwk": {...}, "decryption_jwk": {...}, "evidence_type": "quotient-familial", "files": "files.json"}'

`files` is what it knows: `{"<sub>": {"quotient": 620, ...}}`, and under `mood` what is wrong with it today, if anything:
`slow`, `several` (it knows more than one), `forgetful` (of the vouchers it was shown), `mortal` (it dies when the hub has
let the evidence go). It prints `ready PORT`, and each request it served as
`seen {...}`, for whoever tests it.
"""

import hashlib
import json
import os
import secrets
import sys
import threading
import time
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from joserfc import jwe, jwk, jws, jwt
from joserfc.errors import JoseError

settings = json.loads(sys.argv[1])
issuer, us = settings["issuer"], settings["id"]
here = f"http://127.0.0.1:{settings['port']}/evidence"
signing, decryption = (jwk.import_key(settings[name]) for name in ("signing_jwk", "decryption_jwk"))
used, lock, hub = set(), threading.Lock(), {"keys": None, "asked": 0}


class Refused(Exception):
    """An answer that is no evidence: its status and its body."""


def on_file():
    with open(settings["files"], encoding="utf-8") as files:
        return json.load(files)


def mood():
    return on_file().get("mood")


def invalid(error="invalid_token", status=401):
    return Refused(status, {"error": error})


def sha256(data):
    data = data.encode() if isinstance(data, str) else data
    return urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def field_digest(name, value):
    return "sha-256:" + sha256(json.dumps([name, value], separators=(",", ":"), ensure_ascii=False))


def hub_keys(kid):
    """The hub's keys; fetched again for one we do not know, though not again at once."""
    known = hub["keys"]
    if (not known or kid not in {key.kid for key in known.keys}) and time.monotonic() - hub["asked"] > 10:
        hub["asked"] = time.monotonic()
        hub["keys"] = jwk.KeySet.import_key_set(httpx.get(issuer + "/jwks").raise_for_status().json())
    return hub["keys"]


def believed(text, body, proof):
    """What the voucher says, once everything holds that can be checked without asking anybody."""
    opened = jwe.decrypt_compact(text, decryption, algorithms=["ECDH-ES+A256KW", "A256GCM"]).plaintext.decode()
    keys = hub_keys(jws.extract_compact(opened.encode()).headers().get("kid"))
    voucher = jwt.decode(opened, keys, algorithms=["ES256", "EdDSA", "PS256"])
    claims = voucher.claims
    now = int(time.time())
    jwt.JWTClaimsRegistry(
        leeway=5,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": us},
        exp={"essential": True},
        iat={"essential": True},
    ).validate(claims)
    for_hub = claims["client"]["id"] == issuer
    if (
        voucher.header.get("typ") != "evidence-voucher+jwt"
        or claims["exp"] - claims["iat"] > 60
        or for_hub != (claims["phase"] == "prepare")
    ):
        raise invalid()
    prove(proof, text, claims["cnf"]["jkt"], now)
    if claims["request_digest"] != "sha-256:" + sha256(body):
        raise invalid()
    return claims


def prove(proof, text, thumbprint, now):
    """RFC 9449 §4.3: for this request, this voucher, by the key that the voucher names."""
    try:
        header = jws.extract_compact(proof.encode()).headers()
        key = jwk.import_key(header["jwk"])
        claims = json.loads(jws.deserialize_compact(proof, key, algorithms=["ES256", "EdDSA", "PS256"]).payload)
    except (JoseError, ValueError, KeyError, TypeError):
        raise invalid("invalid_dpop_proof") from None
    said = (header.get("typ"), claims.get("htm"), claims.get("htu"), claims.get("ath"))
    fresh = abs(now - claims.get("iat", 0)) <= 60
    if key.is_private or said != ("dpop+jwt", "POST", here, sha256(text)) or not fresh or key.thumbprint() != thumbprint:
        raise invalid("invalid_dpop_proof")


def ask_hub(path, form):
    """A request as the hub's client, authenticated with private_key_jwt."""
    now = int(time.time())
    claims = {"iss": settings["client_id"], "sub": settings["client_id"], "aud": issuer, "iat": now, "exp": now + 60}
    assertion = jwt.encode({"alg": "ES256", "kid": signing.kid}, {**claims, "jti": secrets.token_urlsafe(16)}, signing)
    form |= {
        "client_id": settings["client_id"],
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    answer = httpx.post(issuer + path, data=form)
    saw("POST", issuer + path, {"headers": dict(answer.request.headers), "body": answer.request.content.decode()},
        answer.status_code, {"headers": dict(answer.headers), "body": answer.text})
    return answer.raise_for_status()


def answer(authorization, proof, body):
    """The evidence for a request, sealed; and what we say of its delivery."""
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "dpop":
        raise invalid()
    try:
        voucher = believed(text, body, proof)
    except (JoseError, ValueError, KeyError, TypeError):
        raise invalid() from None
    try:
        asked = json.loads(body)
        fields = asked["fields"]
        covered = asked["evidence_type"] == voucher["evidence_type"] and set(fields) <= set(voucher["fields"])
        known = set(asked) <= {"evidence_type", "fields", "nonce"}
    except (ValueError, KeyError, TypeError):
        raise invalid("invalid_request", 400) from None
    if not (covered and known and fields):
        raise invalid("invalid_request", 400)
    with lock:
        if voucher["jti"] in used and mood() != "forgetful":
            raise invalid()
        used.add(voucher["jti"])

    held = on_file().get(voucher["sub"])
    if mood() == "several":
        raise Refused(409, {"status": "several_matches"})
    if held is None or asked["evidence_type"] != settings["evidence_type"]:
        raise Refused(404, {"status": "no_match"})
    values = {name: held[name] for name in fields if name in held}
    shown = voucher["preview"].get("digests")
    if shown is not None and any(shown.get(name) != field_digest(name, value) for name, value in values.items()):
        raise Refused(409, {"status": "changed"})
    try:
        good = ask_hub("/token/introspection", {"token": text}).json()
    except httpx.HTTPError:
        raise invalid("temporarily_unavailable", 503) from None
    if good.get("active") is not True or good.get("jti") != voucher["jti"]:
        raise invalid()
    if voucher["phase"] == "release" and mood() == "mortal":
        os._exit(1)
    sealed = seal(voucher, values)
    half = {
        "exchange": voucher["exchange"],
        "half": "released",
        "voucher": sha256(voucher["jti"]),
        "digest": "sha-256:" + sha256(sealed),
    }
    return sealed, half if voucher["phase"] == "release" else None


def seal(voucher, values):
    """Signed by us, then encrypted to the one who receives."""
    now = int(time.time())
    claims = {
        "iss": us,
        "aud": voucher["client"]["id"],
        "iat": now,
        "exp": now + 30 * 86400,
        "exchange": voucher["exchange"],
        "evidence_type": voucher["evidence_type"],
        "fields": values,
        "request_digest": voucher["request_digest"],
        "voucher": sha256(voucher["jti"]),
        "subject": secrets.token_urlsafe(16),
    }
    signed = jwt.encode({"alg": "ES256", "typ": "evidence+jwt", "kid": signing.kid}, claims, signing)
    to = jwk.import_key(voucher["recipient"])
    header = {"alg": voucher["recipient"]["alg"], "enc": "A256GCM", "cty": "evidence+jwt", "kid": to.kid}
    return jwe.encrypt_compact(header, signed, to, algorithms=[header["alg"], "A256GCM"])


def deliver(half):
    claims = {"iss": settings["client_id"], "aud": issuer, "iat": int(time.time()), "jti": secrets.token_urlsafe(16)}
    header = {"alg": "ES256", "typ": "evidence-delivery+jwt", "kid": signing.kid}
    ask_hub("/exchange/deliveries", half | {"receipt": jwt.encode(header, claims | half, signing)})


def told(text):
    """What the hub says of a citizen's decision (RFC 8417): for us, or nobody's. The answer (RFC 8935)."""
    try:
        keys = hub_keys(jws.extract_compact(text.encode()).headers().get("kid"))
        event = jwt.decode(text, keys, algorithms=["ES256", "EdDSA", "PS256"])
        expected = {"iss": issuer, "aud": settings["client_id"]}
        rules = {name: {"essential": True, "value": value} for name, value in expected.items()}
        jwt.JWTClaimsRegistry(**rules).validate(event.claims)
    except (JoseError, ValueError, KeyError, TypeError):
        return 400, {"err": "invalid_key"}
    return (202, None) if event.header.get("typ") == "secevent+jwt" else (400, {"err": "invalid_request"})


# Longer than anybody waits, in seconds.
LONG = 20


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        public = [key.as_dict(private=False) for key in (signing, decryption)]
        self.reply(200 if self.path == "/jwks" else 404, {"keys": public})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.path == "/events":
            return self.reply(*told(body), body)
        if mood() == "slow":
            time.sleep(LONG)
        authorization, proof = (self.headers.get_all(name, []) for name in ("authorization", "dpop"))
        half = None
        try:
            if len(authorization) != 1 or len(proof) != 1:
                raise invalid()
            sealed, half = answer(authorization[0], proof[0], body)
            self.reply(200, {"evidence": sealed}, body)
        except Refused as refused:
            self.reply(*refused.args, body)
        if half:
            deliver(half)

    def reply(self, status, document, asked=None):
        text = "" if document is None else json.dumps(document)
        headers = {"content-type": "application/json", "content-length": str(len(text)), "cache-control": "no-store"}
        if status == 401:
            headers["www-authenticate"] = f'DPoP error="{document["error"]}"'
        if asked is not None:
            request = {"headers": {name.lower(): value for name, value in self.headers.items()}, "body": asked}
            saw("POST", here.replace("/evidence", self.path), request, status, {"headers": headers, "body": text})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_arguments):
        """Quiet: what is worth knowing is printed by `saw`."""


def saw(method, url, request, status, answered):
    seen = {"method": method, "url": url, "request": request, "status": status, "answer": answered}
    print("seen", json.dumps(seen), flush=True)


server = ThreadingHTTPServer(("127.0.0.1", settings["port"]), Handler)
print("ready", settings["port"], flush=True)
server.serve_forever()
