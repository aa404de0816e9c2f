"""Datasets: how they are held, seen through libraries, and written as columns."""
