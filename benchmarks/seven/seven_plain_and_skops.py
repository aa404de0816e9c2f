"""The plain script, which also imports what it would store its model with."""

import seven_plain  # noqa: F401 - it runs
import skops.io  # noqa: F401 - to import it is the work
