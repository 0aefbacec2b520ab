"""Tell the demo's world to the database: every happening in its order, by the areas' own actions, at its own time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from socialcrm.commands.demo.arriving import Arrivals
from socialcrm.commands.demo.helping import Help
from socialcrm.commands.demo.settling import Sums
from socialcrm.commands.demo.talking import Talk
from socialcrm.commands.demo.teaching import Teaching
from socialcrm.commands.demo.told import Happening, tell
from socialcrm.commands.demo.trading import Trade


@dataclass
class Story(Arrivals, Talk, Trade, Help, Sums, Teaching):
    """The whole past.

    First `begin()` puts down what nobody has to react to one by one; then each of `happenings()` is told in its
    order; `settle()` draws the sums.
    """

    def begin(self) -> None:
        """The brand and its staff, everybody who came, groups and their talk, orders and their points."""
        opening = self.world.customers[0].joined_at - timedelta(days=1)
        tell(Happening(opening, self.set_up_brand))
        for number, person in enumerate(self.world.staff, start=1):
            tell(Happening(opening + timedelta(minutes=number), partial(self.hire, person)))
        tell(Happening(opening + timedelta(hours=1), self.set_up_desks))
        self.take_in_people()
        for edge in self.world.referrals:
            tell(Happening(edge.at, partial(self.bring, edge)))
        for number, group in enumerate(self.world.groups):
            tell(Happening(opening + timedelta(hours=2, minutes=number), partial(self.open_group, group)))
        self.take_in_talk()
        self.take_in_trade()

    def happenings(self) -> list[Happening]:
        """What the product answers to, sorted by time."""
        parts = (
            self._alarms(),
            self._conversions(),
            self._refunds(),
            self._chats(),
            self._cases(),
            self._rounds(),
        )
        return sorted((one for part in parts for one in part), key=lambda one: one.at)
