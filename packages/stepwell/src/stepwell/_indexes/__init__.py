"""Package indexes: which one has the steps, who one is to it, and what it has.

_entries            what a place of a configuration says about where packages come from
_uv_settings        where uv finds the settings of a project
_uv_configuration   what uv is told
_pip_configuration  what pip is told
_configuration      the index of steps: of the project, else of uv, else of pip
_credentials        user and password for it
_for_uv             how uv is told of it
_server             asking its server, with patience and within limits
_index              the files that it has, each of them verified
_extra              the libraries that this needs
"""
