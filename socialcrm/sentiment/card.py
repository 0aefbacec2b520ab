"""The model card: what a model was trained on, what it was measured to do, and where it is known to fail."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from socialcrm.sentiment.measures import accuracy, auc, calibration_error, macro_f1, most_certain

_BINS = 10

SOURCES = [
    {"files": "hotel, waimai, shop", "from": "SophonPlus/ChineseNlpCorpus", "licence": "none stated"},
    {"files": "weibo2018", "from": "dengxiuqi/weibo2018", "licence": "none stated"},
    {"files": "smp2020", "from": "SMP2020-EWECT", "licence": "none stated"},
    {"files": "clueemotion", "from": "CLUEbenchmark/CLUEmotionAnalysis2020", "licence": "none stated"},
    {"files": "chat", "from": "z17176/Chinese_conversation_sentiment", "licence": "none stated"},
    {"files": "service_chat_stc3", "from": "SB233/stc3-dataset", "licence": "annotations CC BY 4.0"},
    {"files": "aspects_ecommerce", "from": "之江杯 2019", "licence": "none stated"},
    {
        "files": "aspects_restaurant",
        "from": "AI Challenger 2018 and the ASAP sample",
        "licence": "ASAP sample Apache-2.0",
    },
    {
        "files": "lexicons, challenge set, made-up negations and service turns",
        "from": "this project",
        "licence": "Apache-2.0",
    },
    {
        "files": "sentences.tsv",
        "from": "this project, written with a large language model under six briefs",
        "licence": "Apache-2.0",
    },
    {"files": "simplified.txt", "from": "OpenCC TSCharacters", "licence": "Apache-2.0"},
]
KNOWN_FAILURES = [
    "Sarcasm without a cue (praise that only the facts make absurd) is read as praise.",
    "Posts that feel one way and judge another (crying for joy, laughing at misery) follow the words.",
    "Aspect detectors are trained on cosmetics and restaurants; elsewhere an aspect is found by its words alone.",
    "Neutral is learned from posts and from made-up turns of service chats; a dry review is called neutral only rarely.",
    "A fact told in a chat turn without a polar word (a wet parcel, a broken lid) may be called neutral or unsure.",
    "Labels of the short posts disagree with each other (clueemotion, smp2020): about one in eight cannot be right.",
]


def figures(positive: NDArray[np.float64], truth: NDArray[np.bool_]) -> dict[str, Any]:
    """Figures of one domain from P(positive) and the truth [texts]; `bins` are ten equal steps of P(positive).

    A bin holds its count `n`, the mean probability `mean_p` and the `share_positive` observed, both null when empty.
    """
    certain = most_certain(positive, 0.7)
    predicted, labels = (positive >= 0.5).astype(int), truth.astype(int)
    return {
        "n": len(truth),
        "accuracy": round(accuracy(predicted, labels), 4),
        "macro_f1": round(macro_f1(predicted, labels, (0, 1)), 4),
        "auc": round(auc(positive, truth), 4),
        "ece": round(calibration_error(positive, truth), 4),
        "accuracy_at_70": round(accuracy(predicted[certain], labels[certain]), 4),
        "bins": _bins(positive, truth),
    }


def _bins(positive: NDArray[np.float64], truth: NDArray[np.bool_]) -> list[dict[str, Any]]:
    step = np.minimum((positive * _BINS).astype(int), _BINS - 1)
    return [_bin(positive[step == each], truth[step == each]) for each in range(_BINS)]


def _bin(positive: NDArray[np.float64], truth: NDArray[np.bool_]) -> dict[str, Any]:
    if not len(truth):
        return {"n": 0, "mean_p": None, "share_positive": None}
    return {
        "n": len(truth),
        "mean_p": round(float(positive.mean()), 4),
        "share_positive": round(float(truth.mean()), 4),
    }


def card_json(card: dict[str, Any]) -> dict[str, Any]:
    """The card for screens: version, split, texts per domain, figures with their bins, sources, known failures."""
    names = ("version", "split", "texts", "sources", "known_failures")
    measured = card["figures"]
    return {
        **{name: card[name] for name in names},
        "held_out": measured["held_out"],
        "all": measured["all"],
        "challenge": measured["challenge_test"],
        "written": measured["written"],
        "unseen": measured.get("unseen", {}),
    }


def card_markdown(card: dict[str, Any]) -> str:
    """The model card for people."""
    held_out = card["figures"]["held_out"]
    lines = [
        f"# Model card: {card['version']}",
        "",
        "Texts of the training domains that the experts had not seen (" + card["split"] + "):",
        "",
    ]
    lines += [
        "| domain | texts trained on | n | accuracy | AUC | ECE | accuracy of the 70 % most certain | accuracy, channel guessed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {card['texts'][name]:,} | {each['n']:,} | {each['accuracy']:.1%} | {each['auc']:.3f} | {each['ece']:.3f} | "
        f"{each['accuracy_at_70']:.1%} | {card['figures']['guessed'][name]['accuracy']:.1%} |"
        for name, each in held_out.items()
    ]
    lines += ["", "Challenge set, families that tuning never saw:", "", "| phenomenon | right |", "|---|---|"]
    lines += [f"| {name} | {value:.1%} |" for name, value in card["figures"]["challenge_test"].items()]
    lines += ["", "Hard sentences of authors whose others were left out of training:", ""]
    lines += ["| phenomenon | right |", "|---|---|"]
    lines += [f"| {name} | {value:.1%} |" for name, value in card["figures"]["written"].items()]
    lines += ["", "Further heads, AUC out of fold:", ""]
    lines += [
        f"- {name[4:]}: {value:.3f}" for name, value in card["figures"].items() if name.startswith("auc_")
    ]
    if "unseen" in card["figures"]:
        lines += ["", "Domains left out of training, channel guessed:", ""]
        lines += [
            f"- {name}: {each['accuracy']:.1%}, ECE {each['ece']:.3f}"
            for name, each in card["figures"]["unseen"].items()
        ]
    lines += ["", "Sources and licences:", ""]
    lines += [f"- {each['files']}: {each['from']} ({each['licence']})" for each in card["sources"]]
    lines += ["", "Known failures:", "", *(f"- {each}" for each in card["known_failures"])]
    lines += ["", "Train on your own texts: `socialcrm sentiment train --data FOLDER --out MODEL`.", ""]
    return "\n".join(lines)
