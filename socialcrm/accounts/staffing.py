"""Who works for the brand: invitations, roles, accounts switched off and on. All inside transaction()."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Select, func, select

from ..customers.actions import create_customer
from ..customers.identities import normal_email
from ..database import db, utcnow
from ..errors import Conflict, Invalid
from ..events import announce
from .actions import end_sessions, open_account
from .audit import audit
from .events import StaffInvited
from .models import ROLES, STAFF_ROLES, Account, StaffInvitation
from .proof import prove_identity
from .tokens import INVITATION_SECONDS


def invite_staff(email: str, name: str, role: str, acting: Account) -> StaffInvitation:
    """Ask a colleague by mail to join with a role.

    Raises Invalid `unknown_role`, `email_invalid`, `name_missing`; Conflict `account_exists`, `already_invited`.
    """
    if role not in STAFF_ROLES:
        raise Invalid("unknown_role", field="role")
    email, name = normal_email(email), " ".join(name.split())[:60]
    if not name:
        raise Invalid("name_missing", field="name")
    if db.session.scalar(select(Account.id).where(Account.email == email)) is not None:
        raise Conflict("account_exists", field="email")
    since = utcnow() - timedelta(seconds=INVITATION_SECONDS)
    waiting = _open().where(StaffInvitation.email == email, StaffInvitation.invited_at > since)
    if db.session.scalar(waiting) is not None:
        raise Conflict("already_invited", field="email")
    invitation = StaffInvitation(
        email=email, name=name, role=role, invited_by_id=acting.id, invited_at=utcnow()
    )
    db.session.add(invitation)
    db.session.flush()
    audit(acting, "staff_invited", "invitation", invitation.id, role=role)
    announce(StaffInvited(invitation.id))
    return invitation


def _open() -> Select[StaffInvitation]:
    return select(StaffInvitation).where(
        StaffInvitation.accepted_at.is_(None), StaffInvitation.withdrawn_at.is_(None)
    )


def open_invitation(invitation_id: int) -> StaffInvitation:
    """The invitation if it still waits; raises Invalid `link_expired`."""
    invitation = db.session.scalar(_open().where(StaffInvitation.id == invitation_id))
    if invitation is None:
        raise Invalid("link_expired")
    return invitation


def open_invitations(limit: int = 50) -> list[StaffInvitation]:
    """Invitations that wait, newest first."""
    return list(db.session.scalars(_open().order_by(StaffInvitation.id.desc()).limit(limit)))


def withdraw_invitation(invitation_id: int, acting: Account) -> None:
    """The mailed link stops working."""
    open_invitation(invitation_id).withdrawn_at = utcnow()
    audit(acting, "invitation_withdrawn", "invitation", invitation_id)


def accept_invitation(invitation_id: int, password_hash: str) -> Account:
    """Open the colleague's account; the mailed link proves the address. Raises Invalid `link_expired`."""
    invitation = open_invitation(invitation_id)
    customer = create_customer(invitation.name, source="staff")
    account = open_account(
        customer, password_hash=password_hash, email=invitation.email, role=invitation.role
    )
    prove_identity(account, "email")
    invitation.accepted_at = utcnow()
    audit(account, "invitation_accepted", "invitation", invitation.id)
    return account


def change_role(account: Account, role: str, acting: Account) -> None:
    """Give another role; Conflict `last_admin` when no active administrator would be left."""
    if role not in ROLES:
        raise Invalid("unknown_role", field="role")
    if role == account.role:
        return
    if role != "admin":
        _keep_an_admin(account)
    audit(acting, "role_changed", "account", account.id, before=account.role, after=role)
    account.role = role


def set_active(account: Account, active: bool, acting: Account) -> None:
    """Switch an account on or off; off signs it out everywhere. Conflict `last_admin`."""
    if account.active == active:
        return
    if not active:
        _keep_an_admin(account)
        end_sessions(account.id)
    account.active = active
    audit(acting, "account_activated" if active else "account_deactivated", "account", account.id)


def _keep_an_admin(account: Account) -> None:
    others = select(func.count()).where(
        Account.role == "admin", Account.active, Account.id != account.id, Account.password.is_not(None)
    )
    if account.role == "admin" and not db.session.scalar(others):
        raise Conflict("last_admin", field="role")
