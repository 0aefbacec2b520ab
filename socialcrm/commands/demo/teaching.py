"""Staff of the demo brand correct what the engine made of talk about brewing, and it learns from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import select

from socialcrm.commands.demo.told import Told
from socialcrm.database import db, happening_at
from socialcrm.desks.learning.teaching import lessons_of
from socialcrm.desks.texts import texts_of
from socialcrm.events import reacting_at_once
from socialcrm.sentiment.actions import Text, correct_opinion
from socialcrm.sentiment.learning.actions import ask_for_layer, checked_word, keep_taught, save_word
from socialcrm.sentiment.learning.queries import brand_in_force, correction_figures, left_alone, told_by_staff
from socialcrm.sentiment.learning.training import teach
from socialcrm.sentiment.learning.wording import brand_of
from socialcrm.sentiment.models import OpinionRow

#: How to brew is told, nothing is judged; what does judge is left to the engine.
_BREWING = re.compile("克|度|水|磨|萃|闷|秒|比例|刻度|冲|豆|壶|滤")
_JUDGING = re.compile("酸|苦|涩|淡|慌|烦|怕|尴尬|凉|累|气|可惜|错|差|漂白|沼泽|没人|不洗")
_TIPS, _CONFIRMED, _LEFT_ALONE = 36, 6, 120
_WORDS = (
    ("萃不开", "negative", 2, "说味道没冲出来"),
    ("翻车", "negative", 2, "冲坏了，或者买亏了"),
    ("风味炸裂", "positive", 3, "最高的夸奖"),
)


class Teaching(Told):
    """A few dozen corrections of the last weeks, three words, and the version that was learned from them."""

    def teach_engine(self) -> None:
        """Correct, add words, learn; after everything else was told."""
        acting = [self.account(person.key) for person in self.world.staff if person.role in ("agent", "lead")]
        admin = next(self.account(person.key) for person in self.world.staff if person.role == "admin")
        for number, (row, deed) in enumerate(self._corrections()):
            at = self.world.now - timedelta(days=20 - number // 3, minutes=37 * (number % 7))
            with happening_at(at), reacting_at_once(lambda reaction: False):
                correct_opinion(row, acting[number % len(acting)], **deed)
        with happening_at(self.world.now - timedelta(days=2)), reacting_at_once(lambda reaction: False):
            for word, meaning, strength, reason in _WORDS:
                save_word(admin, checked_word(word, meaning, strength), reason)
            version = ask_for_layer(admin)
            figures = correction_figures()
            alone = texts_of((each.subject, each.subject_id) for each in left_alone(_LEFT_ALONE))
            taught = teach(
                lessons_of(told_by_staff()),
                [(text.text, text.channel) for text in alone.values()],
                brand_in_force() or brand_of((), ()),
                version.id,
            )
            keep_taught(version, taught, figures.newest_id, figures.count)

    def _corrections(self) -> Iterator[tuple[OpinionRow, dict[str, Any]]]:
        query = select(OpinionRow).where(OpinionRow.subject == "post").order_by(OpinionRow.at, OpinionRow.id)
        rows = list(db.session.scalars(query))
        texts = texts_of((row.subject, row.subject_id) for row in rows)
        pairs = [(row, texts[row.subject, row.subject_id]) for row in rows]
        tips = {text.text: row for row, text in pairs if _is_tip(row, text)}.values()
        for row in islice(tips, _TIPS):
            yield row, {"what": "polarity", "value": "neutral", "reason": "讲的是做法，没有评价"}
        angry = (row for row, _ in pairs if row.polarity == "negative" and row.complaint > 0.85)
        for row in islice(angry, _CONFIRMED):
            yield row, {"what": "complaint", "value": "yes", "reason": "确实要处理"}
        glad = (row for row, _ in pairs if row.polarity == "positive" and row.probability > 0.93)
        for row in islice(glad, _CONFIRMED):
            yield row, {"what": "polarity", "value": "positive"}


def _is_tip(row: OpinionRow, text: Text) -> bool:
    return (
        row.polarity == "negative"
        and row.probability > 0.26
        and row.complaint < 0.12
        and not row.answer["aspects"]
        and len(text.text) < 60
        and _BREWING.search(text.text) is not None
        and _JUDGING.search(text.text) is None
    )
