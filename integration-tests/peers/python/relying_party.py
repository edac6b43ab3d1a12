"""A relying party on Authlib, the PyPI library many services use.

    python relying_party.py '{"port": 4000, "issuer": "...", "client_id": "...", ...}'

See ../README.md for the settings and the addresses every relying party here serves.
"""

import json
import secrets
import sys
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from joserfc import jwe, jwk, jwt
from joserfc.jwk import ECKey

from party import serve

settings = json.loads(sys.argv[1])
origin = "{0.scheme}://{0.netloc}".format(urlsplit(settings["redirect_uri"]))
metadata = httpx.get(settings["issuer"] + "/.well-known/openid-configuration").raise_for_status().json()

# One browser at a time is enough for a test: what the login under way must match on its return.
pending = {}
session = {}


def oauth():
    method = settings.get("token_endpoint_auth_method", "client_secret_basic")
    by_key = method == "private_key_jwt"
    client = OAuth2Client(
        settings["client_id"],
        ECKey.import_key(settings["private_jwk"]) if by_key else settings.get("client_secret"),
        token_endpoint_auth_method=method,
        redirect_uri=settings["redirect_uri"],
        scope=settings.get("scope", "openid"),
        code_challenge_method="S256",
    )
    if by_key:
        headers = {"kid": settings["private_jwk"]["kid"]}
        client.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], headers=headers, alg="ES256"))
    if method == "client_secret_jwt":
        client.register_client_auth_method(ClientSecretJWT(metadata["token_endpoint"], alg="HS256"))
    return client


def decrypted(token):
    if "decryption_jwk" not in settings:
        return token
    algorithms = ["ECDH-ES", "A256GCM", "A128CBC-HS256"]
    key = ECKey.import_key(settings["decryption_jwk"])
    return jwe.decrypt_compact(token, key, algorithms=algorithms).plaintext.decode()


def start(extra):
    pending.update(verifier=secrets.token_urlsafe(48), nonce=secrets.token_urlsafe(24))
    if "acr_values" in settings:
        extra.setdefault("acr_values", settings["acr_values"])
    url, pending["state"] = oauth().create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=pending["verifier"], nonce=pending["nonce"], **extra
    )
    return url


def finish(query, address):
    client = oauth()
    client.state = pending["state"]
    token = client.fetch_token(
        metadata["token_endpoint"], authorization_response=address, code_verifier=pending["verifier"]
    )
    keys = jwk.KeySet.import_key_set(httpx.get(metadata["jwks_uri"]).raise_for_status().json())
    algorithm = settings.get("id_token_signed_response_alg", "ES256")
    id_token = jwt.decode(decrypted(token["id_token"]), keys, algorithms=[algorithm])
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": metadata["issuer"]},
        aud={"essential": True, "value": settings["client_id"]},
        nonce={"essential": True, "value": pending["nonce"]},
        exp={"essential": True},
        sub={"essential": True},
    ).validate(id_token.claims)
    if query.get("iss", [metadata["issuer"]]) != [metadata["issuer"]]:
        raise ValueError("the answer names another issuer")
    answer = client.get(metadata["userinfo_endpoint"]).raise_for_status()
    if signed := settings.get("userinfo_signed_response_alg"):
        userinfo = jwt.decode(decrypted(answer.text), keys, algorithms=[signed]).claims
    else:
        userinfo = answer.json()
    if userinfo["sub"] != id_token.claims["sub"]:
        raise ValueError("userinfo is about somebody else")
    session["id_token"] = decrypted(token["id_token"])
    return {"id_token": id_token.claims, "userinfo": userinfo, "scope": token.get("scope")}


def stop():
    hint = session.pop("id_token", "")
    query = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": origin + "/"})
    return metadata["end_session_endpoint"] + "?" + query


class Party:
    name = "Authlib"
    start = staticmethod(start)
    finish = staticmethod(finish)
    stop = staticmethod(stop)

    @staticmethod
    def is_signed_in():
        return bool(session)


serve(settings, Party)
