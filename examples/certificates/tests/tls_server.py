"""Servers on loopback whose certificates are looked at."""

import contextlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator

from authority import Issued


@contextlib.contextmanager
def tls_server(*chain: Issued) -> Iterator[int]:
    """Serves the first certificate and sends the others behind it. Gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"".join([chain[0].key_pem, *(issued.pem for issued in chain)]))
        file.flush()
        context.load_cert_chain(file.name)

    def serve(connection: socket.socket) -> None:
        # The socket is also closed where it is gone before it could be wrapped.
        with contextlib.suppress(OSError), connection, context.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(1)

    with accepting(serve) as port:
        yield port


@contextlib.contextmanager
def plain_server(answer: bytes) -> Iterator[int]:
    """Answers anything by these bytes; by none, it is silent and keeps the connection."""

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while connection.recv(65536):
                connection.sendall(answer)

    with accepting(serve) as port:
        yield port


@contextlib.contextmanager
def accepting(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return  # closed below
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        port: int = server.getsockname()[1]
        try:
            yield port
        finally:
            server.shutdown(socket.SHUT_RDWR)  # wakes the thread, which close alone would not
            thread.join()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
