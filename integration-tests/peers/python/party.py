"""The web server of a relying party, whatever library it stands on: see ../README.md for what it serves."""

import html
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


def serve(settings, party):
    """Serves `party`: `start(extra)` and `stop()` yield addresses, `finish(query, address)` what is known then,
    `is_signed_in()` whether somebody is; `name` is the library's."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(settings["redirect_uri"]))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            # The answer in response mode `form_post`: what would else stand in the address.
            form = self.rfile.read(int(self.headers["content-length"])).decode()
            self.path += "?" + form
            self.do_GET()

        def do_GET(self):
            address = urlsplit(self.path)
            query = parse_qs(address.query)
            try:
                self.answer(address.path, query)
            except Exception as error:  # whatever failed is what the test wants to read
                code = getattr(error, "error", None) or type(error).__name__
                self.page(400, "error", code, {"message": str(error)})

        def answer(self, path, query):
            if path == "/":
                self.page(200, "outcome", "signed in" if party.is_signed_in() else "signed out", {})
            elif path == "/login":
                self.redirect(party.start({name: values[0] for name, values in query.items()}))
            elif path == urlsplit(settings["redirect_uri"]).path:
                self.page(200, "outcome", "signed in", party.finish(query, origin + self.path))
            elif path == "/logout":
                self.redirect(party.stop())
            else:
                self.page(404, "error", "not found", {})

        def redirect(self, location):
            self.send_response(303)
            self.send_header("location", location)
            self.end_headers()

        def page(self, status, identifier, text, details):
            body = (
                f'<!doctype html><html lang="en"><title>{party.name}</title>'
                f'<p id="{identifier}">{html.escape(text)}</p>'
                f'<pre id="details">{html.escape(json.dumps(details))}</pre></html>'
            ).encode()
            self.send_response(status)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            """Quiet: the address of a callback holds a code."""

    server = ThreadingHTTPServer(("127.0.0.1", settings["port"]), Handler)
    print("ready", settings["port"], flush=True)
    server.serve_forever()
