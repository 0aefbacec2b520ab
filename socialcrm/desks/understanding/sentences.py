"""The sentence for each error code the forms of this room can meet."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm

from ...errors import SocialError

SENTENCES = {
    "nothing_corrected": _("还没有改动。选出哪里判断得不对，再提交。"),
    "aspect_missing": _("写上方面的名字。"),
    "quote_not_found": _("原文里没有这句话。照原文抄，或在上面选中它。"),
    "opinion_missing": _("这段文字还没有读过，过一会儿再纠正。"),
    "no_texts": _("贴上文字，或者选一个文件，每行一条。"),
    "too_many_texts": _("一次最多 %(most)s 条。分几次做，贴的内容还在。"),
    "text_too_long": _("第 %(line)s 条太长了，最多 %(most)s 个字。贴的内容还在。"),
    "line_unreadable": _("第 %(line)s 行读不了：JSON 要有 text 字段，TSV 要有 text 列。"),
    "not_text": _("这个文件不是文字。请存成 UTF-8 或 GB 18030 的文本。"),
    "choice_unknown": _("选项不对，请重新选。"),
}


#: Known failures as the model's card tells them; one that is not here is shown as it stands there.
FAILURES = {
    "Sarcasm without a cue (praise that only the facts make absurd) is read as praise.": _(
        "没有信号词的反讽（只有事实显得荒唐的夸奖）会被读成夸奖。"
    ),
    "Posts that feel one way and judge another (crying for joy, laughing at misery) follow the words.": _(
        "心里一样、嘴上另一样的话（喜极而泣、苦中作乐）会跟着字面走。"
    ),
    "Aspect detectors are trained on cosmetics and restaurants; elsewhere an aspect is found by its words alone.": _(
        "找方面的模型学的是美妆和餐饮；别的行业里，方面只靠词来找。"
    ),
    "Neutral is learned from posts and from made-up turns of service chats; a dry review is called neutral only rarely.": _(
        "「中性」是从发言和自编的客服对话里学的；平淡的评价很少会判成中性。"
    ),
    "A fact told in a chat turn without a polar word (a wet parcel, a broken lid) may be called neutral or unsure.": _(
        "聊天里只说事实、不带评价词的话（包裹湿了、盖子裂了）可能判成中性或拿不准。"
    ),
    "Labels of the short posts disagree with each other (clueemotion, smp2020): about one in eight cannot be right.": _(
        "两个短文数据集（短句情绪、微博情绪）的标注自相矛盾：大约八条里有一条怎么判都不对。"
    ),
}


def show_error(form: FlaskForm, error: SocialError) -> None:
    """Put the error's sentence at the field it is about, in the row it names; raises one that has none here again."""
    row = form.aspects[error.facts["row"]].form if "row" in error.facts else form
    if error.code not in SENTENCES or error.field not in row._fields:
        raise error
    text = str(SENTENCES[error.code])
    field = row._fields[error.field]
    field.errors = [*field.errors, text % error.facts if error.facts else text]
    if row is not form:
        form.aspects.errors = [one.errors for one in form.aspects]


def quick_error(form: FlaskForm) -> str:
    """One sentence of what is wrong with a correction of one press."""
    return str(next(iter([*form.polarity.errors, *form.complaint.errors]), SENTENCES["choice_unknown"]))
