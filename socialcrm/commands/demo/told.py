"""What has been told of the demo's world so far, and how one thing is told as of its moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from socialcrm.accounts.models import Account
from socialcrm.commands.demo.world import World
from socialcrm.database import db, happening_at
from socialcrm.events import Reaction, reacting_at_once

#: What is told for everybody together instead of after each happening.
TOGETHER = {"feel_mood", "tag_writer", "tell_orders", "count_in_trends"}


@dataclass(frozen=True)
class Happening:
    """Something to be done as of a moment."""

    at: datetime
    what: Callable[[], object]


def tell(happening: Happening) -> None:
    """Do it as of its moment, and what the product does in answer. Inside transaction()."""
    with happening_at(happening.at), reacting_at_once(_one_by_one):
        happening.what()
    db.session.flush()


def _one_by_one(reaction: Reaction) -> bool:
    """The search index, too, is built once at the end."""
    name = reaction.function.__name__
    return name not in TOGETHER and not name.startswith("find_")


@dataclass
class Told:
    """The world and what its keys became in the database."""

    world: World
    password_hash: str
    customers: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)
    conversations: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)
    converted: set[str] = field(default_factory=set)

    def account(self, key: str) -> Account:
        """The account of a person of the world."""
        return db.session.get_one(Account, self.accounts[key])
