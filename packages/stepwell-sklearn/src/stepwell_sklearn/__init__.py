"""The Stepwell model format for scikit-learn: estimators as skops files that hold no code."""

from stepwell_sklearn._failures import described
from stepwell_sklearn._format import SklearnFormat, untrusted_types
from stepwell_sklearn._frames import estimator_frame, kind_of, type_of
from stepwell_sklearn._rows import row_hashes
from stepwell_sklearn._seen import seen_rows, training_rows

__all__ = [
    "SklearnFormat",
    "described",
    "estimator_frame",
    "kind_of",
    "row_hashes",
    "seen_rows",
    "training_rows",
    "type_of",
    "untrusted_types",
]
