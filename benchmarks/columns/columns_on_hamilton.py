"""Pass through, one column added, one changed: in Hamilton, with its cache."""

import sys

import columns_hamilton_nodes
import pandas as pd
from columns_frame import numbers, tell
from hamilton import driver

frame = pd.DataFrame(numbers(), copy=False)
made = driver.Builder().with_modules(columns_hamilton_nodes).with_cache(path=sys.argv[1]).build()
tell(lambda: made.execute(["changed"], inputs={"data": frame}))
