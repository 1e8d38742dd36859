#!/usr/bin/env bash
# CouchDB takes `start_key` as JSON, so a string stands in quotes. ibmcloudant writes the value of `post_all_docs(start_key=…)`
# as JSON, and that of `get_all_dbs(start_key=…)` as it is: CouchDB 3.5 refuses it with 400, invalid UTF-8 JSON.
# Expected: the same word goes out as JSON from both.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ibmcloudant==0.11.12
"$folder/venv/bin/python" - <<'PYTHON'
import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from urllib.parse import parse_qs, urlsplit

from ibm_cloud_sdk_core.authenticators import NoAuthAuthenticator
from ibmcloudant.cloudant_v1 import CloudantV1

seen = {}


class Peer(BaseHTTPRequestHandler):
    def do_GET(self):
        seen["get_all_dbs"] = parse_qs(urlsplit(self.path).query)["start_key"][0]
        self.answer([])

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        # ibmcloudant compresses what it sends.
        body = json.loads(gzip.decompress(sent) if self.headers["Content-Encoding"] == "gzip" else sent)
        seen["post_all_docs"] = json.dumps(body["start_key"])
        self.answer({"rows": []})

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Peer)
threading.Thread(target=server.serve_forever, daemon=True).start()
service = CloudantV1(authenticator=NoAuthAuthenticator())
service.set_service_url(f"http://127.0.0.1:{server.server_port}")
service.disable_retries()
service.get_all_dbs(start_key="colonias")
service.post_all_docs(db="colonias", start_key="colonias")
server.shutdown()
print("ibmcloudant", version("ibmcloudant"))
for name, sent in sorted(seen.items()):
    print(f"{name}(start_key='colonias') sends {sent}")
assert seen == {"get_all_dbs": "colonias", "post_all_docs": '"colonias"'}, "it behaves otherwise now"
PYTHON
# Seen: get_all_dbs sends colonias; post_all_docs sends "colonias"
