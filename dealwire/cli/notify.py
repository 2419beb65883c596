"""`dealwire notify`: who is told of alliances, by webhook, Slack, mail or command."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from dealwire.cli import options
from dealwire.cli.output import print_json, print_table, say
from dealwire.cli.progress import Reporter
from schemas import NotifyReport
from schemas.deal import DealKind, DealStatus
from schemas.errors import InvalidInput
from schemas.subscriber import DeliveryState, Subscriber, SubscriberKind

app = typer.Typer(
    help="Tell others of alliances: webhooks, Slack, mail, commands.", no_args_is_help=True, rich_markup_mode=None
)
Name = Annotated[str, typer.Argument(help="The subscriber's name, as `dealwire notify list` has it.")]


@app.command()
def add(
    kind: Annotated[SubscriberKind, typer.Argument(help="How it is told.")],
    target: Annotated[
        str,
        typer.Argument(
            help="Address of a webhook, mail address, or command line; '${NAME}' stands for an environment variable."
        ),
    ],
    name: Annotated[str | None, typer.Option(help="What to call it.", show_default=False)] = None,
    secret_env: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Environment variable with what webhooks are signed with.", show_default=False
        ),
    ] = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="A webhook without a signature.")] = False,
    party: Annotated[
        list[str] | None, typer.Option(metavar="COMPANY", help="Only with this company; repeatable: one of them.")
    ] = None,
    kinds: Annotated[
        list[DealKind] | None, typer.Option("--kind", help="Only with a deal of this kind; repeatable.")
    ] = None,
    status: Annotated[list[DealStatus] | None, typer.Option(help="Only with this status; repeatable.")] = None,
    min_usd: options.MinUsd = None,
    min_confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Only with a deal as sure as this.", show_default=False)
    ] = None,
    updates: Annotated[bool, typer.Option("--updates", help="Tell of changes, too.")] = False,
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Add a subscriber; from now on it is told of each alliance that fits all filters, once.

    Kind, status and confidence have to be those of one deal in it.
    """
    from dealwire import steps
    from dealwire.notify.subscribing import subscriber
    from dealwire.warehouse import outbox, subscribers

    settings = options.settings(db, config)
    filters = {
        "parties": tuple(party or ()),
        "kinds": tuple(kinds or ()),
        "statuses": tuple(status or ()),
        "min_usd": None if min_usd is None else Decimal(str(min_usd)),
        "min_confidence": min_confidence,
        "updates": updates,
    }
    with steps.warehouse(settings).write() as con:
        one = subscriber(
            settings,
            kind,
            target,
            name=name,
            secret_name=secret_env,
            unsigned=unsigned,
            taken=[other.name for other in subscribers.all_of_them(con)],
            position=outbox.last_position(con),
            now=datetime.now(UTC),
            filters=filters,
        )
        subscribers.store(con, [one])
        unknown = [name for name in one.parties if not _is_known(con, name)]
    for name_ in unknown:
        say(f"no article has named {name_} yet; it counts from when one does")
    say(f"{one.name} is told of new alliances; `dealwire notify test {one.name}` sends an example")


@app.command("list")
def list_(db: options.Db = None, config: options.Config = None, as_json: options.Json = False) -> None:
    """List the subscribers with their filters and how many deliveries they have had."""
    from dealwire.warehouse import subscribers

    with options.opened(db, config).read() as con:
        found, counts = subscribers.all_of_them(con), subscribers.counts(con)
    if as_json:
        print_json(
            [
                one.model_dump(mode="json", exclude={"position"}) | {"deliveries": counts.get(one.subscriber_id, {})}
                for one in found
            ]
        )
    elif found:
        print_table(
            ("name", "kind", "target", "filters", "sent", "waiting", "dead"),
            (
                (
                    one.name,
                    f"{one.kind}{' (paused)' if one.paused else ''}",
                    one.target,
                    _filters(one),
                    *(counts.get(one.subscriber_id, {}).get(state, 0) for state in ("sent", "waiting", "dead")),
                )
                for one in found
            ),
        )
    else:
        say("nobody is told of anything; `dealwire notify add` changes that")


@app.command()
def remove(name: Name, db: options.Db = None, config: options.Config = None) -> None:
    """Forget a subscriber and its deliveries."""
    from dealwire import steps
    from dealwire.warehouse import subscribers

    with steps.warehouse(options.settings(db, config)).write() as con:
        subscribers.remove(con, subscribers.named(con, name).subscriber_id)
    say(f"{name} is told of nothing any more")


@app.command()
def pause(name: Name, db: options.Db = None, config: options.Config = None) -> None:
    """Tell a subscriber of nothing until it is resumed; what is announced meanwhile is told then."""
    _set_paused(name, True, db, config)
    say(f"{name} is told of nothing until `dealwire notify resume {name}`")


