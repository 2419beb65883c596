"""The API against its own description: whatever is asked, no server error, and answers as described."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import BaseSchema, Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.warehouse import samples
from tests.web.test_api import served

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


_PATHS = sorted(path for path in served(Path("nowhere.duckdb")).openapi()["paths"])


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> BaseSchema:
    path = samples.fill(tmp_path_factory.mktemp("described") / "sample.duckdb").path
    return schemathesis.openapi.from_asgi("/api/openapi.json", served(path))


@pytest.mark.parametrize("path", _PATHS)
def test_no_request_makes_a_server_error_and_answers_are_as_described(described: BaseSchema, path: str) -> None:
    @settings(
        max_examples=4,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described[path]["GET"].as_strategy())
    def ask(case: Case) -> None:
        case.call_and_validate(checks=_CHECKS)

    ask()


def test_all_of_it_is_described() -> None:
    assert len(_PATHS) == 13
