"""The API against its own description: whatever is asked, no server error, and answers as described."""

from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.warehouse import samples
from tests.web.test_api import served

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_no_request_makes_a_server_error_and_answers_are_as_described(tmp_path: Path) -> None:
    path = samples.fill(tmp_path / "sample.duckdb").path
    described = schemathesis.openapi.from_asgi("/api/openapi.json", served(path))
    asked = 0
    for found in described.get_all_operations():

        @settings(
            max_examples=6, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=found.ok().as_strategy())
        def ask(case: Case) -> None:
            case.call_and_validate(checks=_CHECKS)

        ask()
        asked += 1
    assert asked >= 13
