"""The guard: who gets in, from where, and what every answer carries. The real middleware before a small app."""

import re
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from dealwire.settings import Web
from dealwire.web.access import routes
from dealwire.web.guard import COOKIE, Guard
from dealwire.web.sessions import Sessions, TooManyTries, hashed
from dealwire.web.visitors import may_change, visitor
from schemas.errors import DealwireError, InvalidInput

READER, ADMIN = "to look at it", "to change it"
TOKEN = "Zm9yIHRoZSBodWJzIGFsb25lIQAB-_xy"
# Hashes that are checked in no time; `hashed` makes slow ones.
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORDS = Web(reader=QUICK.hash(READER), admin=QUICK.hash(ADMIN))


async def hooks(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hook")(scope, receive, send)


def client(settings: Web, host: str = "127.0.0.1", clock: list[float] | None = None) -> TestClient:
    now = clock or [0.0]
    sessions = Sessions(settings, lambda: now[0])
    app = FastAPI()
    app.include_router(routes(sessions, https=settings.https))

    @app.get("/")
    async def page(request: Request) -> Response:
        who = visitor(request)
        return HTMLResponse(
            f'<script src="/a.js"></script><input name="csrf" value="{who.csrf}">{who.role}',
            headers={"X-NiceGUI-Content": "page"},
        )

    @app.post("/change")
    async def change(request: Request) -> Response:
        try:
            may_change(request, str((await request.form()).get("csrf") or ""))
        except DealwireError as error:
            return PlainTextResponse(str(error), 403)
        return PlainTextResponse("changed")

    @app.get("/metrics")
    @app.get("/api/deals")
    async def data() -> str:
        return "data"

    app.add_middleware(Guard, settings=settings, sessions=sessions, host=host, public=["/metrics"], hooks=hooks)
    return TestClient(app, base_url="http://127.0.0.1:8765", follow_redirects=False)


def csrf(text: str) -> str:
    return re.findall(r'name="csrf" value="([^"]+)"', text)[0]


def log_in(browser: TestClient, password: str) -> Response:
    form = browser.get("/login")
    return browser.post("/login", data={"password": password, "csrf": csrf(form.text), "next": "/"})


@pytest.fixture
def open_site() -> Iterator[TestClient]:
    with client(Web()) as found:
        yield found


@pytest.fixture
def closed_site() -> Iterator[TestClient]:
    with client(PASSWORDS) as found:
        yield found


def test_without_passwords_the_one_at_this_machine_is_its_admin(open_site: TestClient) -> None:
    shown = open_site.get("/")
    assert "admin" in shown.text
    assert open_site.post("/change", data={"csrf": csrf(shown.text)}).text == "changed"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "[::1", "localhost.evil.example:8765"]
)
def test_a_name_that_is_not_ours_is_refused(open_site: TestClient, host: str) -> None:
    assert open_site.get("/", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "[::1]:8765", "LOCALHOST"])
def test_the_names_of_this_machine_are_ours(open_site: TestClient, host: str) -> None:
    assert open_site.get("/", headers={"Host": host}).status_code == 200


