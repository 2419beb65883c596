"""Options: which model is asked where, and how much it may cost."""

from typing import Any

from pydantic import Field

from schemas.base import Frozen


class Options(Frozen):
    """What asking needs to know; all of it is plain JSON, so that it can go along to other processes.

    The key is not among it: each process takes it from its environment when it asks.
    """

    endpoint: str = Field(description="Base address of the API, such as http://127.0.0.1:11434/v1.")
    model: str
    key_variable: str = Field("", description="Environment variable that holds the key; empty: none is sent.")
    parameters: dict[str, Any] = Field(default_factory=dict, description="Sent along with every question.")
    requests_a_day: int = 200
    tokens_a_day: int = 500_000
    answer_seconds: float = 60
    wait_seconds: float = 20
    longest_text: int = 20_000
    proxy: str | None = None
    cache: str = Field(description="File of the answers and of what was used on which day.")
