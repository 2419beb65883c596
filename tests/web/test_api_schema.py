"""The API against its own description: whatever is asked, no server error, and answers as described."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
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


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> object:
    path: Path = samples.fill(tmp_path_factory.mktemp("described") / "sample.duckdb").path
    return schemathesis.openapi.from_asgi("/api/openapi.json", served(path))


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=6, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_no_request_makes_a_server_error(case: Case) -> None:
    case.call_and_validate(checks=_CHECKS)
