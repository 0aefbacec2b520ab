"""The mood line of a service dialogue."""

from socialcrm.sentiment.dialogue import analyse_dialogue


def test_the_mood_falls_with_an_angry_turn_and_recovers():
    dialogue = analyse_dialogue(["垃圾客服，骗子！", "还不处理，太差了", "好的，谢谢，非常满意"])
    assert dialogue.mood[0] < 0 and dialogue.mood[1] < 0
    assert dialogue.mood[2] > dialogue.mood[1]
    assert len(dialogue.turns) == 3


def test_no_turns_are_no_mood():
    assert analyse_dialogue([]).mood == []
