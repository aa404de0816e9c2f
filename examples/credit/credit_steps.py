"""Steps of this project's own."""

import polars as pl

from stepwell import step


@step(roles={"age_band": "protected"})
def age_band(data: pl.DataFrame, *, young_up_to: int = 25) -> pl.DataFrame:
    """Add `age_band`, by which fairness is tested: ages themselves are too many groups."""
    young = pl.col("age_in_years") <= young_up_to
    label = f"up to {young_up_to}", f"over {young_up_to}"
    return data.with_columns(
        pl.when(young).then(pl.lit(label[0])).otherwise(pl.lit(label[1])).alias("age_band")
    )
