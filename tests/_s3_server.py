"""An S3 server on this machine: prints its port, then serves one request after the other."""

from __future__ import annotations

import sys

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

# Not threaded: moto looks whether an object exists and then writes it, which real S3 does in one.
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app))
sys.stdout.write(f"{server.port}\n")
sys.stdout.flush()
server.serve_forever()
