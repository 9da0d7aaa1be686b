"""A serving thread answers connections and ends at once when it is stopped."""

import socket
import threading
from socketserver import StreamRequestHandler, TCPServer

from local.serving import ServingThread

PATIENCE = 10.0


class Greeting(StreamRequestHandler):
    """Sends a word to each connection."""

    def handle(self) -> None:
        self.wfile.write(b"hello")


def greeted(server: TCPServer) -> bytes:
    with socket.create_connection(server.socket.getsockname(), PATIENCE) as connection:
        return connection.recv(16)


def test_connections_are_answered_one_after_another_until_stop() -> None:
    with TCPServer(("127.0.0.1", 0), Greeting) as server:
        thread = ServingThread(server, "greeting")
        assert [greeted(server) for _ in range(3)] == [b"hello"] * 3
        thread.stop()
        assert "greeting" not in {one.name for one in threading.enumerate()}


def test_a_thread_without_a_connection_stops() -> None:
    with TCPServer(("127.0.0.1", 0), Greeting) as server:
        ServingThread(server, "unused").stop()
        assert "unused" not in {one.name for one in threading.enumerate()}
