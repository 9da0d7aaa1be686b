"""Serving in a thread that wakes up for connections only.

`serve_forever` looks several times per second whether to stop, which costs a test run seconds.
"""

import socket
from socketserver import TCPServer
from threading import Event, Thread


class ServingThread:
    """The thread that serves the connections of one server, from creation to `stop`."""

    def __init__(self, server: TCPServer, name: str) -> None:
        self._server = server
        self._stopping = Event()
        self._thread = Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop accepting connections; open ones are left to the server."""
        self._stopping.set()
        # The thread waits for a connection, so it gets one.
        socket.create_connection(self._server.socket.getsockname()).close()
        self._thread.join()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._server.handle_request()
