"""The hard sentences: families that tuning never saw, by phenomenon."""

from socialcrm.sentiment.corpus import challenge
from socialcrm.sentiment.engine import probability


def share_right(items):
    return sum((probability(text) >= 0.5) == bool(label) for text, _, label in items) / len(items)


def test_the_two_halves_share_no_text_and_are_four_hundred_together():
    tune, test = ({text for text, _, _ in challenge(part)} for part in ("tune", "test"))
    assert not tune & test
    assert len(tune) + len(test) >= 400


def test_negations_are_right_four_times_in_five():
    negations = [item for item in challenge("test") if "negation" in item[1]]
    assert share_right(negations) >= 0.8


def test_the_whole_challenge_reaches_its_bar():
    assert share_right(challenge("test")) >= 0.82
