"""The product's story on one page: which event makes which area act.

In the order in which things happen. Nobody else registers a reaction. A reaction is one to three lines: it
reads from any area what the event only names, and hands values to one action.
"""

from __future__ import annotations

from .accounts.events import AccountOpened, EmailLinkAsked, PasswordResetAsked, PhoneCodeAsked
from .accounts.links import email_link, reset_link
from .accounts.models import Account, PhoneCode
from .accounts.proof import phone_code
from .customers.actions import record_on_timeline
from .database import db
from .events import LIVE, reacts_to
from .outbox.actions import send_mail, send_sms

# Somebody signs up and proves an address.


@reacts_to(AccountOpened)
def note_sign_up(event: AccountOpened) -> None:
    account = db.session.get_one(Account, event.account_id)
    record_on_timeline(event.customer_id, "signed_up", "account", event.account_id, account.created_at)


@reacts_to(EmailLinkAsked, lane=LIVE)
def mail_email_link(event: EmailLinkAsked) -> None:
    account = db.session.get_one(Account, event.account_id)
    _mail_link("verify_email", account, event.request_id, email_link(account))


@reacts_to(PasswordResetAsked, lane=LIVE)
def mail_reset_link(event: PasswordResetAsked) -> None:
    account = db.session.get_one(Account, event.account_id)
    _mail_link("reset", account, event.request_id, reset_link(account))


def _mail_link(template: str, account: Account, request_id: str, link: str) -> None:
    key = f"{template}:{account.id}:{request_id}"
    name = account.customer.display_name
    send_mail(template, to=account.email or "", key=key, language=account.language, name=name, link=link)


@reacts_to(PhoneCodeAsked, lane=LIVE)
def text_phone_code(event: PhoneCodeAsked) -> None:
    code = db.session.get_one(PhoneCode, event.phone_code_id)
    send_sms("code", to=code.phone, key=f"phone_code:{code.id}", code=phone_code(code), minutes=10)
