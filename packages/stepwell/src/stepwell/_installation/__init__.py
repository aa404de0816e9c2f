"""Installed steps, and what is known about their packages."""
