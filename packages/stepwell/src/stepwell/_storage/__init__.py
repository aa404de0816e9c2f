"""The store: files by content, chains of entries, and the artifacts in it."""
