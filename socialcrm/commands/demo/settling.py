"""The sums of everything that was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from socialcrm.commands.demo.told import Told
from socialcrm.customers.actions import put_fact, put_tag
from socialcrm.customers.models import Customer as CustomerRow
from socialcrm.customers.mood import next_mood
from socialcrm.customers.queries import consenting
from socialcrm.customers.tagging import tags_of_opinion
from socialcrm.database import db, happening_at
from socialcrm.days import today
from socialcrm.desks.listening.texts import hear_texts
from socialcrm.events import reacting_at_once
from socialcrm.outbox.actions import read_notices
from socialcrm.outbox.models import Message as Notice
from socialcrm.referrals.queries import referral_counts
from socialcrm.sentiment.models import OpinionRow
from socialcrm.sentiment.queries import mood_score
from socialcrm.sentiment.trends.actions import begin_anew, next_opinions, recount
from socialcrm.sentiment.trends.spikes import find_spikes
from socialcrm.shop.queries import spent_by
from socialcrm.value.actions import revalue_referee

SPIKE_DAYS = 12


@dataclass
class Sums(Told):
    """Mood, tags, what was spent, and what the chains are worth."""

    def settle(self) -> None:
        """Mood, tags, what was spent, and what the chains are worth: from everything that was told."""
        self._feel()
        self._listen()
        self._read_notices()
        for customer_id, (count, cents) in spent_by(list(self.customers.values())).items():
            put_fact(customer_id, "shop.orders", count=count, net_cents=cents)
        for referrer in {edge.referrer for edge in self.world.referrals}:
            referrer_id = self.customers[referrer]
            put_fact(referrer_id, "referrals.invited", **referral_counts(referrer_id))
        for edge in self.world.referrals:
            revalue_referee(self.customers[edge.referred])

    def _listen(self) -> None:
        """The counts of everything that was said, and the spikes of the last days as each day would have found them."""
        begin_anew()
        after = 0
        while texts := next_opinions(after):
            recount(hear_texts(texts))
            after = texts[-1][0]
        for back in range(SPIKE_DAYS, 0, -1):
            evening = (self.world.now - timedelta(days=back)).replace(hour=23, minute=30)
            with happening_at(evening), reacting_at_once():
                find_spikes(today())

    def _read_notices(self) -> None:
        """Everybody has seen their notices but those of the last two days."""
        seen = (
            select(Notice.customer_id, func.max(Notice.id))
            .where(
                Notice.channel == "notice",
                Notice.customer_id.is_not(None),
                Notice.created_at < self.world.now - timedelta(days=2),
            )
            .group_by(Notice.customer_id)
        )
        for customer_id, up_to in db.session.execute(seen).all():
            read_notices(customer_id or 0, up_to)

    def _feel(self) -> None:
        """Mood and model tags, opinion by opinion in order of time; nothing without the profiling consent."""
        may = consenting(list(self.customers.values()), "profiling")
        tags: dict[int, dict[str, dict[str, object]]] = {}
        moods: dict[int, tuple[float, datetime]] = {}
        for row in db.session.scalars(select(OpinionRow).order_by(OpinionRow.at)):
            if row.customer_id is None or row.customer_id not in may:
                continue
            mood, since = moods.get(row.customer_id, (None, None))
            moods[row.customer_id] = next_mood(mood, since, mood_score(row), row.at), row.at
            change, held = tags_of_opinion(row.answer), tags.setdefault(row.customer_id, {})
            for code in change.take:
                held.pop(code, None)
            for code, evidence in change.put.items():
                held[code] = {**evidence, "subject": row.subject, "subject_id": row.subject_id}
        for customer_id, (mood, at) in moods.items():
            customer = db.session.get_one(CustomerRow, customer_id)
            customer.mood, customer.mood_at = mood, at
        for customer_id, held in tags.items():
            for code, evidence in held.items():
                put_tag(customer_id, code, **evidence)