@app.command()
def resume(name: Name, db: options.Db = None, config: options.Config = None) -> None:
    """Tell a paused subscriber again, first what it has missed."""
    _set_paused(name, False, db, config)
    say(f"{name} is told again by the next run")


@app.command("test")
def try_out(name: Name, db: options.Db = None, config: options.Config = None) -> None:
    """Send a subscriber an example, marked as a test; exit 1 if it does not take it."""
    from dealwire.notify import tell
    from dealwire.warehouse import subscribers

    settings = options.settings(db, config)
    with options.opened(db, config).read() as con:
        one = subscribers.named(con, name)
    with Reporter() as progress:
        progress.say(f"sending an example to {one.target}")
        tell.try_out(settings, one)
    say(f"{name} took it")


@app.command()
def now(db: options.Db = None, config: options.Config = None, as_json: options.Json = False) -> None:
    """Tell what is due, as every run does at its end."""
    from dealwire.notify.tell import tell

    with Reporter() as progress:
        report = tell(options.settings(db, config), progress=progress)
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        summarise(report)


@app.command()
def deliveries(
    name: Annotated[str | None, typer.Argument(help="Only those of this subscriber.", show_default=False)] = None,
    dead: Annotated[bool, typer.Option("--dead", help="Only those that were given up.")] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait.")] = False,
    unfit: Annotated[bool, typer.Option("--unfit", help="Alliances that no filter fits instead.")] = False,
    limit: options.Limit = 20,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """List what was told to whom, what waits and what was given up, newest first."""
    from dealwire.warehouse import subscribers

    asked = {DeliveryState.DEAD: dead, DeliveryState.WAITING: waiting, DeliveryState.UNFIT: unfit}
    states = [state for state, wanted in asked.items() if wanted]
    if len(states) > 1:
        raise InvalidInput("one of --dead, --waiting and --unfit at a time")
    with options.opened(db, config).read() as con:
        which = subscribers.named(con, name).subscriber_id if name else None
        rows = subscribers.deliveries(con, subscriber_id=which, state=states[0] if states else None, limit=limit)
    if as_json:
        print_json(rows)
    elif rows:
        print_table(
            ("subscriber", "alliance", "state", "tries", "last try", "next try", "error", "id"),
            (
                (
                    row["subscriber"],
                    row["title"],
                    row["state"],
                    row["attempts"],
                    row["tried_at"],
                    row["next_at"],
                    row["error"],
                    row["delivery_id"][:10],
                )
                for row in rows
            ),
        )
    else:
        say(f"no delivery {'is ' + states[0] if states else 'was made yet'}")


@app.command()
def retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of dead deliveries, or how they begin.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Try deliveries again that were given up; the next run, or `dealwire notify now`, does it."""
    from dealwire import steps
    from dealwire.warehouse import subscribers

    if bool(ids) == everything:
        raise InvalidInput("give the ids that `dealwire notify deliveries --dead` shows, or --all")
    with steps.warehouse(options.settings(db, config)).write() as con:
        count = subscribers.revive(con, datetime.now(UTC), None if everything else ids)
    say(f"{count} deliveries are tried again" if count else "there is no dead delivery")


def summarise(report: NotifyReport) -> None:
    """Say in a few lines what a round of telling did."""
    if not report.subscribers:
        say("nobody is told of anything; `dealwire notify add` changes that")
        return
    parts = [f"{report.sent} told"]
    parts += [f"{report.repaired} were told before a stop"] if report.repaired else []
    parts += [f"{report.failed} tries failed"] if report.failed else []
    parts += [f"{report.dead} given up (`dealwire notify deliveries --dead`)"] if report.dead else []
    if report.waiting:
        when = f", the next at {report.next_at:%Y-%m-%d %H:%M:%S} UTC" if report.next_at else ""
        parts.append(f"{report.waiting} waiting{when}")
    say(f"subscribers: {', '.join(parts)}")
    for line in report.errors[:5]:
        say(f"  {line}")


def _set_paused(name: str, paused: bool, db: Any, config: Any) -> None:
    from dealwire import steps
    from dealwire.warehouse import subscribers

    with steps.warehouse(options.settings(db, config)).write() as con:
        subscribers.store(con, [subscribers.named(con, name).model_copy(update={"paused": paused})])


def _is_known(con: Any, name: str) -> bool:
    from dealwire.warehouse import queries

    try:
        queries.company_named(con, name)
    except InvalidInput:
        return False
    return True


def _filters(one: Subscriber) -> str:
    parts: Sequence[str] = [
        *(["with " + " or ".join(one.parties)] if one.parties else []),
        *([" or ".join(one.kinds)] if one.kinds else []),
        *([" or ".join(one.statuses)] if one.statuses else []),
        *([f"${one.min_usd:,.0f} or more"] if one.min_usd is not None else []),
        *([f"confidence {one.min_confidence:g} or more"] if one.min_confidence is not None else []),
        *(["changes, too"] if one.updates else []),
    ]
    return ", ".join(parts) or "all"
