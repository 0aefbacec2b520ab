"""Send one mail by SMTP from `smtp://user:password@host:port` (STARTTLS when offered) or `smtps://…`."""

from __future__ import annotations

import re
import smtplib
import ssl
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
    # A colon may not stand in a Message-ID.
    name = re.sub(r"[^\w.-]", ".", message.key)
    mail["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    mail.set_content(message.body)
    secure = parts.scheme == "smtps"
    trust = ssl.create_default_context()
    host, port = str(parts.hostname), parts.port or (465 if secure else 25)
    with (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=trust)
        if secure
        else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    ) as client:
        client.ehlo()
        if not secure and client.has_extn("starttls"):
            client.starttls(context=trust)
        if parts.username:
            client.login(unquote(parts.username), unquote(parts.password or ""))
        client.send_message(mail)
