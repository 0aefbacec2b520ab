"""Forms of this room, the words of its codes, and the sentence for each error."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from ...errors import SocialError

MEANING_WORDS = {
    "negative": _("负面"),
    "positive": _("正面"),
    "neutral": _("在这里不算评价"),
    "complaint": _("投诉的信号"),
}
STRENGTH_WORDS = {0: "—", 1: _("轻"), 2: _("中"), 3: _("重")}
#: Why a version was not put to use.
REASON_WORDS = {
    "too_few": _("纠正还太少，学不出可靠的东西。"),
    "no_gain": _("在没学过的纠正上没有变好。"),
    "frozen_falls": _("固定的考题答对的变少了。"),
    "held_back_falls": _("留着没学的纠正答对的变少了。"),
    "too_broad": _("没人纠正过的文字里，太多会翻面。"),
    "failed": _("学习中途出错了，之前的版本照常用着。"),
}
#: The word lists that ship: what each is called, and what stands in it.
LIST_WORDS = {
    "polarity.tsv": (
        _("评价词"),
        _("本身就带褒贬的词，按行业分组；值从 −3（很差）到 3（很好），旁边是它流露的情绪。"),
    ),
    "signs.tsv": (_("表情"), _("emoji 和 [表情] 在聊品牌时通常的褒贬。")),
    "aspects.tsv": (_("方面"), _("说到哪个方面的词，和一说就带评价的短语。")),
    "modifiers.tsv": (
        _("否定、程度、转折"),
        _("自己不带褒贬，但会改变后面的词：否定、加重减轻、转折、愿望、反讽。"),
    ),
    "cues.tsv": (_("紧急和投诉"), _("说明着急、要投诉、该马上交给人处理的词和它们的分量。")),
    "patterns.tsv": (_("句式"), _("不用评价词也说得出好坏的句式：等了三天还没到、第五次回购、比别家好。")),
}
_SENTENCES = {
    "word_missing": _("写下这个词。"),
    "word_too_long": _("一个词最多 20 个字。"),
    "word_too_short": _("单个字会出现在太多别的词里，写完整的词。"),
    "meaning_unknown": _("选一个意思。"),
    "too_many_words": _("品牌的词最多 2000 个，先移除用不上的。"),
    "name_missing": _("写下方面的名字。"),
    "aspect_empty": _("至少写一个词或一句例子。"),
    "too_many_aspects": _("品牌的方面最多 50 个。"),
    "version_not_accepted": _("这个版本没有通过，不能使用。"),
}


class WordForm(FlaskForm):
    """A word and what it means to the brand."""

    word = StringField(
        _("词"),
        [DataRequired(_("写下这个词。")), Length(max=40)],
        description=_("例如：萃不开、断货王、翻车。"),
    )
    meaning = RadioField(
        _("意思"),
        choices=[SelectChoice(code, word) for code, word in MEANING_WORDS.items()],
        default="negative",
    )
    strength = RadioField(
        _("轻重"),
        choices=[SelectChoice(str(n), STRENGTH_WORDS[n]) for n in (1, 2, 3)],
        default="2",
        description=_("「在这里不算评价」不分轻重。"),
    )
    reason = StringField(_("为什么"), [Length(max=200)])


class AspectForm(FlaskForm):
    """An aspect of the brand's own."""

    name = StringField(
        _("名字"),
        [DataRequired(_("写下方面的名字。")), Length(max=20)],
        description=_("例如：研磨度、直播间。"),
    )
    words = TextAreaField(
        _("叫得出它的词"), [Length(max=3000)], description=_("用空格或换行分开。例如：研磨度 粗细 刻度。")
    )
    examples = TextAreaField(
        _("例句"), [Length(max=5000)], description=_("每行一句。没有提到那些词、但说的是它的话。")
    )


def show_error(form: FlaskForm, error: SocialError, default: str) -> None:
    """Put the error's sentence at the field it is about, or at `default`."""
    field = form._fields[error.field if error.field in form._fields else default]
    field.errors = [*field.errors, sentence_of(error)]


def sentence_of(error: SocialError) -> str:
    """What an error says to a person; one that this room does not know is raised again."""
    if error.code not in _SENTENCES:
        raise error
    return str(_SENTENCES[error.code])
