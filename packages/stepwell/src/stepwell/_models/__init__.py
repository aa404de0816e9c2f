"""Models as folders, and the formats that packages add."""