def test_names_in_the_settings_and_addresses_are_ours_where_it_is_bound_to_others() -> None:
    with client(Web(reader=PASSWORDS.reader, hosts=("wire.example",)), host="0.0.0.0") as site:
        for host, status in (("wire.example", 303), ("192.168.1.7:8765", 303), ("evil.example", 421)):
            assert site.get("/", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_forms_of_other_sites_change_nothing(open_site: TestClient, headers: dict[str, str]) -> None:
    token = csrf(open_site.get("/").text)
    assert open_site.post("/change", data={"csrf": token}, headers=headers).status_code == 403


def test_a_change_needs_the_token_of_this_very_session(open_site: TestClient) -> None:
    mine = csrf(open_site.get("/").text)
    for wrong in ("", "x", mine[:-1] + "0"):
        assert open_site.post("/change", data={"csrf": wrong}).status_code == 403 or wrong == mine
    open_site.cookies.clear()
    assert open_site.post("/change", data={"csrf": mine}).status_code == 403


def test_nobody_gets_in_without_a_password(closed_site: TestClient) -> None:
    sent = closed_site.get("/?kind=purchase")
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2F%3Fkind%3Dpurchase")
    assert closed_site.get("/api/deals").status_code == 401
    assert closed_site.post("/change").status_code == 401
    assert log_in(closed_site, "wrong").status_code == 401
    assert closed_site.get("/").status_code == 303


def test_hooks_and_metrics_need_none(closed_site: TestClient) -> None:
    assert closed_site.get("/metrics").status_code == 200
    assert closed_site.get(f"/{TOKEN}", headers={"Host": "hub.example"}).text == "hook"
    assert closed_site.post(f"/{TOKEN}", headers={"Origin": "https://hub.example"}).text == "hook"
    assert closed_site.get("/" + "a" * 31).status_code == 303


def test_a_reader_looks_and_an_admin_changes(closed_site: TestClient) -> None:
    assert log_in(closed_site, READER).headers["location"] == "/"
    shown = closed_site.get("/")
    assert "reader" in shown.text
    assert "only an admin" in closed_site.post("/change", data={"csrf": csrf(shown.text)}).text
    out = closed_site.post("/logout", data={"csrf": csrf(shown.text)})
    assert out.status_code == 303
    assert closed_site.get("/").status_code == 303
    log_in(closed_site, ADMIN)
    assert closed_site.post("/change", data={"csrf": csrf(closed_site.get("/").text)}).text == "changed"


def test_logging_in_makes_a_session_of_its_own(closed_site: TestClient) -> None:
    form = closed_site.get("/login")
    before = closed_site.cookies[COOKIE]
    closed_site.post("/login", data={"password": ADMIN, "csrf": csrf(form.text)})
    assert closed_site.cookies[COOKIE] != before
    closed_site.cookies.clear()
    closed_site.cookies.set(COOKIE, before)
    assert closed_site.get("/").status_code == 303


def test_a_session_ends_when_it_is_idle() -> None:
    clock = [0.0]
    with client(PASSWORDS, clock=clock) as site:
        log_in(site, READER)
        for at, status in ((11 * 3600, 200), (22 * 3600, 200), (35 * 3600, 303)):
            clock[0] = at
            assert site.get("/").status_code == status


def test_a_token_in_the_header_is_as_good_as_a_session(closed_site: TestClient) -> None:
    for password, status in ((READER, 200), ("wrong", 401)):
        assert closed_site.get("/api/deals", headers={"Authorization": f"Bearer {password}"}).status_code == status


def test_guessing_is_stopped_and_a_right_password_waits_too() -> None:
    clock = [0.0]
    sessions = Sessions(PASSWORDS, lambda: clock[0])
    for _ in range(5):
        assert sessions.role_of("wrong", "10.0.0.9") is None
    with pytest.raises(TooManyTries, match="try again in 5 min"):
        sessions.role_of(ADMIN, "10.0.0.9")
    assert sessions.role_of(READER, "10.0.0.10") == "reader"
    clock[0] = 301
    assert sessions.role_of(ADMIN, "10.0.0.9") == "admin"


def test_a_guesser_is_told_to_wait(closed_site: TestClient) -> None:
    for _ in range(5):
        log_in(closed_site, "wrong")
    refused = log_in(closed_site, ADMIN)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\r\nSet-Cookie: a"],
)
def test_logging_in_leads_nowhere_else(closed_site: TestClient, wanted: str) -> None:
    form = closed_site.get("/login", params={"next": wanted})
    sent = closed_site.post("/login", data={"password": READER, "csrf": csrf(form.text), "next": wanted})
    assert sent.headers["location"] == "/"


def test_what_is_asked_for_is_inert_in_the_login_page(closed_site: TestClient) -> None:
    shown = closed_site.get("/login", params={"next": '/"><script>alert(1)</script>'}).text
    assert "<script>alert" not in shown


def test_every_answer_carries_headers_that_keep_browsers_careful(
    open_site: TestClient, closed_site: TestClient
) -> None:
    for answer in (open_site.get("/"), open_site.get("/nothing"), closed_site.get("/"), closed_site.get("/login")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_scripts_of_a_page_have_the_nonce_of_its_policy(open_site: TestClient) -> None:
    one, two = open_site.get("/"), open_site.get("/")
    nonces = [re.findall(r"'nonce-([^']+)'", answer.headers["content-security-policy"])[0] for answer in (one, two)]
    assert nonces[0] != nonces[1]
    assert f'<script nonce="{nonces[0]}" src' in one.text
    assert int(one.headers["content-length"]) == len(one.content)


def test_cookies_are_for_this_server_alone(open_site: TestClient) -> None:
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(open_site.get("/").headers["set-cookie"].split("; "))
    with client(Web(https=True)) as site:
        assert "Secure" in site.get("/").headers["set-cookie"]


def test_long_bodies_are_refused_before_they_are_read(open_site: TestClient) -> None:
    assert open_site.post("/change", headers={"Content-Length": "7000000"}).status_code == 413
    assert open_site.post("/change", content=iter([b"a"])).status_code == 411


def test_a_password_cannot_be_put_into_the_settings_by_mistake() -> None:
    with pytest.raises(ValueError, match="write the hash") as error:
        Web(admin=ADMIN)
    assert ADMIN not in str(error.value.errors()[0]["msg"])


def test_the_hash_that_the_command_prints_is_taken() -> None:
    assert Sessions(Web(reader=hashed(READER))).role_of(READER, "10.0.0.9") == "reader"


def test_the_page_is_not_opened_to_others_without_a_password() -> None:
    from dealwire.settings import Settings
    from dealwire.web.app import create

    with pytest.raises(InvalidInput, match="set a password first"):
        create(Settings(), host="0.0.0.0")
