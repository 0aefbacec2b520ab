"""The demo's world: the same for the same moment, whole in itself, and shaped like a brand's real one."""

import re
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from socialcrm.commands.demo.world import World, build_world

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(NOW)


def all_posts(world: World):
    return [post for topic in world.topics for post in topic.posts]


def grams(text: str, size: int = 4) -> set[str]:
    plain = re.sub(r"[^\w]", "", text)
    return {plain[i : i + size] for i in range(len(plain) - size + 1)}


def test_same_moment_same_world_in_under_a_second(world):
    started = time.process_time()
    again = build_world(NOW)
    assert time.process_time() - started < 1
    assert again == world
    assert build_world(NOW, seed=1) != world


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="naive_datetime"):
        build_world(datetime(2026, 11, 22, 3, 0))


def test_sizes(world):
    assert len(world.customers) == 500
    assert len(world.groups) == 8
    assert {group.kind for group in world.groups} == {"产品兴趣群", "行业知识群", "生活服务群"}
    assert any(group.name == "咖啡品鉴交流" for group in world.groups)
    assert len(world.topics) == 201
    assert 1500 <= sum(len(topic.replies) for topic in world.topics) <= 2500
    assert 900 <= len(world.orders) <= 1600
    assert 0.02 < sum(order.refund is not None for order in world.orders) / len(world.orders) < 0.08
    assert {person.role for person in world.staff} >= {"admin", "manager", "agent"}


@pytest.mark.parametrize(
    "moment", [NOW, datetime(2027, 3, 1, 16, 5, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)]
)
def test_nothing_lies_in_the_future_and_much_lies_close(moment):
    world = build_world(moment)
    times = [post.at for post in all_posts(world)]
    times += [reaction.at for post in all_posts(world) for reaction in post.reactions]
    times += [order.at for order in world.orders]
    times += [order.refund.at for order in world.orders if order.refund]
    times += [line.at for chat in world.chats for line in chat.lines]
    times += [customer.joined_at for customer in world.customers]
    times += [case.opened_at for case in world.cases]
    assert max(times) <= moment
    assert sum(at > moment - timedelta(days=2) for at in times) > 50
    assert min(post.at for post in all_posts(world)) < moment - timedelta(days=80)


def test_everything_named_exists_and_comes_after_it_could(world):
    joined = {customer.key: customer.joined_at for customer in world.customers}
    staff = {person.key for person in world.staff}
    members = {group.key: dict(group.members) for group in world.groups}
    for topic in world.topics:
        seen: dict[str, datetime] = {}
        for post in topic.posts:
            assert post.author in staff or members[topic.group][post.author] <= post.at
            assert post.answers is None or seen[post.answers] <= post.at
            assert all(mention in joined for mention in post.mentions)
            assert all(reaction.at >= post.at and reaction.by != post.author for reaction in post.reactions)
            seen[post.key] = post.at
        assert list(seen.values()) == sorted(seen.values())
    assert all(joined[order.customer] < order.at for order in world.orders)
    assert all(
        order.refund is None or order.refund.amount_cents <= order.total_cents for order in world.orders
    )
    assert len({order.number for order in world.orders}) == len(world.orders)
    assert all(chat.lines[0].at > joined[chat.customer] for chat in world.chats)


def test_people_can_be_told_apart_and_are_nobody_real(world):
    customers = world.customers
    for what in ("key", "number", "name", "nickname", "phone", "email"):
        assert len({getattr(customer, what) for customer in customers}) == 500
    assert all(re.fullmatch(r"\+86154\d{8}", customer.phone) for customer in customers)
    assert all(customer.email.endswith("@example.com") for customer in customers)
    assert all(len(customer.nickname) <= 12 for customer in customers)
    names = {customer.name: customer for customer in customers}
    tasting = next(group for group in world.groups if group.name == "咖啡品鉴交流")
    inside = {key for key, _ in tasting.members}
    assert names["李娜"].key in inside
    assert names["王强"].key in inside
    assert not any(names["陈静"].key in dict(group.members) for group in world.groups)


def test_consent_is_a_choice(world):
    shares = Counter(purpose for customer in world.customers for purpose in customer.consents)
    assert shares["service"] == 500
    assert 200 < shares["profiling"] < 420
    assert 40 < shares["marketing_email"] < 200
    assert all(customer.consents == {"service"} for customer in world.customers if not customer.has_account)


