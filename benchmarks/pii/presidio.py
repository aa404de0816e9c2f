"""What Presidio's pattern recognisers find in texts, and how long that takes.

    python presidio.py TEXTS ENTITY …

TEXTS is a file with a JSON object a line; prints one JSON object. The recognisers are called
directly, without a model of language: only their patterns and checks count, and the words nearby
that raise a score, as their documentation shows.
"""

import json
import sys
import time
from pathlib import Path

import presidio_analyzer.predefined_recognizers as predefined
import tldextract
from presidio_analyzer import EntityRecognizer, LocalRecognizer

LOWEST = 0.3
"""Presidio's documentation advises a threshold between 0.3 and 0.5 without context."""


def main() -> None:
    """Print the spans by text, and the seconds."""
    offline = tldextract.TLDExtract(suffix_list_urls=())
    tldextract.extract = tldextract.tldextract.extract = offline
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    entities = frozenset(sys.argv[2:])
    recognizers = list(pattern_recognizers(entities))
    for recognizer in recognizers:
        recognizer.analyze("warm up", list(entities), None)
    begin = time.process_time()
    spans = [spans_in(text, recognizers, entities) for text in texts]
    took = time.process_time() - begin
    known = sorted({entity for one in recognizers for entity in one.supported_entities})
    print(json.dumps({"seconds": took, "entities": known, "spans": spans}))


def pattern_recognizers(entities: frozenset[str]):
    """Every recogniser that comes with Presidio, needs no model, and knows one of the entities."""
    for name in sorted(set(predefined.__all__)):
        if any(word in name for word in ("Spacy", "Stanza", "Transformers", "Azure", "GLiNER")):
            continue
        try:
            recognizer = getattr(predefined, name)()
        except Exception:  # those that need a service or a model
            continue
        if isinstance(recognizer, LocalRecognizer) and entities & set(
            recognizer.supported_entities
        ):
            yield recognizer


def spans_in(text: str, recognizers: list[EntityRecognizer], entities: frozenset[str]) -> list:
    """Start, end and entity of what is found, the best of those that overlap."""
    results = []
    for recognizer in recognizers:
        results += recognizer.analyze(text, list(entities), None) or []
    results = [result for result in results if result.score >= LOWEST]
    return [
        (result.start, result.end, result.entity_type)
        for result in EntityRecognizer.remove_duplicates(results)
    ]


if __name__ == "__main__":
    main()
