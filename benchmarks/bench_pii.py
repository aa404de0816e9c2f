"""The PII scan: how fast rows are flagged and spans validated, and how right what it finds is."""

import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import polars as pl
from pii_quality import (
    Quality,
    found_by_presidio,
    found_by_us,
    generated,
    known_to_us,
    qualities,
)
from table import Row
from timing import in_turns

from stepwell import Dataset
from stepwell_pii_scan import PiiScan
from stepwell_pii_scan._phones import is_phone_number
from stepwell_pii_scan._recognisers import REGIONS, recognisers_for
from stepwell_pii_scan._search import Search

TEXTS = 200_000
FOR_PRESIDIO = 5_000
MORE = 10
ROWS = 1_000_000
WORDS = "the order was paid on time but delivery to our branch took far longer"

GOALS = {
    **dict.fromkeys(("IBAN_CODE", "CREDIT_CARD", "EMAIL_ADDRESS", "IP_ADDRESS"), (0.97, 0.99)),
    "PHONE_NUMBER": (0.85, 0.90),
}
GOAL_OF_OTHERS = (0.95, 0.95)


def measure() -> Iterator[Row]:
    """Rows flagged, spans, a whole dataset, then precision and recall."""
    yield _flagged()
    for share in (0.02, 0.7):
        yield _spans(share)
    yield _dataset()
    yield from _quality()


def _flagged() -> Row:
    texts = pl.Series(generated(TEXTS, seed=1, share=0.02).texts)
    recognisers = recognisers_for(REGIONS)
    search = Search(recognisers)
    alternation = "|".join(f"(?:{one.linear_pattern})" for one in recognisers)
    frame = pl.DataFrame({"text": texts})
    took = in_turns(
        {
            "ours": lambda: _find(search, frame),
            "bare": lambda: texts.str.contains(alternation).sum(),
        },
        times=3,
    )
    ratio = took["bare"] / took["ours"]
    return Row(
        f"PII: rows flagged in {TEXTS:,} texts, all {len(recognisers)} recognisers, validated",
        "≥ 80 % of the speed of a bare Polars scan with the same patterns",
        f"{ratio:.0%} ({took['ours']:.2f} s to {took['bare']:.2f} s)",
        ratio >= 0.8,
    )


def _spans(share: float) -> Row:
    """In processor seconds: Presidio works on one processor, too."""
    few = generated(FOR_PRESIDIO, seed=2, share=share)
    seconds, known, _ = found_by_presidio(few, few.entities & known_to_us())
    search = Search(tuple(one for one in recognisers_for(REGIONS) if one.entity in known))
    many = pl.DataFrame({"text": generated(MORE * FOR_PRESIDIO, seed=2, share=share).texts})
    ours = _processor_seconds(lambda: _find(search, many)) / MORE
    ratio = seconds / ours
    return Row(
        f"PII: validated spans of {len(known)} entities, in {share:.0%} of the texts",
        "≥ 100 × Presidio's pattern recognisers",
        f"{ratio:.0f} × ({ours:.3f} s to {seconds:.2f} s for {FOR_PRESIDIO:,} texts)",
        ratio >= 100 if share < 0.1 else None,
    )


def _find(search: Search, frame: pl.DataFrame) -> None:
    """All spans, without what is remembered of numbers that were seen before."""
    is_phone_number.cache_clear()
    search.find(search.candidates(frame)["text"])


def _processor_seconds(work: Callable[[], object], *, times: int = 3) -> float:
    took = []
    for _ in range(times):
        begin = time.process_time()
        work()
        took.append(time.process_time() - begin)
    return min(took)


def _dataset() -> Row:
    data = Dataset.of(_frame())
    seconds = in_turns({"scan": lambda: PiiScan().run(data=data)}, times=3)["scan"]
    return Row(
        f"PII: a whole dataset, {ROWS:,} × 20 with 4 columns of text",
        "≤ 3 s on two processors",
        f"{seconds:.2f} s",
        seconds <= 3,
    )


def _frame() -> pl.DataFrame:
    """Numbers, categories, references, and notes of which one in a hundred holds an address."""
    random = np.random.default_rng(0)
    words = np.array(WORDS.split())
    notes = pl.Series([" ".join(words[i]) for i in random.integers(0, len(words), (ROWS, 9))])
    number = pl.int_range(ROWS, eager=True)
    address = "write to max" + number.cast(pl.String) + "@example.com"
    return pl.DataFrame(
        {
            **{f"number_{i}": random.normal(size=ROWS) for i in range(10)},
            **{f"count_{i}": random.integers(0, 1_000_000, ROWS) for i in range(6)},
            "note": address.zip_with(number % 100 == 0, notes),
            "city": random.choice(["Berlin", "Bad Homburg", "New York", "Wien"], ROWS),
            "status": random.choice(["paid", "open", "late"], ROWS),
            "reference": "REF-" + number.cast(pl.String),
        }
    )


def _quality() -> Iterator[Row]:
    texts = generated(20_000, seed=3, share=0.7)
    entities = texts.entities & known_to_us()
    _, known, theirs = found_by_presidio(texts, entities)
    ours = qualities(texts.places, found_by_us(texts), entities)
    peers = qualities(texts.places, theirs, known)
    for entity in sorted(entities):
        yield _row_of(entity, ours[entity], peers)


def _row_of(entity: str, ours: Quality, peers: Mapping[str, Quality]) -> Row:
    precision, recall = GOALS.get(entity, GOAL_OF_OTHERS)
    theirs = peers.get(entity)
    enough = ours.precision >= precision and ours.recall >= recall
    return Row(
        f"PII: {entity}, {ours.there:,} times in texts of Faker",
        f"precision ≥ {precision}, recall ≥ {recall}, above Presidio's patterns",
        f"{ours}; Presidio {theirs or 'does not know it'}",
        enough and (theirs is None or _f1(ours) >= _f1(theirs)),
    )


def _f1(quality: Quality) -> float:
    total = quality.precision + quality.recall
    return 2 * quality.precision * quality.recall / total if total else 0.0
