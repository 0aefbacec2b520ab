"""Mails leave through any mail server that SMTP_URL names: plain, STARTTLS with a password, or TLS from the start."""

import dataclasses
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from socialcrm.database import db, transaction
from socialcrm.outbox.actions import send_mail
from socialcrm.outbox.models import Message
from tests.servers import free_port


class Letterbox:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.letters: list[Envelope] = []

    async def handle_DATA(self, server: object, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.letters.append(envelope)
        return "250 kept"


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server context whose certificate this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(
            name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1)
        )
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "mail.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def only_the_brand(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"brand", b"p@ss/word"))


@contextmanager
def mail_server(**options: object) -> Iterator[tuple[int, list[Envelope]]]:
    box = Letterbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port, box.letters
    finally:
        controller.stop()


def send(app: Flask, drain: Callable[[], int], url: str) -> Message:
    """Queue a mail, let the worker carry it, and return its row as it is then."""
    app.extensions["config"] = dataclasses.replace(
        app.extensions["config"], smtp_url=url, mail_from="service@brand.example"
    )
    with transaction():
        send_mail("plain", to="lina@example.com", key="welcome:1", subject="你好，李娜", text="欢迎回来")
    drain()
    return db.session.scalars(db.select(Message)).one()


def test_a_mail_arrives_with_its_text_and_a_lasting_id(app: Flask, drain: Callable[[], int]) -> None:
    with mail_server() as (port, letters):
        assert send(app, drain, f"smtp://127.0.0.1:{port}").state == "sent"
    (letter,) = letters
    mail = message_from_bytes(letter.original_content, policy=policy.default)
    assert letter.rcpt_tos == ["lina@example.com"]
    assert (mail["Subject"], mail["Message-ID"]) == ("你好，李娜", "<welcome.1@brand.example>")
    assert mail.get_content().strip() == "欢迎回来"


def test_a_password_goes_only_over_an_encrypted_line(
    app: Flask, drain: Callable[[], int], certificate: ssl.SSLContext
) -> None:
    options = {"tls_context": certificate, "require_starttls": True, "auth_required": True}
    with mail_server(authenticator=only_the_brand, **options) as (port, letters):
        assert send(app, drain, f"smtp://brand:p%40ss%2Fword@127.0.0.1:{port}").state == "sent"
    assert len(letters) == 1


def test_tls_from_the_start(app: Flask, drain: Callable[[], int], certificate: ssl.SSLContext) -> None:
    with mail_server(ssl_context=certificate) as (port, letters):
        assert send(app, drain, f"smtps://127.0.0.1:{port}").state == "sent"
    assert len(letters) == 1


def test_a_server_nobody_vouches_for_gets_no_mail(
    app: Flask, drain: Callable[[], int], certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with mail_server(ssl_context=certificate) as (port, letters):
        message = send(app, drain, f"smtps://127.0.0.1:{port}")
    assert (message.state, message.attempts) == ("queued", 1)
    assert letters == []


def test_a_server_that_is_away_is_tried_again_later(app: Flask, drain: Callable[[], int]) -> None:
    message = send(app, drain, f"smtp://127.0.0.1:{free_port()}")
    assert (message.state, message.attempts) == ("queued", 1)
    assert message.due_at > message.created_at
