"""Releasing the packages of packages/: prepare versions, prove wheels, publish what an index lacks.

    nox -s release -- status
    nox -s release -- prepare
    nox -s release -- publish --repository URL

The folder is the list of packages, the index is the list of releases, and the tags say which
commit became which files. Nothing else is remembered, so that every command can be run again.
"""
