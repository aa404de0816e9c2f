"""Precision and recall of what is found in texts, against what stands in them."""

import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import polars as pl
from peers import python_of

from stepwell_pii_scan._recognisers import REGIONS, entities_of, recognisers_for
from stepwell_pii_scan._search import search_in

HERE = Path(__file__).parent / "pii"


class Place(NamedTuple):
    """Where in a text an entity stands."""

    start: int
    end: int
    entity: str


@dataclass(frozen=True)
class Texts:
    """Texts, what stands in them, and the file that they come from."""

    file: Path
    texts: Sequence[str]
    places: Sequence[Sequence[Place]]

    @property
    def entities(self) -> frozenset[str]:
        """Every entity that stands in some text."""
        return frozenset(place.entity for places in self.places for place in places)


@dataclass(frozen=True)
class Quality:
    """How much of what was found is right, and how much of what is there was found."""

    precision: float
    recall: float
    there: int

    def __str__(self) -> str:
        return f"{self.precision:.3f} / {self.recall:.3f}"


def texts_in(file: Path) -> Texts:
    """The texts of a file with a JSON object a line: `text`, and `spans` with their entities."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    places = [
        [Place(span["start"], span["end"], span["entity"]) for span in row["spans"]] for row in rows
    ]
    return Texts(file, [row["text"] for row in rows], places)


def generated(count: int, *, seed: int, share: float) -> Texts:
    """Texts from Faker, of which `share` hold something."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False, encoding="utf-8") as file:
        command = [python_of("faker"), str(HERE / "generate.py"), str(count), str(seed), str(share)]
        subprocess.run(command, check=True, stdout=file)
    return texts_in(Path(file.name))


def found_by_us(texts: Texts) -> list[list[Place]]:
    """What is certain for the recognisers of all regions; suspects are no findings here."""
    found = search_in("text", recognisers_for(REGIONS)).find(pl.Series(texts.texts))
    return [
        [Place(s.start, s.end, s.entity) for s in found.get(number, ()) if s.certain]
        for number in range(len(texts.texts))
    ]


def found_by_presidio(
    texts: Texts, entities: Collection[str]
) -> tuple[float, frozenset[str], list[list[Place]]]:
    """The processor seconds, the entities that it knows of, and what it finds."""
    command = [python_of("presidio"), str(HERE / "presidio.py"), str(texts.file), *sorted(entities)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer = json.loads(done.stdout)
    spans = [[Place(*place) for place in places] for places in answer["spans"]]
    return answer["seconds"], frozenset(answer["entities"]) & frozenset(entities), spans


def qualities(
    there: Sequence[Sequence[Place]], found: Sequence[Sequence[Place]], entities: Iterable[str]
) -> Mapping[str, Quality]:
    """For each entity; something is found if a span of that entity overlaps it."""
    right, wrong, seen, all_there = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for places, spans in zip(there, found, strict=True):
        for span in spans:
            (right if any(_same(span, place) for place in places) else wrong)[span.entity] += 1
        for place in places:
            all_there[place.entity] += 1
            seen[place.entity] += any(_same(span, place) for span in spans)
    return {
        entity: Quality(
            right[entity] / max(1, right[entity] + wrong[entity]),
            seen[entity] / max(1, all_there[entity]),
            all_there[entity],
        )
        for entity in entities
    }


def _same(span: Place, place: Place) -> bool:
    return span.entity == place.entity and span.start < place.end and place.start < span.end


def known_to_us() -> frozenset[str]:
    """Every entity that is found by contents."""
    return entities_of(recognisers_for(REGIONS))
