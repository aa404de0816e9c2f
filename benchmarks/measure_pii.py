"""Precision and recall of the PII scan and of Presidio's patterns on texts of yours.

    python benchmarks/measure_pii.py [FILE]

FILE has a JSON object a line, with `text` and `spans`: a list of objects with `start`, `end` and
`entity`, named as Presidio names entities. Without it, texts are made with Faker.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pii_quality import (
    found_by_presidio,
    found_by_us,
    generated,
    known_to_us,
    qualities,
    texts_in,
)


def main() -> None:
    """Print a row for every entity in the texts that the scan knows."""
    file = sys.argv[1:]
    texts = texts_in(Path(file[0])) if file else generated(8_000, seed=11, share=0.7)
    entities = texts.entities & known_to_us()
    _, known, theirs = found_by_presidio(texts, entities)
    ours = qualities(texts.places, found_by_us(texts), entities)
    peers = qualities(texts.places, theirs, known)
    print("| entity | in the texts | precision / recall | Presidio's |\n|---|---|---|---|")
    for entity in sorted(entities):
        one = ours[entity]
        print(f"| {entity} | {one.there} | {one} | {peers.get(entity, 'does not know it')} |")


if __name__ == "__main__":
    main()
