"""What a data provider does with a token of the hub, on joserfc: opens it where it is encrypted, and verifies it.

    python token_judge.py '{"issuer": "...", "token": "...", "typ": "at+jwt", "aud": "...", "decryption_jwk": {...}}'

Prints the claims as JSON; ends with the library's error otherwise.
"""

import json
import sys

import httpx
from joserfc import jwe, jwk, jwt
from joserfc.jwk import ECKey

settings = json.loads(sys.argv[1])
metadata = httpx.get(settings["issuer"] + "/.well-known/openid-configuration").raise_for_status().json()
keys = jwk.KeySet.import_key_set(httpx.get(metadata["jwks_uri"]).raise_for_status().json())

token = settings["token"]
if "decryption_jwk" in settings:
    key = ECKey.import_key(settings["decryption_jwk"])
    token = jwe.decrypt_compact(token, key, algorithms=["ECDH-ES", "A256GCM"]).plaintext.decode()
verified = jwt.decode(token, keys, algorithms=["ES256"])
if verified.header["typ"] != settings["typ"]:
    raise ValueError("a token of another type: " + verified.header["typ"])
jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": metadata["issuer"]},
    aud={"essential": True, "value": settings["aud"]},
    # An introspection answer has none, so that it never passes for an access token.
    exp={"essential": settings["typ"] == "at+jwt"},
).validate(verified.claims)
print(json.dumps(verified.claims))
