"""What all pipelines of this project know about applicants, and the project's own steps."""

from datetime import date
from pathlib import Path

import polars as pl
from stepwell import Step, step
from stepwell_catalog import LoadFromCatalog
from stepwell_data_check import DataCheck
from stepwell_pii_scan import Allowance, PiiScan

PROJECT = Path(__file__).parents[1]
MODEL = "new-project"
"""The name of the model in the decision log and in MLflow."""

NOT_PERSONAL = [
    Allowance(
        column="telephone",
        entity="PHONE_NUMBER",
        reason="A191 or A192: whether a telephone is registered, not its number",
        owner="Credit risk",
        expires=date(2035, 12, 31),
    )
]


def applicants(server: str) -> LoadFromCatalog:
    """Applicants of a server of the contract, "training" or "new", held to what it promises."""
    return LoadFromCatalog(name="german-credit", server=server, catalog=str(PROJECT / "catalog"))


def checks() -> list[Step]:
    """What data has to pass before anything is made of it."""
    suite = PROJECT / "expectations" / "german_credit.json"
    return [DataCheck(suite=str(suite)), PiiScan(allow=NOT_PERSONAL)]


@step(roles={"age_band": "protected"})
def age_band(data: pl.DataFrame, *, young_up_to: int = 25) -> pl.DataFrame:
    """Add `age_band`, by which fairness is tested: ages themselves are too many groups."""
    young = pl.col("age_in_years") <= young_up_to
    label = f"up to {young_up_to}", f"over {young_up_to}"
    return data.with_columns(
        pl.when(young).then(pl.lit(label[0])).otherwise(pl.lit(label[1])).alias("age_band")
    )


@step(effects=True, returns="published")
def publish(predictions: pl.DataFrame, *, into: str) -> int:
    """Write what the branches need of the predictions to a Parquet file; their number."""
    needed = predictions.select(
        "prediction_id", "prediction", "score", "model_version", "predicted_at"
    )
    needed.write_parquet(into, mkdir=True)
    return needed.height
