"""The measuring commands print what the issue names, and refuse what they cannot read."""

import json

import pytest
from click.testing import CliRunner

from socialcrm.commands.sentiment import sentiment
from socialcrm.sentiment.measures import auc, calibration_error, macro_f1, most_certain

ROWS = [
    ("太好喝了，强烈推荐", 1, "a"),
    ("非常满意，下次还来", 1, "a"),
    ("垃圾，千万别买", 0, "a"),
    ("难吃，再也不来了", 0, "b"),
    ("等了三天还没发货，太失望了", 0, "b"),
    ("今天下午三点开会", 2, "b"),
]


def run(*arguments):
    return CliRunner().invoke(sentiment, [str(each) for each in arguments])


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "labelled.tsv"
    path.write_text(
        "text\tlabel\tdomain\n" + "".join(f"{t}\t{y}\t{d}\n" for t, y, d in ROWS), encoding="utf-8"
    )
    return path


def test_evaluate_prints_the_named_measures(labelled):
    report = json.loads(run("evaluate", labelled, "--json").output)
    assert {
        "n", "accuracy", "macro_f1", "auc", "ece", "coverage", "accuracy_at_coverage", "docs_per_second", "by_domain",
    } <= set(report)  # fmt: skip
    assert report["n"] == 5
    assert report["accuracy"] == 1.0
    assert set(report["by_domain"]) == {"a", "b"}
    assert report["three_class"]["n"] == 6


def test_the_domain_never_reaches_the_model(labelled, tmp_path):
    other = tmp_path / "other.tsv"
    other.write_text(
        "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label, _ in ROWS), encoding="utf-8"
    )
    first, second = (json.loads(run("evaluate", each, "--json").output) for each in (labelled, other))
    assert (first["auc"], first["ece"]) == (second["auc"], second["ece"])


def test_evaluate_scores_prints_the_auc(tmp_path):
    path = tmp_path / "dialogues.tsv"
    path.write_text(
        "text\tS\n投诉几年都没人处理，垃圾客服\t-1.2\n谢谢客服，问题解决了\t0.8\n", encoding="utf-8"
    )
    report = json.loads(
        run("evaluate", path, "--score-column", "S", "--negative-below", "-0.5", "--json").output
    )
    assert report["auc"] == 1.0
    assert report["dissatisfied"] == 1


def test_evaluate_aspects_prints_f1_per_aspect(tmp_path):
    path, mapping = tmp_path / "aspects.tsv", tmp_path / "map.tsv"
    path.write_text("text\t物流\t包装\n物流很快，包装破了\t1\t-1\n味道好闻\t-2\t-2\n", encoding="utf-8")
    mapping.write_text("物流\t配送\n包装\t包装\n", encoding="utf-8")
    report = json.loads(run("evaluate-aspects", path, "--map", mapping, "--json").output)
    assert report["mean_f1"] == 1.0
    assert report["by_aspect"]["配送"] == {"f1": 1.0, "polarity_accuracy": 1.0, "n": 1}


def test_evaluate_aspects_names_what_it_does_not_know(tmp_path):
    path, mapping = tmp_path / "aspects.tsv", tmp_path / "map.tsv"
    path.write_text("text\t物流\n物流很快\t1\n", encoding="utf-8")
    mapping.write_text("物流\t天气\n", encoding="utf-8")
    result = run("evaluate-aspects", path, "--map", mapping)
    assert result.exit_code == 1
    assert "天气" in result.output


def test_one_mapping_serves_files_that_lack_some_of_its_columns(tmp_path):
    path, mapping = tmp_path / "aspects.tsv", tmp_path / "map.tsv"
    path.write_text("text\t物流\n物流很快\t1\n味道好闻\t-2\n", encoding="utf-8")
    mapping.write_text("物流\t配送\n包装\t包装\n", encoding="utf-8")
    report = json.loads(run("evaluate-aspects", path, "--map", mapping, "--json").output)
    assert (list(report["by_aspect"]), report["left_out"]) == (["配送"], ["包装"])
    mapping.write_text("包装\t包装\n", encoding="utf-8")
    result = run("evaluate-aspects", path, "--map", mapping)
    assert result.exit_code == 1 and "包装" in result.output and "物流" in result.output


def test_a_crooked_row_is_named(tmp_path):
    path = tmp_path / "crooked.tsv"
    path.write_text("text\tlabel\n好\t1\n坏\n", encoding="utf-8")
    result = run("evaluate", path)
    assert result.exit_code == 1
    assert "crooked.tsv:3" in result.output