def test_referrals_are_a_forest_at_least_five_deep(world):
    referrer = {edge.referred: edge.referrer for edge in world.referrals}
    joined = {customer.key: customer.joined_at for customer in world.customers}
    assert len(referrer) == len(world.referrals)
    assert 150 <= len(referrer.keys() | set(referrer.values())) <= 210
    assert all(joined[edge.referrer] <= joined[edge.referred] for edge in world.referrals)
    assert len({edge.channel for edge in world.referrals}) >= 5

    def depth(key: str) -> int:
        steps = 0
        while key in referrer:
            key, steps = referrer[key], steps + 1
            assert steps < 200
        return steps

    assert 5 <= max(map(depth, referrer)) <= 9


def test_no_two_neighbours_read_alike(world):
    by_group: dict[str, list] = {}
    for topic in world.topics:
        by_group.setdefault(topic.group, []).append(topic)
        for one, other in pairwise(topic.posts):
            shared, least = (
                grams(one.text) & grams(other.text),
                min(len(grams(one.text)), len(grams(other.text))),
            )
            assert len(shared) <= max(6, 0.3 * least), (one.text, other.text)
        assert len({post.text for post in topic.posts}) == len(topic.posts)
    for topics in by_group.values():
        assert all(one.scene != other.scene for one, other in pairwise(topics))
    assert len({topic.title for topic in world.topics}) == 201


def test_there_are_many_different_sentences(world):
    texts = [post.text for post in all_posts(world)]
    assert len(set(texts)) > 0.84 * len(texts)
    assert max(Counter(texts).values()) <= 4
    sentences = {s for text in texts for s in re.split(r"[。！？…\n]", text) if len(s) > 4}
    assert len(sentences) > 1500
    assert not any(sign in text for text in texts for sign in "{}|<>｜")


def test_talk_has_moods_lengths_and_signs(world):
    posts = all_posts(world)
    moods = Counter(post.mood for post in posts)
    assert set(moods) == {"+", "!", "?", "."}
    assert min(moods.values()) > 0.06 * len(posts)
    assert sum(len(post.text) < 15 for post in posts) > 100
    assert sum(len(post.text) > 60 for post in posts) > 80
    signed = sum(bool(re.search(r"\[\w+\]$|[\U0001F300-\U0001FAFF✨☕]", post.text)) for post in posts)
    assert 0.05 < signed / len(posts) < 0.35


def test_people_write_when_people_are_awake(world):
    hours = Counter(post.at.hour for post in all_posts(world))
    assert sum(hours[hour] for hour in range(1, 7)) < 0.03 * sum(hours.values())
    assert hours[20] + hours[21] > hours[8] + hours[9]


def test_a_question_about_water_is_answered_about_water(world):
    talk = [topic for topic in world.topics if topic.scene == "水温"]
    assert talk
    for topic in talk:
        assert sum(
            bool(re.search(r"度|温|烫|烧|热|壶|水|[89]\d|秒", post.text)) for post in topic.replies
        ) >= 0.4 * len(topic.replies)


def test_cases_are_open_and_solved_and_rated(world):
    cases = world.cases
    assert len(cases) >= 40
    assert {case.source_kind for case in cases} == {"topic", "chat", "form"}
    assert {case.team for case in cases} == {"配送", "客服", "品质"}
    assert sum(case.solved_at is None for case in cases) >= 4
    assert sum(case.first_reply_at is None for case in cases) >= 3
    rated = [case.satisfaction.score for case in cases if case.satisfaction]
    assert len(rated) >= 20
    assert 3.5 < sum(rated) / len(rated) < 4.9
    for case in cases:
        steps = [
            case.opened_at,
            case.first_reply_at,
            case.solved_at,
            case.satisfaction and case.satisfaction.at,
        ]
        known = [at for at in steps if at]
        assert known == sorted(known)


def test_chats_are_calm_and_angry_closed_and_open(world):
    assert len(world.chats) >= 50
    assert {chat.angry for chat in world.chats} == {True, False}
    assert sum(not chat.closed for chat in world.chats) == 2
    for chat in world.chats:
        assert chat.lines[0].by_customer
        assert [line.at for line in chat.lines] == sorted(line.at for line in chat.lines)
        assert not any("<" in line.text or "{" in line.text for line in chat.lines)
