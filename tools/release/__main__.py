"""`python -m release`."""

from release._cli import main

main()
