"""For authors of packages: what steps, observers and model formats use beside `stepwell` itself.

It changes as carefully as the rest: what is here stays until the next major version of core.
"""

from stepwell._data._derived import derived_from
from stepwell._data._polars import without_cells
from stepwell._errors import did_you_mean, listed, told_labels
from stepwell._models._model_formats import ModelFormat
from stepwell._paths import checked_name
from stepwell._pipelines._events import (
    Event,
    Observer,
    RunFinished,
    RunStarted,
    StepFinished,
    StepProgressed,
    StepStarted,
)
from stepwell._protocol._context import running
from stepwell._records._decisions import JudgedReport
from stepwell._secrets import masked, resolved
from stepwell._settings import Settings
from stepwell._storage._store import Store
from stepwell._storage._temporary import new_folder
from stepwell._text import inert

__all__ = [
    "Event",
    "JudgedReport",
    "ModelFormat",
    "Observer",
    "RunFinished",
    "RunStarted",
    "Settings",
    "StepFinished",
    "StepProgressed",
    "StepStarted",
    "Store",
    "checked_name",
    "derived_from",
    "did_you_mean",
    "inert",
    "listed",
    "masked",
    "new_folder",
    "resolved",
    "running",
    "told_labels",
    "without_cells",
]
