import pytest
from stepwell.testing import Check, checks_for


@pytest.mark.parametrize("check", checks_for("stepwell-new-step"), ids=str)
def test_protocol(check: Check) -> None:
    check()
