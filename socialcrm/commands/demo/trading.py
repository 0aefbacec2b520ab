"""Orders, the referrals they convert, and refunds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from socialcrm.commands.demo.told import Happening, Told
from socialcrm.commands.demo.world import Order, Refund
from socialcrm.customers.intake import Line, take_in_timeline
from socialcrm.database import db
from socialcrm.loyalty.intake import Earning, take_in_earnings
from socialcrm.loyalty.ledger import points_for_order
from socialcrm.referrals.actions import consider_conversion
from socialcrm.settings import setting
from socialcrm.shop.actions import refund_order
from socialcrm.shop.intake import NewOrder, take_in_orders
from socialcrm.shop.models import Order as OrderRow

SHOP = "demo"
MARGIN = 0.62


@dataclass
class Trade(Told):
    """What was bought, what it earned, and what was paid back."""

    def take_in_trade(self) -> None:
        orders = self.world.orders
        ids = take_in_orders([self._new_order(order) for order in orders])
        self.orders |= {order.number: number for order, number in zip(orders, ids, strict=True)}
        per_point = int(setting("loyalty.cents_per_point"))
        earnings, lines = [], []
        for order, number in zip(orders, ids, strict=True):
            customer_id = self.customers[order.customer]
            cents = {"cents": order.total_cents, "currency": "CNY"}
            lines.append(Line(customer_id, "ordered", "order", number, order.at, cents))
            points = points_for_order(order.total_cents, per_point)
            facts = {"order": order.number}
            earnings.append(Earning(customer_id, points, "order", f"order:{number}", order.at, facts))
        take_in_earnings([one for one in earnings if one.points > 0])
        take_in_timeline(lines)

    def _new_order(self, order: Order) -> NewOrder:
        return NewOrder(
            self.customers[order.customer],
            SHOP,
            order.number,
            order.at,
            order.total_cents,
            round(order.total_cents * MARGIN),
            [(line.product, line.quantity, line.unit_cents) for line in order.lines],
        )

    def _conversions(self) -> Iterator[Happening]:
        referred = {edge.referred for edge in self.world.referrals}
        for order in self.world.orders:
            if order.customer in referred:
                yield Happening(order.at, partial(self.consider, order))

    def consider(self, order: Order) -> None:
        """The first order that qualifies converts; later ones change nothing."""
        if order.customer in self.converted:
            return
        referral = consider_conversion(db.session.get_one(OrderRow, self.orders[order.number]))
        if referral is not None:
            self.converted.add(order.customer)

    def _refunds(self) -> Iterator[Happening]:
        for order in self.world.orders:
            if order.refund:
                yield Happening(order.refund.at, partial(self.pay_back, order, order.refund))

    def pay_back(self, order: Order, refund: Refund) -> None:
        refund_order(
            db.session.get_one(OrderRow, self.orders[order.number]),
            source=SHOP,
            code=f"R{order.number}",
            amount_cents=refund.amount_cents,
            at=refund.at,
            reason=refund.reason,
        )
