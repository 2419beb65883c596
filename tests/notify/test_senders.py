"""Slack, mails and commands, against a real HTTP server, a real mail server and real programs."""

import json
import shlex
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dealwire.notify import environment, mail
from dealwire.notify.mail import Server
from dealwire.notify.tell import tell, try_out
from schemas.errors import DeliveryFailed, InvalidInput
from tests.notify.conftest import Mailbox, News, Receiver, alliance


@pytest.fixture
def posted(news: News, mailbox: Mailbox) -> News:
    """News for a subscriber by mail."""
    server = {"smtp": f"smtp://127.0.0.1:{mailbox.port}", "smtp_from": "dealwire <news@wire.example>"}
    news.settings = news.settings.model_copy(update=server)
    news.subscriber("email", "you@home.example")
    return news


def test_slack_gets_the_news_in_its_markup(news: News, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_URL", f"{receiver.url}/services/T0/B0/verysecret")
    news.subscriber("slack", "${SLACK_URL}")
    deal = alliance("a").deals[0].model_copy(update={"evidence": "Labs & <Cloud> agreed.", "site": "wire.example"})
    news.announce("a", deals=(deal,))
    assert tell(news.settings, now=news.now).sent == 1
    assert receiver.calls[0].path == "/services/T0/B0/verysecret"
    assert json.loads(receiver.calls[0].body) == {
        "text": "*a: a deal*\n• Example Labs → Example Cloud: purchase up to $30B\n"
        "> Labs &amp; &lt;Cloud&gt; agreed. <https://dealwire.example/test|wire.example>"
    }


def test_an_address_in_the_environment_is_neither_told_nor_stored(
    news: News, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = news.subscriber("slack", "${SLACK_URL}")
    news.announce("a")
    for url in (f"{receiver.url}/verysecret", "http://verysecret.example/verysecret", "verysecret", "ftp://verysecret"):
        monkeypatch.setenv("SLACK_URL", url)
        receiver.answers = [404]
        report = tell(news.settings, now=news.now)
        assert report.failed == 1
        assert "verysecret" not in str(report)
        receiver.answers = [404]
        with pytest.raises(DeliveryFailed) as caught:
            try_out(news.settings, one)
        assert "verysecret" not in str(caught.value)
        news.pass_by(days=1)
    for path in news.settings.database.parent.iterdir():
        assert b"verysecret" not in path.read_bytes(), path


def test_a_mail_tells_the_deals_and_the_sentences(posted: News, mailbox: Mailbox) -> None:
    posted.announce("a", title="Ä: a deal\r\nBcc: all@home.example")
    assert tell(posted.settings, now=posted.now).sent == 1
    (one,) = mailbox.mails
    assert (one["Subject"], one["To"]) == ("Ä: a deal Bcc: all@home.example", "you@home.example")
    assert one["From"] == "dealwire <news@wire.example>"
    assert one["Bcc"] is None
    assert one["Auto-Submitted"] == "auto-generated"
    text = one.get_content().replace("\r\n", "\n")
    assert "  Example Labs → Example Cloud: purchase up to $30B\n" in text
    assert "“This is a test: Example Labs buys up to $30 billion of compute from Example Cloud.”" in text
    assert "`dealwire notify remove one`" in text


def test_a_mail_that_is_not_taken_is_sent_again_under_the_same_id(posted: News, mailbox: Mailbox) -> None:
    posted.announce("a", "b")
    mailbox.answers = [250, 451]
    report = tell(posted.settings, now=posted.now)
    assert (report.sent, report.failed) == (1, 1)
    assert report.errors == (f"one: 127.0.0.1:{mailbox.port}: 451 said",)
    posted.pass_by(seconds=30)
    assert tell(posted.settings, now=posted.now).sent == 1
    ids = [one["Message-ID"] for one in mailbox.mails]
    assert len(set(ids)) == 2
    assert all(one.endswith("@wire.example>") for one in ids)
    assert ids[1] == f"<{posted.deliveries()[1].delivery_id}@wire.example>"


def test_an_address_that_nobody_has_is_said(posted: News) -> None:
    one = posted.subscriber("email", "nobody@home.example", name="two")
    with pytest.raises(DeliveryFailed, match="550 there is no such person"):
        try_out(posted.settings, one)


def test_a_login_goes_over_tls_alone(
    posted: News, mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_LOGIN", "me:right")
    named = {"smtp": f"smtp://${{SMTP_LOGIN}}@127.0.0.1:{mailbox.port}"}
    settings = posted.settings.model_copy(update=named)
    posted.announce("a")
    assert "offers no TLS" in tell(settings, now=posted.now).errors[0]
    assert mailbox.logins == []
    mailbox.tls = certified(tmp_path / "ca.pem", tmp_path / "key.pem")
    posted.pass_by(seconds=30)
    assert "certificate" in tell(settings, now=posted.now).errors[0].lower()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    posted.pass_by(days=1)
    assert tell(settings, now=posted.now).sent == 1
    assert mailbox.logins == [("me", "right", True)]
    monkeypatch.setenv("SMTP_LOGIN", "me:hunter2")
    posted.announce("b")
    (error,) = tell(settings, now=posted.now).errors
    assert "does not take the login: 535" in error
    assert "hunter2" not in error


def certified(ca: Path, key_file: Path) -> ssl.SSLContext:
    """A server's context with a certificate of its own for 127.0.0.1."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    ca.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_file.write_bytes(key.private_bytes(*form))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca, key_file)
    return context


@pytest.mark.parametrize("kind", ["webhook", "email", "command"])
def test_what_has_left_is_written_down_before_the_answer_comes(
    posted: News, receiver: Receiver, mailbox: Mailbox, tmp_path: Path, kind: str
) -> None:
    journal, seen = posted.settings.database.with_name(".news.duckdb.told"), []
    # A program may be quicker than who has started it, so it waits for the line.
    program = f"sh -c 'until grep -q ? {journal}; do sleep 0.02; done; cp {journal} {tmp_path / 'seen'}'"
    targets = {"webhook": receiver.url, "email": "you@home.example", "command": program}
    receiver.on_call = mailbox.on_mail = lambda count: seen.append(journal.read_text())
    posted.subscriber(kind, targets[kind])
    posted.announce("a")
    assert tell(posted.settings, now=posted.now).sent == 1
    told = (tmp_path / "seen").read_text() if kind == "command" else seen[0]
    assert told.split()[::2] == [posted.deliveries()[0].delivery_id, "?"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("smtp://mail.example", Server("mail.example", 25, False, None)),
        ("smtp://mail.example:587", Server("mail.example", 587, False, None)),
        ("smtps://${LOGIN}@mail.example", Server("mail.example", 465, True, "LOGIN")),
        ("smtp://[::1]:2525", Server("::1", 2525, False, None)),
    ],
)
def test_a_mail_server_is_read_from_its_address(text: str, expected: Server) -> None:
    assert mail.server(text) == expected


@pytest.mark.parametrize("text", ["", "mail.example", "http://mail.example", "smtp://", "smtp://a:b"])
def test_what_is_no_mail_server_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="smtp"):
        mail.server(text)


def test_a_command_gets_the_document_and_its_id(news: News, tmp_path: Path) -> None:
    program = tmp_path / "tell.py"
    program.write_text(
        "import os, sys, pathlib\n"
        "pathlib.Path(sys.argv[1]).write_text(os.environ['DEALWIRE_DELIVERY_ID'] + '\\n' + sys.stdin.read())\n"
    )
    news.subscriber("command", f"{shlex.quote(sys.executable)} {program} '{tmp_path}/what was told'")
    news.announce("a")
    assert tell(news.settings, now=news.now).sent == 1
    delivery_id, body = (tmp_path / "what was told").read_text().split("\n")
    assert delivery_id == json.loads(body)["id"] == news.deliveries()[0].delivery_id


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("sh -c 'echo first >&2; echo no room >&2; exit 3'", "exit code 3: no room"),
        ("/none/such", "cannot be started: No such file"),
        ("sleep 30", "was stopped after 1 s"),
    ],
)
def test_a_command_that_fails_is_tried_again(news: News, words: str, said: str) -> None:
    news.subscriber("command", words)
    news.announce("a")
    report = tell(news.settings.model_copy(update={"total_seconds": 1}), now=news.now)
    assert said in report.errors[0]
    assert report.waiting == 1


def test_what_a_variable_holds_is_hidden_in_part_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_URL", "https://hooks.example/T0/longsecret")
    assert environment.hidden("https://hooks.example/T0/longsecret", "A_URL") == "${A_URL}"
    assert "longsecret" not in environment.hidden("/T0/longsecret did not answer", "A_URL")
