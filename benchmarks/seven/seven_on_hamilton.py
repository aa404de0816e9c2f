"""The seven functions in Hamilton: in memory, or with its cache in a folder if one is given."""

import sys

import seven_hamilton_nodes
from hamilton import driver

source, *folders = sys.argv[1:]
builder = driver.Builder().with_modules(seven_hamilton_nodes)
for folder in folders:
    builder = builder.with_cache(path=folder)
assert builder.build().execute(["accepted"], inputs={"source": source})["accepted"]
