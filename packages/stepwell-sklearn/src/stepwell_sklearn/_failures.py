"""What a library's error is about, without the cells that its text may quote."""

from __future__ import annotations

import re
from pathlib import Path

_HARMLESS = (
    r"Input \w+ contains (NaN|infinity)",
    r"Input contains (NaN|infinity)",
    r"The least populated classes? in y (has|have) only \d+ members?",
    r"n_splits=\d+ cannot be greater than the number of members in each class",
    r"Cannot have number of splits n_splits=\d+ greater than the number of samples: n_samples=\d+",
    r"Found array with \d+ (sample|feature)\(s\)",
    r"This solver needs samples of at least 2 classes in the data",
    r"Expected n_neighbors <= n_samples_fit, but n_neighbors = \d+, n_samples_fit = \d+",
    r"The number of classes has to be greater than one",
    r"Negative values in data",
    r"could not convert string to float",
    r"Unknown label type: [\w-]+",
    r"X has \d+ features, but \w+ is expecting \d+ features as input",
    r"Some value\(s\) of y are (out of the valid range|negative)",
    r"Sparse data was passed",
)
"""The beginnings of messages that hold names and counts only; of others nothing is repeated."""


def described(error: BaseException) -> str:
    """One sentence without any cell of data: what failed, or the kind of error and its place."""
    from sklearn.utils._param_validation import (  # type: ignore[import-untyped]  # no stubs
        InvalidParameterError,
    )

    text = str(error)
    if isinstance(error, InvalidParameterError):  # speaks of parameters, never of data
        return text
    for pattern in _HARMLESS:
        found = re.search(pattern, text)
        if found:
            return found.group()
    return f"{type(error).__name__}{_place(error)}"


def _place(error: BaseException) -> str:
    """Where in a library the error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    path = Path(trace.tb_frame.f_code.co_filename)
    return f" in {'/'.join(path.parts[-2:])}, line {trace.tb_lineno}"