def test_a_byte_order_mark_windows_line_ends_empty_lines_and_quotes_do_no_harm(tmp_path):
    path = tmp_path / "windows.tsv"
    path.write_bytes(
        '\ufefftext\tlabel\r\n"太好喝了"，推荐\t1\r\n\r\n垃圾，"千万"别买\t0\r\n中午\t2\r\n'.encode()
    )
    report = json.loads(run("evaluate", path, "--json").output)
    assert (report["n"], report["accuracy"], report["three_class"]["n"]) == (2, 1.0, 3)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no rows"),
        (b"text\tlabel\n", "no rows"),
        ("text\n好\n".encode(), "no column label"),
        ("text\tlabel\n好\tgood\n".encode(), "'good'"),
        (b"text\tlabel\nok\t1\n\xff\t1\n", "strange.tsv:3"),
    ],
)
@pytest.mark.parametrize("command", ["evaluate", "compare"])
def test_what_cannot_be_read_is_told(tmp_path, command, content, told):
    path = tmp_path / "strange.tsv"
    path.write_bytes(content)
    result = run(command, path)
    assert result.exit_code == 1
    assert told in result.output and "strange.tsv" in result.output


@pytest.mark.slow
def test_compare_prints_accuracy_by_domain_and_speed(labelled):
    report = json.loads(run("compare", labelled, "--json").output)
    assert report["n"] == 5
    assert report["programs"]["ours"]["by_domain"] == {"a": 1.0, "b": 1.0}
    theirs = report["programs"]["snownlp"]["by_domain"]
    assert report["gain"] == pytest.approx(100 * (1 - (theirs["a"] + theirs["b"]) / 2), abs=0.02)
    table = run("compare", labelled).output
    assert "points over SnowNLP" in table and "texts/s" in table


def test_bytes_that_are_no_characters_are_told_and_every_line_gets_an_answer(tmp_path):
    path = tmp_path / "texts.txt"
    path.write_bytes("\ufeff差\r\n".encode() + b"\xff\xfe\n\n" + "好".encode())
    result = run("analyse", "--file", path, "--json")
    assert result.exit_code == 0
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["polarity"] for each in answers][::3] == ["negative", "positive"]
    assert "texts.txt: 1 lines" in result.stderr


def test_a_text_with_half_a_character_is_shown():
    assert "\\udcff" in run("analyse", "\udcff好").output


def test_analyse_a_file_prints_one_object_a_line(tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("物流很快\n\n差\n", encoding="utf-8")
    answers = [json.loads(line) for line in run("analyse", "--file", path, "--json").output.splitlines()]
    assert len(answers) == 3
    assert set(answers[0]) >= {
        "polarity",
        "probability",
        "aspects",
        "emotion",
        "urgency",
        "complaint",
        "words",
    }
    assert answers[0]["aspects"]["配送"]["spans"] == [[0, 4]]


def test_analyse_for_a_person_shows_the_words():
    assert "「客服很耐心」" in run("analyse", "客服很耐心，就是快递太慢了").output


def test_analyse_wants_a_text_or_a_file():
    assert run("analyse").exit_code == 2


def test_measures_on_a_worked_example():
    import numpy as np

    probabilities, truth = np.array([0.9, 0.8, 0.3, 0.6]), np.array([True, True, False, False])
    assert auc(probabilities, truth) == 1.0
    assert auc(np.array([0.5, 0.5]), np.array([True, False])) == 0.5
    assert calibration_error(probabilities, truth) == pytest.approx((0.1 + 0.2 + 0.3 + 0.6) / 4)
    assert macro_f1(np.array([1, 1, 0, 1]), np.array([1, 1, 0, 0]), (0, 1)) == pytest.approx(
        (2 / 3 + 0.8) / 2
    )
    assert most_certain(probabilities, 0.5).tolist() == [True, True, False, False]


def test_several_columns_may_map_to_one_aspect_and_an_aspect_may_go_by_another_name(tmp_path):
    path, mapping = tmp_path / "aspects.tsv", tmp_path / "map.tsv"
    path.write_text(
        "text\t物流\t功效\t气味\n物流很快\t1\t-2\t-2\n保湿效果很好\t-2\t1\t-2\n味道刺鼻，难闻\t-2\t-2\t-1\n今天周二\t-2\t\t-2\n",
        encoding="utf-8",
    )
    mapping.write_text("file_column\taspect\n物流\t快递\n功效\t使用体验\n气味\t使用体验\n", encoding="utf-8")
    report = json.loads(run("evaluate-aspects", path, "--map", mapping, "--json").output)
    assert report["by_aspect"]["快递"] == {"f1": 1.0, "polarity_accuracy": 1.0, "n": 1}
    assert report["by_aspect"]["使用体验"]["n"] == 2 and report["by_aspect"]["使用体验"]["f1"] == 1.0
