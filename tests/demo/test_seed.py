"""`socialcrm seed`: one complete, consistent demo, once, and never over anything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select, text

from socialcrm import create_app
from socialcrm.commands.seed import PASSWORD, seed
from socialcrm.community.groups.models import Group, Membership
from socialcrm.community.topics.models import Post, PostReaction, Topic
from socialcrm.customers.actions import create_customer
from socialcrm.customers.models import Customer, CustomerFact, CustomerTag, TimelineEntry
from socialcrm.customers.queries import consenting
from socialcrm.database import db, transaction, utcnow
from socialcrm.events import queue_figures
from socialcrm.loyalty.models import LedgerEntry, LedgerTransaction
from socialcrm.outbox.models import Message as OutboxMessage
from socialcrm.referrals.models import Referral
from socialcrm.search.engines import current_engine
from socialcrm.sentiment.models import OpinionRow
from socialcrm.service.alerts.models import Alert
from socialcrm.service.cases.models import Case, CaseEntry
from socialcrm.service.surveys.models import CaseRating
from socialcrm.settings import forget_cache, setting
from socialcrm.shop.models import Order, Refund
from socialcrm.value.actions import reconcile

from ..conftest import embedded_config, make_every_table


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An installation filled with the demo."""
    config = embedded_config(tmp_path_factory.mktemp("demo"))
    make_every_table(config)
    forget_cache()
    app = create_app(config)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        seed.main(args=["--quiet"], standalone_mode=False)
        yield app
        db.session.remove()
        db.engine.dispose()
    forget_cache()


