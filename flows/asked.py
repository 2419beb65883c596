"""Runs that are asked for in Prefect, by hand, by a schedule or by an automation, and taken by the warm worker.

Each flow is a deployment named after the database, without a work pool: `prefect deployment run link/deals.duckdb`
starts no process of its own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.responses import SetStateStatus
from prefect.deployments.runner import RunnerDeployment
from prefect.flow_engine import run_flow
from prefect.states import Pending
from prefect.types.entrypoint import EntrypointType

from dealwire.settings import Settings
from flows.announce import announce
from flows.backfill import backfill
from flows.extract import extract, reextract
from flows.ingest import ingest
from flows.link import link
from flows.maintain import maintain
from flows.pipeline import pipeline

FLOWS: tuple[Flow[..., Any], ...] = (ingest, extract, link, announce, maintain, backfill, reextract, pipeline)
_MAINTAIN = "12 3 * * *"
"""Every night, UTC."""

Deployed = Mapping[UUID, Flow[..., Any]]


def register(settings: Settings, tag: str) -> Deployed:
    """Make the deployments of this database, or bring them up to date; the flows by the ids of their deployments."""
    database = settings.place
    found: dict[UUID, Flow[..., Any]] = {}
    for one in FLOWS:
        deployment = one.to_deployment(
            settings.database.name,
            cron=_MAINTAIN if one is maintain else None,
            parameters={"database": database},
            tags=["dealwire", tag],
            description=f"{(one.fn.__doc__ or '').strip()}\n\nRun by the worker of `dealwire up`.",
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        # In a thread of its own Prefect gives these at once, and not to be awaited.
        found[cast(UUID, cast(RunnerDeployment, deployment).apply())] = one
    return found


def take(deployed: Deployed) -> str | None:
    """Do one run that is due, in this process; which flow that was, None if there was none to do."""
    with get_client(sync_client=True) as client:
        waiting = client.get_scheduled_flow_runs_for_deployments(
            list(deployed), scheduled_before=datetime.now(UTC), limit=1
        )
        if not waiting:
            return None
        # Of several that would have it the server gives it to one.
        if client.set_flow_run_state(waiting[0].id, Pending()).status is not SetStateStatus.ACCEPT:
            return None
        run = client.read_flow_run(waiting[0].id)
    assert run.deployment_id is not None
    chosen = deployed[run.deployment_id]
    run_flow(chosen, flow_run=run, parameters=run.parameters, return_type="state")
    return chosen.name
