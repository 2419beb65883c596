"""What is there to install and operate dealwire: units, images, automations and the page about them say what is so."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from dealwire.cli import settings_page
from dealwire.cli.app import COMMANDS, command
from dealwire.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOYMENTS = ROOT / "deployments"
UNITS = sorted((DEPLOYMENTS / "systemd").iterdir())
COMPOSE = yaml.safe_load((DEPLOYMENTS / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (DEPLOYMENTS / "Dockerfile").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
INSTRUCTIONS = {
    "FROM", "WORKDIR", "RUN", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT",
    "CMD",
}  # fmt: skip


def parsed(name: str, words: list[str]) -> None:
    """Let the command line be parsed as it would be, down to its options; nothing is run."""
    built = command(name)
    context = built.make_context(name, [], resilient_parsing=True)
    while hasattr(built, "commands"):
        assert words, f"dealwire {name} needs a command of its own"
        assert words[0] in built.commands, f"dealwire {name} {words[0]}"
        built, words = built.commands[words[0]], words[1:]
        context = built.make_context(built.name, [], parent=context, resilient_parsing=True)
    try:
        built.make_context(built.name, list(words), parent=context)
    except typer.Exit:
        """It was asked for its help."""


def check(line: list[str]) -> None:
    """Check a command line that begins with what stands after `dealwire`."""
    assert line, "a command is missing"
    assert line[0] in COMMANDS, f"there is no `dealwire {line[0]}`"
    parsed(line[0], line[1:])


def instructions() -> list[tuple[str, str]]:
    lines = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in whole.splitlines()]


def test_the_image_is_made_of_instructions_that_there_are() -> None:
    found = instructions()
    assert {name for name, _ in found} <= INSTRUCTIONS
    assert found[0][0] == "FROM"
    for name in ("ENTRYPOINT", "CMD"):
        assert isinstance(yaml.safe_load(dict(found)[name]), list), f"{name} in the exec form, so that signals arrive"


def test_the_image_holds_what_the_wheel_is_built_from_and_no_more() -> None:
    taken = [
        place for name, text in instructions() if name == "COPY" and "--from" not in text for place in text.split()[:-1]
    ]
    assert all((ROOT / place).exists() for place in taken), taken
    ignored = (DEPLOYMENTS / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    assert ignored[0] == "*"
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == set(taken)
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    packages = yaml.safe_load(re.findall(r"^packages = (\[.*\])$", pyproject, re.MULTILINE)[0])
    assert set(packages) < set(taken)


def test_the_image_runs_as_a_user_without_rights_on_a_python_that_is_supported() -> None:
    found = instructions()
    last = max(at for at, (name, _) in enumerate(found) if name == "FROM")
    users = [text for name, text in found[last:] if name == "USER"]
    assert users == ["dealwire"]
    assert {text.split()[0] for name, text in found if name == "FROM"} == {"python:3.11-slim-bookworm"}


def test_the_image_starts_and_is_checked_by_commands_that_there_are() -> None:
    found = dict(instructions())
    assert yaml.safe_load(found["ENTRYPOINT"]) == ["dealwire"]
    check(yaml.safe_load(found["CMD"]))
    healthy = yaml.safe_load(found["HEALTHCHECK"].partition("CMD ")[2])
    assert healthy[0] == "dealwire"
    check(healthy[1:])


def services() -> list[tuple[str, dict[str, Any]]]:
    return list(COMPOSE["services"].items())


def test_the_compose_file_refers_to_what_it_defines() -> None:
    for name, service in services():
        for other, how in service.get("depends_on", {}).items():
            assert "healthcheck" in COMPOSE["services"][other], f"{name} waits for {other} to be healthy"
            assert how == {"condition": "service_healthy"}
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in COMPOSE["volumes"]
        if build := service.get("build"):
            assert (DEPLOYMENTS / build["context"] / build["dockerfile"]).resolve() == DEPLOYMENTS / "Dockerfile"
        assert service["restart"] == "unless-stopped"


def test_no_port_is_open_to_others_and_no_secret_is_written_down() -> None:
    for _, service in services():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or ("://" in str(value) and "@" in str(value)):
                assert "${POSTGRES_PASSWORD:?" in value, name


def test_the_services_commands_and_settings_are_known() -> None:
    for _, service in services():
        for name in service.get("environment", {}):
            if name.startswith("DEALWIRE_"):
                assert name.removeprefix("DEALWIRE_").lower() in Settings.model_fields
        healthy = service["healthcheck"]["test"]
        if healthy[1] == "dealwire":
            check(healthy[2:])
    worker = COMPOSE["services"]["worker"]
    assert "entrypoint" not in worker
    check(worker["command"])


def test_prefect_knows_the_servers_command_and_settings() -> None:
    from prefect.settings import get_current_settings

    server = COMPOSE["services"]["prefect"]
    assert server["entrypoint"] == ["prefect"]
    known = str(type(get_current_settings()).model_json_schema()).upper()
    image = dict(part.split("=", 1) for part in shlex.split(dict(instructions())["ENV"]))
    for name in [*server["environment"], *COMPOSE["services"]["worker"]["environment"], *image]:
        if name.startswith("PREFECT_"):
            assert name in known, name
    ran = subprocess.run(
        [sys.executable, "-m", "prefect", *server["command"], "--help"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("unit", UNITS, ids=[one.name for one in UNITS])
def test_units_run_commands_that_there_are(unit: Path) -> None:
    for line in re.findall(r"^ExecStart=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE):
        words = shlex.split(line)
        assert words[0] == "/opt/dealwire/bin/dealwire"
        check(words[1:])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    stand_in = tmp_path / "dealwire"
    stand_in.write_text("#!/bin/sh\n")
    stand_in.chmod(0o755)
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/dealwire/bin/dealwire", str(stand_in))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    names = [str(tmp_path / unit.name) for unit in UNITS]
    outer = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], env=outer, capture_output=True, text=True, check=False
    )
    told = [line for line in ran.stderr.splitlines() if str(tmp_path) in line or "dealwire" in line]
    assert (ran.returncode, told) == (0, []), ran.stderr


@pytest.mark.parametrize("path", sorted((DEPLOYMENTS / "automations").iterdir()), ids=lambda path: path.name)
def test_automations_are_what_prefect_takes_and_wait_for_events_that_there_are(path: Path) -> None:
    from prefect.events.schemas.automations import AutomationCore

    from schemas.events import EVENTS

    for one in yaml.safe_load(path.read_text(encoding="utf-8"))["automations"]:
        automation = AutomationCore.model_validate(one)
        expected = getattr(automation.trigger, "expect", set())
        assert expected
        assert expected <= set(EVENTS)


def test_the_page_has_every_setting() -> None:
    page = ROOT / "docs" / "operate.md"
    text = page.read_text(encoding="utf-8")
    assert settings_page.renewed(text) == text, "run: python -m dealwire.cli.settings_page docs/operate.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_pages_show_commands_that_there_are_and_link_to_files_that_there_are(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    for found in re.finditer(r"(?:^|\s|/)dealwire ((?:[a-z]+ )?[a-z][^\n#|;>]*)", blocks):
        words = shlex.split(found[1].split(" && ")[0].split(" >")[0])
        if words and words[0] in COMMANDS:
            assert words[0] in COMMANDS
            group = command(words[0])
            if hasattr(group, "commands"):
                assert words[1] in group.commands, found[0]
    for link in re.findall(r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)", text):
        assert (page.parent / link).exists(), link
