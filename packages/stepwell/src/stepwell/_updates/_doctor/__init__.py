"""What may be wrong where pipelines are installed: one function for each kind of finding.

_problem     a finding: its stable name, how bad it is, and what to type
_indexes     where pip and uv would install from
_origins     what the index of steps says about what is installed
_packages    the installed packages of the platform
_locked      the lock of the project
"""