def count(model: type, *where: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


@pytest.mark.slow
def test_everything_is_there(demo: Flask) -> None:
    assert setting("brand.name") == "山屿咖啡"
    assert count(Customer, Customer.source != "staff") == 500
    assert count(Group) == 8
    assert count(Topic) == 201
    assert 1700 <= count(Post) <= 2700
    assert count(OpinionRow, OpinionRow.subject == "post") == count(Post)
    assert count(OpinionRow, OpinionRow.subject == "message") > 100
    assert count(Order) > 900
    assert count(Refund) > 20
    assert count(CustomerTag) > 200
    assert count(TimelineEntry, TimelineEntry.kind == "posted") == count(Post)


@pytest.mark.slow
def test_again_changes_nothing(demo: Flask) -> None:
    before = db.session.execute(text("SELECT count(*), max(id) FROM timeline_entries")).one()
    result = CliRunner().invoke(seed)
    assert result.exit_code == 0
    assert "already" in result.output
    assert db.session.execute(text("SELECT count(*), max(id) FROM timeline_entries")).one() == before


@pytest.mark.slow
def test_figures_kept_beside_rows_agree_with_the_rows(demo: Flask) -> None:
    for group in db.session.scalars(select(Group)):
        assert group.members == count(
            Membership, Membership.group_id == group.id, Membership.state == "active"
        )
        assert group.topics == count(Topic, Topic.group_id == group.id)
    newest = dict(db.session.execute(select(Post.topic_id, func.max(Post.id)).group_by(Post.topic_id)).all())
    replies = Counter(db.session.scalars(select(Post.topic_id).where(Post.number > 1)))
    for topic in db.session.scalars(select(Topic)):
        assert (topic.last_post_id, topic.replies) == (newest[topic.id], replies[topic.id])
    given: dict[int, dict[str, int]] = {}
    for post_id, kind in db.session.execute(select(PostReaction.post_id, PostReaction.kind)):
        kinds = given.setdefault(post_id, {})
        kinds[kind] = kinds.get(kind, 0) + 1
    for post in db.session.scalars(select(Post)):
        assert post.reactions == given.get(post.id, {})


@pytest.mark.slow
def test_the_ledger_balances_and_refunds_took_points_back(demo: Flask) -> None:
    sums = db.session.execute(
        select(func.sum(LedgerEntry.points)).group_by(LedgerEntry.transaction_id)
    ).scalars()
    assert set(sums) == {0}
    assert count(LedgerTransaction, LedgerTransaction.reason == "referral") > 50
    assert count(LedgerTransaction, LedgerTransaction.reason == "reversal") > 10


@pytest.mark.slow
def test_referral_value_agrees_with_what_is_derived_anew(demo: Flask) -> None:
    assert (db.session.scalar(select(func.max(Referral.depth))) or 0) >= 5
    assert count(Referral, Referral.reversed_at.is_not(None)) > 0
    with transaction():
        outcome = reconcile(repair=False)
    assert outcome.cells > 100
    assert outcome.differing == 0


@pytest.mark.slow
def test_nothing_is_computed_of_who_did_not_agree(demo: Flask) -> None:
    may = consenting(list(db.session.scalars(select(Customer.id))), "profiling")
    assert set(db.session.scalars(select(CustomerTag.customer_id))) <= may
    assert set(db.session.scalars(select(CustomerFact.customer_id))) <= may
    assert set(db.session.scalars(select(Customer.id).where(Customer.mood.is_not(None)))) <= may


@pytest.mark.slow
def test_cases_tell_their_story_in_order(demo: Flask) -> None:
    states = Counter(db.session.scalars(select(Case.status)))
    assert states["open"] >= 4
    assert states["closed"] >= 15
    assert count(CaseRating) >= 20
    for case_id in db.session.scalars(select(Case.id)):
        times = list(
            db.session.scalars(
                select(CaseEntry.at).where(CaseEntry.case_id == case_id).order_by(CaseEntry.id)
            )
        )
        assert all(earlier <= later for earlier, later in pairwise(times))
    answered = select(Case).where(Case.first_replied_at.is_not(None))
    assert all(case.opened_at <= case.first_replied_at for case in db.session.scalars(answered))


@pytest.mark.slow
def test_the_desk_has_something_to_do_and_the_worker_has_not(demo: Flask) -> None:
    assert count(Alert, Alert.state == "handled") > 5
    fresh = select(Alert).where(Alert.case_id.is_not(None)).order_by(Alert.raised_at.desc()).limit(2)
    assert all(alert.raised_at > utcnow() - timedelta(hours=7) for alert in db.session.scalars(fresh))
    assert queue_figures()["pending"] == 0
    assert count(OutboxMessage, OutboxMessage.state == "queued") == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("login", "target"),
    [
        ("member012@example.com", "/"),
        ("agent@shanyu.example.com", "/desk"),
        ("manager@shanyu.example.com", "/manage"),
        ("admin@shanyu.example.com", "/admin"),
    ],
)
def test_the_cards_on_the_front_page_sign_in(demo: Flask, login: str, target: str) -> None:
    client = demo.test_client()
    front = client.get("/").text
    assert login in front
    assert f'name="next" value="{target}"' in front
    answer = client.post("/sign-in", data={"login": login, "password": PASSWORD, "next": target})
    assert answer.status_code == 302
    assert client.get(target, follow_redirects=True).status_code == 200


def test_it_does_not_go_over_real_data(app: Flask) -> None:
    with transaction():
        create_customer("真实的客户", source="shop")
    with pytest.raises(click.ClickException, match="already holds customers"):
        seed.main(args=["--quiet"], standalone_mode=False)
    assert count(Customer) == 1
    assert not setting("demo")


def test_without_tables_it_says_what_to_run(app: Flask) -> None:
    db.session.remove()
    db.drop_all()
    with pytest.raises(click.ClickException, match="db upgrade"):
        seed.main(args=["--quiet"], standalone_mode=False)


def test_help_shows_an_example() -> None:
    result = CliRunner().invoke(seed, ["--help"])
    assert result.exit_code == 0
    assert "socialcrm seed" in result.output


@pytest.mark.slow
def test_it_works_on_both_sets_of_engines(app: Flask) -> None:
    seed.main(args=["--quiet"], standalone_mode=False)
    assert count(Customer, Customer.source != "staff") == 500
    assert current_engine().count() > 2200
    with transaction():
        assert reconcile(repair=False).differing == 0
