"""`python -m stepwell` is the command `stepwell`."""

from stepwell._cli import main

main()
