"""What works with package indexes is an extra; without it, a command says what to type."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from stepwell._cli import stepwell
from stepwell._errors import ConfigurationError
from stepwell._indexes import _extra


@pytest.mark.parametrize("command", ["outdated", "upgrade"])
def test_missing_extra_is_told_with_what_to_type(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_extra, "find_spec", lambda module: None)
    done = CliRunner().invoke(stepwell, [command])
    assert isinstance(done.exception, ConfigurationError)
    assert str(done.exception) == (
        "Work with package indexes needs pypi-simple and uv, not installed here. "
        "Install what is missing: pip install 'stepwell[packages]'"
    )


def test_help_needs_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_extra, "find_spec", lambda module: None)
    for command in ("outdated", "upgrade", "doctor"):
        assert CliRunner().invoke(stepwell, [command, "--help"]).exit_code == 0
