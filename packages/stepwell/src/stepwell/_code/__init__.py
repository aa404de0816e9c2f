"""Which code a step reaches, and which package it comes from."""
