"""A WebSub hub, run as a process of its own: `python -m tests.feeds.hub` prints its address.

`POST /` is the protocol; `POST /publish?topic=…&algorithm=…&secret=…` delivers its body to the subscribers of a topic
and answers with their statuses. `?silent` on the hub's address takes requests and never calls back, `?denies` denies,
`?lease=N` grants N seconds, `?moved` redirects.
"""

import hashlib
import hmac
import http.server
import json
import secrets
import sys
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlencode, urlsplit

_subscribers: dict[tuple[str, str], str] = {}
_log: list[dict[str, str]] = []


def call(url: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body of an answer, errors included."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers or {}), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Hub(http.server.BaseHTTPRequestHandler):
    """Subscriptions live in the process."""

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        options = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if parts.path == "/publish":
            self._answer(200, json.dumps(publish(options, body, self.headers.get("Content-Type", ""))).encode())
        elif "moved" in options:
            self.send_response(308)
            self.send_header("Location", "/?lease=600")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif "refuses" in options:
            self._answer(400, b"<p>topic not allowed</p>")
        else:
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            _log.append(form)
            self._answer(202, b"")
            if "silent" not in options:
                threading.Thread(target=verify, args=[form, options]).start()

    def do_GET(self) -> None:
        self._answer(200, json.dumps(_log).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None: ...


def verify(form: dict[str, str], options: dict[str, str]) -> None:
    """Ask the callback whether it asked."""
    mode, topic, callback = form["hub.mode"], form["hub.topic"], form["hub.callback"]
    if "denies" in options:
        call(f"{callback}?{urlencode({'hub.mode': 'denied', 'hub.topic': topic, 'hub.reason': 'not you'})}")
        return
    challenge = secrets.token_hex(8)
    told = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
    if mode == "subscribe":
        told["hub.lease_seconds"] = options.get("lease", form.get("hub.lease_seconds", "600"))
    status, body = call(f"{callback}?{urlencode(told)}")
    _log.append({"verified": str(status), "mode": mode})
    if 200 <= status < 300 and body == challenge.encode():
        if mode == "subscribe":
            _subscribers[topic, callback] = form.get("hub.secret", "")
        else:
            _subscribers.pop((topic, callback), None)


def publish(options: dict[str, str], body: bytes, content_type: str) -> list[int]:
    """Deliver to the subscribers of a topic; `secret` and `algorithm` replace the right ones."""
    statuses = []
    for (topic, callback), secret in list(_subscribers.items()):
        if topic != options["topic"]:
            continue
        algorithm = options.get("algorithm", "sha256")
        headers = {"Content-Type": content_type}
        if algorithm != "none":
            digest = hmac.new(options.get("secret", secret).encode(), body, getattr(hashlib, algorithm)).hexdigest()
            headers["X-Hub-Signature"] = f"{algorithm}={digest}"
        status, _ = call(callback, body, headers)
        if status == 410:
            del _subscribers[topic, callback]
        statuses.append(status)
    return statuses


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}/\n")
    sys.stdout.flush()
    # The one that started it has the other end of standard input; when that closes, so does the hub.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while sys.stdin.read(1):
        time.sleep(0.1)
