"""Pass through, one column added, one changed: as Hamilton wants them."""

import pandas as pd


def passed(data: pd.DataFrame) -> pd.DataFrame:
    """Pass through."""
    return data


def added(passed: pd.DataFrame) -> pd.DataFrame:
    """Add a column."""
    return passed.assign(added=passed["column_0"] + 1)


def changed(added: pd.DataFrame) -> pd.DataFrame:
    """Change a column."""
    return added.assign(column_1=added["column_1"] * 2)
