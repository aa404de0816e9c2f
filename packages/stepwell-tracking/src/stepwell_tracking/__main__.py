"""`python -m stepwell_tracking` is `stepwell-tracking`."""

from stepwell_tracking._cli import main

if __name__ == "__main__":
    main()
