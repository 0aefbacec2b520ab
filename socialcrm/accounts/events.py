"""What happens to accounts."""

from __future__ import annotations

from dataclasses import dataclass

from ..events import Event


@dataclass(frozen=True)
class AccountOpened(Event):
    """Somebody signed up; `referral_code` is the code of the link that brought them, if any."""

    account_id: int
    customer_id: int
    referral_code: str | None = None


@dataclass(frozen=True)
class EmailLinkAsked(Event):
    """The account's mail address is to be proven by a link; `request_id` tells one request from the next."""

    account_id: int
    request_id: str


@dataclass(frozen=True)
class PhoneCodeAsked(Event):
    """A text message with a code is to be sent."""

    phone_code_id: int


@dataclass(frozen=True)
class PasswordResetAsked(Event):
    """A link that sets a new password is to be mailed; `request_id` tells one request from the next."""

    account_id: int
    request_id: str


@dataclass(frozen=True)
class StaffInvited(Event):
    """A colleague is to be mailed an invitation."""

    invitation_id: int
