"""What is remembered of runs: cache, journal, records and decisions."""
