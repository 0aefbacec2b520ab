"""Send one mail by SMTP from `smtp://user:password@host:port` (STARTTLS when offered) or `smtps://…`."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from urllib.parse import unquote, urlsplit

from ..settings import setting
from .models import Message

TIMEOUT_SECONDS = 20


def send_by_smtp(url: str, sender: str, message: Message) -> None:
    """Send it or raise; the Message-ID is made of the outbox key, so that a repetition is recognisable."""
    parts = urlsplit(url)
    mail = EmailMessage()
    mail["From"] = formataddr((str(setting("brand.name")), sender))
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{message.key}@{sender.rpartition('@')[2]}>"
    mail.set_content(message.body)
    secure = parts.scheme == "smtps"
    client_class = smtplib.SMTP_SSL if secure else smtplib.SMTP
    with client_class(
        str(parts.hostname), parts.port or (465 if secure else 25), timeout=TIMEOUT_SECONDS
    ) as client:
        if not secure and client.has_extn("starttls"):
            client.starttls()
        if parts.username:
            client.login(unquote(parts.username), unquote(parts.password or ""))
        client.send_message(mail)
