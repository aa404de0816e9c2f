"""Environments of steps: resolved once, kept as a lock in the store, made by uv, used again.

_requirement     what somebody wrote, and where it is on this machine
_installed_from  the requirement that brings what is installed here
_origins         where packages come from: what uv is told, and the index of steps
_request         all that an environment has to have; two with the same request share a lock
_uv_project      the request as a project for uv, with the settings of the user's project
_uv              uv, and what it says when it fails
_lock            what uv found: packages by version and hash
_locks           the locks in a store, by request
_folders         the environments of this machine, made and removed
_importable      whether a step's file can be imported in its environment
_prepared        the environments of a pipeline's steps
"""
