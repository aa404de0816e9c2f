"""The seven functions in a plain script, which keeps nothing."""

import sys

from seven_functions import check, decide, evaluate, load, scan, split, train

data = load(source=sys.argv[1])
checked = check(data)
scanned = scan(data)
training, holdout = split(data)
model = train(training)
assert decide(checked, scanned, evaluate(model, holdout))
