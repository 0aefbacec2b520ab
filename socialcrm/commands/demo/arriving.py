"""The brand opens, and people come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from socialcrm.accounts.actions import open_account
from socialcrm.accounts.intake import NewAccount, take_in_accounts
from socialcrm.commands.demo.told import Told
from socialcrm.commands.demo.world import Customer, Referral, Staff
from socialcrm.customers.actions import create_customer, set_consent
from socialcrm.customers.intake import Line, NewCustomer, take_in_customers, take_in_timeline
from socialcrm.referrals.actions import code_of, record_referral
from socialcrm.service.cases.staffing import ensure_teams, set_desk
from socialcrm.settings import change_setting
from socialcrm.shop.actions import keep_product

TEAMS = {"配送": "配送组", "品质": "品质组", "客服": "客服组"}
CAST = ("李娜", "王强", "陈静")


@dataclass
class Arrivals(Told):
    """The brand, its staff, its customers, and who brought whom."""

    def set_up_brand(self) -> None:
        brand = self.world.brand
        for name, value in (
            ("brand.name", brand.name),
            ("brand.slogan", brand.slogan),
            ("brand.colour", brand.color),
            ("brand.set_up", True),
            ("demo", True),
        ):
            change_setting(name, value)
        for product in self.world.products:
            keep_product(product.key, product.name, product.price_cents, "CNY", product.category)

    def hire(self, person: Staff) -> None:
        customer = create_customer(person.name, source="staff", city="上海")
        customer.bio = f"{self.world.brand.name}{person.title}"
        account = open_account(
            customer, password_hash=self.password_hash, email=person.email, role=person.role
        )
        set_consent(customer.id, "community", True, source="sign_up", text_version=1)
        self.customers[person.key], self.accounts[person.key] = customer.id, account.id

    def set_up_desks(self) -> None:
        teams = {team.name: team for team in ensure_teams()}
        for person in self.world.staff:
            if person.role in ("agent", "lead"):
                team = teams[TEAMS[person.team]]
                set_desk(
                    self.account(person.key), team=team, capacity=12, skills=list(team.aspects), on_duty=True
                )

    def take_in_people(self) -> None:
        people = self.world.customers
        last_seen = self._last_seen()
        ids = take_in_customers([_new_customer(person, last_seen.get(person.key)) for person in people])
        self.customers |= {person.key: number for person, number in zip(people, ids, strict=True)}
        members = [person for person in people if person.has_account]
        accounts = take_in_accounts(
            [
                # Only the cast can sign in with the demo's password; the others have none.
                NewAccount(
                    self.customers[person.key],
                    person.email,
                    self.password_hash if person.name in CAST else None,
                    person.joined_at,
                )
                for person in members
            ]
        )
        self.accounts |= {person.key: number for person, number in zip(members, accounts, strict=True)}
        take_in_timeline(
            [
                Line(self.customers[person.key], "signed_up", "account", account, person.joined_at)
                for person, account in zip(members, accounts, strict=True)
            ]
        )

    def _last_seen(self) -> dict[str, datetime]:
        last: dict[str, datetime] = {}
        for topic in self.world.topics:
            for post in topic.posts:
                for key, at in ((post.author, post.at), *((one.by, one.at) for one in post.reactions)):
                    last[key] = max(at, last.get(key, at))
        return last

    def bring(self, edge: Referral) -> None:
        """A friend comes by somebody's link."""
        record_referral(self.customers[edge.referred], code_of(self.customers[edge.referrer]).code)


def _new_customer(person: Customer, last_seen_at: datetime | None) -> NewCustomer:
    keys = [("shop", person.number)]
    if person.has_account:
        keys += [("phone", person.phone), ("email", person.email)]
    return NewCustomer(
        person.nickname,
        person.source,
        person.joined_at,
        city=person.city,
        gender=person.gender,
        birthday=person.birthday,
        bio=person.bio,
        last_seen_at=last_seen_at,
        identities=keys,
        consents=sorted(person.consents - {"service"}),
    )
