"""When people write, buy and answer: hours of the day and days of the week in the brand's time zone."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

BRAND_ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 90

# Weight of each hour 0–23: before work, lunch, the afternoon cup, and the long evening.
WORKDAY = (2, 1, 0, 0, 0, 0, 2, 8, 10, 7, 6, 6, 10, 8, 6, 7, 6, 5, 6, 8, 11, 12, 9, 4)
WEEKEND = (3, 1, 0, 0, 0, 0, 0, 2, 5, 9, 11, 9, 7, 7, 9, 10, 9, 7, 6, 8, 10, 11, 9, 5)
# Monday first: people talk most at the weekend and least on Monday.
WEEKDAYS = (8, 9, 9, 9, 10, 13, 12)


def in_brand_time(moment: datetime) -> datetime:
    """The same moment in the brand's zone, whole minutes; refuses one without a zone."""
    if moment.tzinfo is None:
        raise ValueError("naive_datetime")
    return moment.astimezone(BRAND_ZONE).replace(second=0, microsecond=0)


def waking_hour(rng: random.Random, day: datetime) -> datetime:
    """A moment on this calendar day, likelier when people are awake and free."""
    weights = WEEKEND if day.weekday() >= 5 else WORKDAY
    hour = rng.choices(range(24), weights)[0]
    return day.replace(hour=hour, minute=rng.randrange(60), second=rng.randrange(60))


def spread(rng: random.Random, now: datetime, count: int, *, growth: float = 1.0) -> list[datetime]:
    """`count` sorted moments over the last 90 days, the weekly rhythm kept, `growth` times denser at the end."""
    days = [now - timedelta(days=back) for back in range(DAYS, -1, -1)]
    weights = [WEEKDAYS[day.weekday()] * (1 + (growth - 1) * i / DAYS) for i, day in enumerate(days)]
    moments = [waking_hour(rng, day) for day in rng.choices(days, weights, k=count)]
    return sorted(moment if moment <= now else moment - timedelta(days=7) for moment in moments)


def answer_after(rng: random.Random, moment: datetime, typical_minutes: float) -> datetime:
    """When somebody answers what was said at `moment`: minutes to hours later, and not in the small hours."""
    answer = moment + timedelta(
        minutes=typical_minutes * rng.lognormvariate(0, 0.9), seconds=rng.randrange(60)
    )
    if 1 <= answer.hour < 7:
        answer = answer.replace(hour=7, minute=rng.randrange(60)) + timedelta(minutes=rng.randrange(420))
    return answer
