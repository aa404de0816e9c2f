import pytest

from stepwell.testing import checks_for


@pytest.mark.parametrize("check", checks_for("stepwell-catalog"), ids=str)
def test_protocol(check):
    check()
