"""Cases under the HTTP: TLS that is not what it should be, HTTP/2 that breaks its own rules."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import h2.config
import h2.connection
import h2.events
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.feeds.hostile.feeds import rss


class Authority:
    """An authority of our own, and certificates by it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hostile tests")])
        own = self._signed(self._name, self._key, days=10, ca=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def context(
        self, address: str = "127.0.0.1", *, days: int = 10, own: bool = False, h2: bool = False
    ) -> ssl.SSLContext:
        """A server's context; `days` may be over, `own` means signed by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
        signed = self._signed(name, key, days=days, address=address, signer=(name, key) if own else None)
        file = self._folder / f"{address}-{days}-{own}-{h2}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.set_alpn_protocols(["h2"] if h2 else ["http/1.1"])
        return context

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int, address: str = "", ca: bool = False,
        signer: tuple[x509.Name, ec.EllipticCurvePrivateKey] | None = None,
    ) -> x509.Certificate:  # fmt: skip
        issuer, by = signer or (self._name, self._key)
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=30)).not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )  # fmt: skip
        if address:
            alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
            builder = builder.add_extension(alternative, critical=False)
        return builder.sign(by, hashes.SHA256())


Rude = Callable[[h2.connection.H2Connection, ssl.SSLSocket, int], None]


def _answer(
    link: h2.connection.H2Connection, sock: ssl.SSLSocket, stream: int, body: bytes, *, end: bool = True
) -> None:
    link.send_headers(stream, [(":status", "200"), ("content-type", "application/rss+xml")])
    for at in range(0, len(body), 8000):
        link.send_data(stream, body[at : at + 8000])
    if end:
        link.end_stream(stream)
    sock.sendall(link.data_to_send())


def well(link: h2.connection.H2Connection, sock: ssl.SSLSocket, stream: int) -> None:
    _answer(link, sock, stream, rss(name="h2").encode())


def resets(link: h2.connection.H2Connection, sock: ssl.SSLSocket, stream: int) -> None:
    link.reset_stream(stream, 2)
    sock.sendall(link.data_to_send())


def resets_half_way(link: h2.connection.H2Connection, sock: ssl.SSLSocket, stream: int) -> None:
    _answer(link, sock, stream, b"<rss>", end=False)
    resets(link, sock, stream)


def goes_away(link: h2.connection.H2Connection, sock: ssl.SSLSocket, stream: int) -> None:
    link.close_connection(11)
    sock.sendall(link.data_to_send())


def falls_silent(link: h2.connection.H2Connection, sock: ssl.SSLSocket, stream: int) -> None:
    _answer(link, sock, stream, b"<rss>", end=False)


def pings(link: h2.connection.H2Connection, sock: ssl.SSLSocket, stream: int) -> None:
    while True:
        link.ping(b"12345678")
        sock.sendall(link.data_to_send())


def sends_a_bad_frame(link: h2.connection.H2Connection, sock: ssl.SSLSocket, stream: int) -> None:
    sock.sendall(b"\xff\xff\xff\x00\x00\x7f\xff\xff\xff" + b"x" * 1000)


def sends_headers_without_end(link: h2.connection.H2Connection, sock: ssl.SSLSocket, stream: int) -> None:
    sock.sendall(b"\x00\x00\x01\x01\x00" + stream.to_bytes(4, "big") + b"\x88")
    while True:
        sock.sendall(b"\x00\x40\x00\x09\x00" + stream.to_bytes(4, "big") + b"\x00" * 16384)


def sends_a_body_without_end(link: h2.connection.H2Connection, sock: ssl.SSLSocket, stream: int) -> None:
    link.send_headers(stream, [(":status", "200")])
    while True:
        while link.local_flow_control_window(stream) < 16000:
            link.receive_data(sock.recv(65536))
        link.send_data(stream, b"x" * 16000)
        sock.sendall(link.data_to_send())


RUDE: dict[str, tuple[Rude, tuple[str, ...], int]] = {
    "h2-well": (well, ("ok",), 3),
    "h2-resets": (resets, ("retry", "error"), 0),
    "h2-resets-half-way": (resets_half_way, ("retry", "error"), 0),
    "h2-goes-away": (goes_away, ("retry", "error"), 0),
    "h2-falls-silent": (falls_silent, ("retry",), 0),
    "h2-pings": (pings, ("retry", "error"), 0),
    "h2-bad-frame": (sends_a_bad_frame, ("retry", "error"), 0),
    "h2-headers-without-end": (sends_headers_without_end, ("retry", "error"), 0),
    "h2-body-without-end": (sends_a_body_without_end, ("refused",), 0),
}


class Http2Server:
    """Speaks HTTP/2 over TLS and treats each path as `RUDE` says."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(Exception):
            sock = self._context.wrap_socket(connection, server_side=True)
            link = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
            link.initiate_connection()
            sock.sendall(link.data_to_send())
            sock.settimeout(60)
            while data := sock.recv(65536):
                for event in link.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        path = dict(event.headers).get(b":path", b"").decode().strip("/")
                        RUDE[path][0](link, sock, event.stream_id)
                sock.sendall(link.data_to_send())
