"""Metrics: the state of warehouse, worker and parts as text that Prometheus reads."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from dealwire import watching
from dealwire.settings import Settings
from schemas.errors import DealwireError

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PATIENCE = 3.0
Sample = tuple[Mapping[str, str], float]


def text(settings: Settings, *, now: datetime | None = None) -> str:
    """All metrics; if the warehouse cannot be read, `dealwire_warehouse_readable` is 0 and its own are left out."""
    at = now or datetime.now(UTC)
    lines: list[str] = []

    def tell(name: str, kind: str, about: str, samples: Iterable[Sample]) -> None:
        found = [f"{name}{_labels(labels)} {value:g}" for labels, value in samples]
        if found:
            lines.extend((f"# HELP {name} {about}", f"# TYPE {name} {kind}", *found))

    state = watching.parts(settings)
    tell("dealwire_up", "gauge", "Whether dealwire up runs.", [({}, float(state["running"]))])
    tell(
        "dealwire_part_up",
        "gauge",
        "Whether a part of dealwire up runs.",
        [({"part": name}, float(part["state"] == "running")) for name, part in state["parts"].items()],
    )
    tell(
        "dealwire_part_restarts_total",
        "counter",
        "Times that a part has ended and was started again.",
        [({"part": name}, part["restarts"]) for name, part in state["parts"].items()],
    )
    _worker(tell, watching.worker(settings))
    try:
        # Who asks for metrics does not wait long.
        brief = settings.model_copy(update={"lock_seconds": min(settings.lock_seconds, _PATIENCE)})
        found = watching.warehouse(brief, now=at)
    except DealwireError:
        tell("dealwire_warehouse_readable", "gauge", "Whether the warehouse could be read.", [({}, 0)])
        return "\n".join(lines) + "\n"
    tell("dealwire_warehouse_readable", "gauge", "Whether the warehouse could be read.", [({}, 1)])
    tell(
        "dealwire_feeds",
        "gauge",
        "Feeds by state.",
        [({"state": name}, count) for name, count in found["feeds"].items()],
    )
    tell("dealwire_rows", "gauge", "Rows by table.", [({"table": name}, n) for name, n in found["rows"].items()])
    waiting = found["pending"]
    tell(
        "dealwire_pending",
        "gauge",
        "What waits for a step: feeds, articles, links (0 or 1), events.",
        [
            ({"step": "poll"}, waiting["feeds_due"]),
            ({"step": "read"}, waiting["to_read"]),
            ({"step": "extract"}, waiting["to_extract"]),
            ({"step": "link"}, float(waiting["to_link"])),
            ({"step": "send"}, waiting["to_send"]),
        ],
    )
    tell(
        "dealwire_lag_seconds",
        "gauge",
        "Time that the news of the last day took, by stage.",
        [
            ({"stage": row["stage"].replace(" ", "_"), "quantile": quantile}, row[name])
            for row in found["lags"]
            for quantile, name in (("0.5", "p50"), ("0.95", "p95"))
        ],
    )
    return "\n".join(lines) + "\n"


def _worker(tell: Any, state: Mapping[str, Any]) -> None:
    runs = state.get("runs", {})
    tell(
        "dealwire_runs_total",
        "counter",
        "Runs of the worker since it was started.",
        [
            ({"flow": name, "result": result}, one[result])
            for name, one in runs.items()
            for result in ("completed", "failed")
        ],
    )
    tell(
        "dealwire_run_seconds_total",
        "counter",
        "Time that these runs took.",
        [({"flow": name}, one["seconds"]) for name, one in runs.items()],
    )
    if "memory_mb" in state:
        tell("dealwire_worker_memory_bytes", "gauge", "Memory of the worker.", [({}, state["memory_mb"] * 1e6)])


def _labels(labels: Mapping[str, str]) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
