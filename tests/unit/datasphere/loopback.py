"""A tenant with real sockets that counts its connections."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from datasphere_glue.datasphere.auth import TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.datasphere.client import DatasphereClient
from tests.unit.datasphere.fakes import LOGIN, TOKEN_PATH

CONTENT = {"value": list(range(500))}


class Loopback:
    """Answers every path except `/missing`, and records requests without their tokens.

    `/gzip` is compressed; `/stall` sends one byte late and then nothing until the end.
    """

    def __init__(self) -> None:
        self.connections = 0
        self.paths: list[str] = []
        self.encodings: list[str] = []
        self.ending = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def client(self, until: float = float("inf")) -> DatasphereClient:
        """Return the real client with the real clock."""
        url = f"http://127.0.0.1:{self._server.server_port}"
        tokens = TokenSource(url + TOKEN_PATH, lambda _fresh: LOGIN)
        return DatasphereClient(url, tokens, RateBudget(60_000), until=until)

    @contextmanager
    def serving(self) -> Iterator["Loopback"]:
        """Serve until the context ends."""
        thread = Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self.ending.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5

            def setup(self) -> None:
                super().setup()
                loopback.connections += 1

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self._send({"access_token": "token", "expires_in": 3600})

            def do_GET(self) -> None:
                loopback.paths.append(self.path)
                loopback.encodings.append(self.headers["Accept-Encoding"])
                if self.path == "/stall":
                    self._stall()
                    return
                self._send(CONTENT, 404 if self.path == "/missing" else 200)

            def _send(self, content: Any, status: int = 200) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                if self.path == "/gzip":
                    body = gzip.compress(body)
                    self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _stall(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                loopback.ending.wait(0.8)
                self.wfile.write(b"{")
                loopback.ending.wait(30)
                self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        return Handler
