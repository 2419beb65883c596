"""How routes answer: errors as problems in JSON (RFC 9457) with one line, and nothing at all where nothing changed.

A route that reads the warehouse is asked with `If-None-Match` before it is asked at all: as long as the file is the
same, so is the answer.
"""

import json
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from dealwire import __version__
from schemas.errors import DealwireError, InvalidInput, NotAWarehouse, QueryFailed, Retryable, WarehouseMissing
from schemas.ids import content_id

MEDIA_TYPE = "application/problem+json"


class NotFound(DealwireError):
    """There is nothing with this id, or at this address."""


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem, in one line."""
    told = {"title": HTTPStatus(status).phrase, "status": status, "detail": " ".join(detail.split())}
    return Response(json.dumps(told, ensure_ascii=False), status, dict(headers or {}), MEDIA_TYPE)


def status_of(error: DealwireError) -> int:
    """Whose fault it is: 4xx the asker's, 503 a matter of time."""
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, InvalidInput | QueryFailed):
        return 400
    if isinstance(error, Retryable | WarehouseMissing | NotAWarehouse):
        return 503
    return 500


def routes(database: Path) -> type[APIRoute]:
    """The class of the routes that answer from this database."""

    class Answering(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handler = super().get_route_handler()

            async def answer(request: Request) -> Response:
                try:
                    # As it is before it is read: a change meanwhile makes the answer old at once, never wrong for long.
                    tag = _tag(database, request)
                    if tag and tag in _tags(request.headers.get("if-none-match", "")):
                        return Response(status_code=304, headers=_fresh(tag))
                    response = await handler(request)
                    if tag and response.status_code == 200:
                        response.headers.update(_fresh(tag))
                    return response
                except RequestValidationError as error:
                    return problem(422, _in_words(error))
                except HTTPException as error:
                    return problem(error.status_code, str(error.detail), error.headers)
                except DealwireError as error:
                    status = status_of(error)
                    return problem(status, str(error), {"Retry-After": "5"} if status == 503 else None)

            return answer

    return Answering


def _tag(database: Path, request: Request) -> str | None:
    """What changes when the answer may: that of the file, of its log, of the program and of the question."""
    if request.method not in ("GET", "HEAD"):
        return None
    parts: list[object] = [__version__, request.url.path, request.url.query]
    for path in (database, database.with_name(f"{database.name}.wal")):
        try:
            found = path.stat()
        except OSError:
            if path == database:
                return None
            continue
        parts += [found.st_mtime_ns, found.st_size]
    return f'W/"{content_id(*parts)}"'


def _tags(told: str) -> set[str]:
    return {one if one.startswith("W/") else f"W/{one}" for one in map(str.strip, told.split(","))}


def _fresh(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache"}


def _in_words(error: RequestValidationError) -> str:
    told = []
    for one in error.errors()[:3]:
        name = ".".join(str(part) for part in one["loc"][1:]) or "the request"
        if one["type"] == "extra_forbidden":
            told.append(f"there is no parameter {name[:100]}; /api/docs lists those that there are")
        else:
            told.append(f"{name}: {one['msg'][:1].lower()}{one['msg'][1:]}")
    return "; ".join(told)
