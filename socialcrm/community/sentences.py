"""The sentence a form shows for each code the community's actions raise: what happened, what was kept, what to do."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext

from ..errors import SocialError

SENTENCES = {
    "name_missing": lazy_gettext("给社群起个名字。"),
    "group_name_taken": lazy_gettext("已经有叫这个名字的社群，换一个。"),
    "unknown_kind": lazy_gettext("请选一种社群。"),
    "unknown_access": lazy_gettext("请选谁可以加入。"),
    "title_missing": lazy_gettext("写一个标题，让人知道你想聊什么。"),
    "title_too_long": lazy_gettext("标题最多 %(limit)s 个字。"),
    "text_missing": lazy_gettext("写几个字，或者放一张图片。"),
    "text_too_long": lazy_gettext("一次最多 %(limit)s 个字，现在有 %(length)s 个。文字已保存为草稿。"),
    "word_blocked": lazy_gettext("这些词不能发布：%(words)s。改一改再发，文字已保存为草稿。"),
    "word_held": lazy_gettext("改成这样需要先审核：%(words)s。换个说法，或者另发一条。"),
    "image_too_large": lazy_gettext("图片没有传上去（超过 %(limit_mb)s MB）。文字已保存为草稿。"),
    "image_too_many_pixels": lazy_gettext("图片没有传上去（像素太多）。缩小后再试，文字已保存为草稿。"),
    "image_unreadable": lazy_gettext(
        "图片没有传上去（打不开，请用 JPG、PNG、WebP 或 GIF）。文字已保存为草稿。"
    ),
    "too_many_images": lazy_gettext("一次最多 %(limit)s 张图片。文字已保存为草稿。"),
    "edited_meanwhile": lazy_gettext("这条内容刚刚在别处改过。请看看最新的样子，再改一次。"),
    "rules_changed": lazy_gettext("群规刚刚更新了，请看过新的再加入。"),
    "topic_not_open": lazy_gettext("这个话题现在不能回复。文字已保存为草稿。"),
    "topic_has_replies": lazy_gettext("已经有人回复，不能收回整个话题。你可以编辑它。"),
    "last_leader": lazy_gettext("群里只有一位群主。先请别人做群主。"),
    "not_a_member": lazy_gettext("这个人已经不在群里。"),
    "reason_missing": lazy_gettext("写下理由，它会公开在管理记录里。"),
    "word_missing": lazy_gettext("写下要留意的词。"),
    "word_taken": lazy_gettext("已经有这个词的规则。"),
    "already_reported": lazy_gettext("你已经举报过这条内容，我们在看。"),
    "invitation_needed": lazy_gettext("这个群只接受邀请。"),
    "nobody_called": lazy_gettext("没有找到叫这个名字的人。"),
}


def sentence(error: SocialError) -> str:
    """What to tell the person; a general sentence for a code without one of its own."""
    text = SENTENCES.get(error.code)
    if text is None:
        return gettext("没有完成，请再试一次。")
    return str(text) % error.facts if error.facts else str(text)
