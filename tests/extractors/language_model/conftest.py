"""A language model of the tests: an HTTP server on this machine, which answers as told and keeps what it is asked."""

import http.server
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from extractors import builtin, language_model, run
from extractors.language_model import Options
from extractors.run import Outcome

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class Model:
    """Answers in the order in which they were given, the last one for ever; `asked` holds path, headers and JSON."""

    def __init__(self) -> None:
        self.answers: deque[Answer] = deque()
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.release = threading.Event()
        model = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                model.asked.append((self.path, headers, json.loads(body)))
                answer = model.answers.popleft() if len(model.answers) > 1 else model.answers[0]
                answer(self)

            def log_message(self, *args: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def says(self, content: Any, *, tokens: int | None = 100) -> None:
        """Answer with this as the completion's text; what is no text as JSON."""
        text = content if isinstance(content, str) else json.dumps(content)
        body: dict[str, Any] = {"choices": [{"message": {"role": "assistant", "content": text}}]}
        if tokens is not None:
            body["usage"] = {"total_tokens": tokens}
        self.sends(body)

    def tells(self, *deals: dict[str, Any], tokens: int | None = 100) -> None:
        """Answer with these deals."""
        self.says({"deals": list(deals)}, tokens=tokens)

    def sends(self, body: Any, status: int = 200, **headers: str) -> None:
        """Answer with a status and a body."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()

        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(data)

        self.answers.append(answer)

    def hangs(self) -> None:
        """Do not answer until `release` is set."""
        self.answers.append(lambda handler: (self.release.wait(10), None)[1])


@pytest.fixture
def model() -> Iterator[Model]:
    one = Model()
    yield one
    one.release.set()
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def options(model: Model, tmp_path: Path) -> Iterator[Options]:
    """How the tests ask it; nobody is asked any more when the test ends."""
    yield Options(
        endpoint=model.endpoint,
        model="tiny",
        parameters={"temperature": 0},
        answer_seconds=5,
        wait_seconds=0.3,
        cache=str(tmp_path / "answers.sqlite"),
    )
    language_model.use(None)


Read = Callable[..., list[Outcome]]


@pytest.fixture
def read(options: Options) -> Read:
    """What the language model's extractor makes of texts; a call is a pass of its own."""

    def reading(*texts: str, **changed: Any) -> list[Outcome]:
        language_model.use(options.model_copy(update=changed))
        using: Sequence[Any] = [one for one in builtin.extractors() if one.name not in ("chips", "models", "deals")]
        return [outcomes[-1] for outcomes in run.extract(texts, using=using, encoder=False)]

    return reading
