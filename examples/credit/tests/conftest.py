"""The project is a folder of modules, not a package: tests import them as the pipeline does."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
