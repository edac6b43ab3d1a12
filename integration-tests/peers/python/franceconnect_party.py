"""A relying party on france-connect-py, as an application of FranceConnect v2 stands: nothing but the base URL is
the hub's.

    python franceconnect_party.py '{"port": 4000, "issuer": "http://hub.example/api/v2", "client_id": "...", ...}'

See ../README.md for the settings and the addresses every relying party here serves.
"""

import json
import sys
from urllib.parse import urlsplit

from france_connect.clients import FranceConnect
from france_connect.enums import ACRValues

from party import serve

settings = json.loads(sys.argv[1])


class FranceConnectParty:
    name = "france-connect-py"

    def __init__(self):
        base = "{0.scheme}://{0.netloc}".format(urlsplit(settings["issuer"]))
        callback = settings["redirect_uri"]
        home = "{0.scheme}://{0.netloc}/".format(urlsplit(callback))
        self.client = FranceConnect(
            settings["client_id"], settings["client_secret"], settings["scope"].split(), callback, home, base
        )
        self.pending, self.session = {}, {}

    def start(self, _extra):
        url, nonce, state = self.client.get_authentication_url([ACRValues.EIDAS1])
        self.pending.update(nonce=nonce, state=state)
        return url

    def finish(self, query, _address):
        if "error" in query:
            raise ValueError(query["error"][0])
        if query["state"] != [self.pending["state"]]:
            raise ValueError("another state")
        tokens, id_token = self.client.get_id_token(query["code"][0])
        if id_token["nonce"] != self.pending["nonce"]:
            raise ValueError("another nonce")
        userinfo = self.client.get_user_info(tokens["access_token"])
        self.session["id_token"] = tokens["id_token"]
        return {"id_token": id_token, "userinfo": userinfo, "token_members": sorted(tokens)}

    def is_signed_in(self):
        return bool(self.session)

    def stop(self):
        return self.client.get_logout_url(self.session.pop("id_token"), "out")


serve(settings, FranceConnectParty())
