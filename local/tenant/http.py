"""The socket side of the embedded tenant: requests, and answers with or without faults."""

import socket
import socketserver
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import responses
from http.server import BaseHTTPRequestHandler
from threading import Event, Lock
from typing import Any
from urllib.parse import parse_qsl, unquote

JSON = "application/json; charset=utf-8"
XML = "application/xml"
HTML = "text/html; charset=utf-8"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Delivery(StrEnum):
    """How an answer reaches the client: whole, cut in mid-body, byte by byte, or not at all."""

    WHOLE = "whole"
    CUT = "cut"
    DRIP = "drip"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Request:
    """What the client sent; header names are lower case.

    `page_size` is the server's page and `ignored` holds the query options without effect for this
    request alone, by a fault.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    page_size: int | None = None
    ignored: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """The decoded path, without the query."""
        return unquote(self.target.partition("?")[0])

    @property
    def segments(self) -> tuple[str, ...]:
        """The decoded parts of the path: an encoded slash stays inside its part."""
        return tuple(unquote(part) for part in self.target.partition("?")[0].split("/")[1:])

    @property
    def query(self) -> dict[str, str]:
        """The decoded query options, without those that a fault makes the server ignore."""
        pairs = parse_qsl(self.target.partition("?")[2], keep_blank_values=True)
        return {name: value for name, value in pairs if name not in self.ignored}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sends; `body` is never empty by accident.

    `pause` is seconds between two bytes that drip.
    """

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE
    pause: float = 0.0


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """A keep-alive HTTP/1.1 server on loopback, one thread per connection, joined when closed.

    TCPServer and not HTTPServer, because the latter looks the host name up in DNS.
    """

    allow_reuse_address = True
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, port: int, respond: Callable[[Request], Answer]) -> None:
        self.respond = respond
        self.closing = Event()
        self._connections: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Record the connection, so that closing the server can end it, and serve it."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection and delete its record."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that went away; show everything else, which is a defect."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End every open connection, which wakes the threads that wait on an idle one."""
        self.closing.set()
        with self._lock:
            connections = tuple(self._connections)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        answer = self.server.respond(Request(self.command, self.path, headers, body))
        if answer.delivery is Delivery.RESET:
            self._reset()
        else:
            self._send(answer)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 -- names that http.server looks up

    def _send(self, answer: Answer) -> None:
        cut = answer.delivery is Delivery.CUT
        head = [
            f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}",
            f"Content-Type: {answer.content_type}",
            f"Content-Length: {len(answer.body)}",
            *(f"{name}: {value}" for name, value in answer.headers.items()),
            *(("Connection: close",) if cut else ()),
        ]
        body = answer.body[: len(answer.body) // 2] if cut else answer.body
        drip = answer.delivery is Delivery.DRIP
        # one write: a head and a body sent apart wait for each other's acknowledgement
        at_once = b"" if drip else body
        self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1") + at_once)
        for byte in body[len(at_once) :]:
            self.server.closing.wait(answer.pause)
            self.wfile.write(bytes([byte]))
        self.close_connection = self.close_connection or cut

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    def finish(self) -> None:
        """Close the files, and the socket too where it must answer with a reset."""
        super().finish()
        if self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == _RESET_ON_CLOSE:
            self.connection.close()

    def log_message(self, *_args: object, **_kwargs: object) -> None:
        """Print nothing: `EmbeddedTenant.requests` is the log."""
