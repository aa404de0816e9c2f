"""The pipeline that checks, trains, tests and deploys the credit model.

stepwell plan credit.py
stepwell run credit.py
"""

from datetime import date
from pathlib import Path

from credit_steps import age_band

from stepwell import Pipeline
from stepwell_catalog import LoadFromCatalog
from stepwell_data_check import DataCheck
from stepwell_deploy import Champion, Deploy
from stepwell_evaluate import Evaluate
from stepwell_fairness import Fairness
from stepwell_pii_scan import Allowance, PiiScan
from stepwell_predict import Predict
from stepwell_train import Split, Train

HERE = Path(__file__).parent

KNOWN_COLUMNS = [
    Allowance(
        column="telephone",
        entity="PHONE_NUMBER",
        reason="A191 or A192: whether a telephone is registered, not its number",
        owner="Credit risk",
        expires=date(2035, 12, 31),
    )
]


FOREST = Train(
    estimator="sklearn.ensemble.RandomForestClassifier",
    parameters={"n_estimators": 300, "min_samples_leaf": 5},
)


def credit_risk(train: Train) -> Pipeline:
    """The whole way from a file to production, with one way to train."""
    return Pipeline(
        "credit-risk",
        [
            LoadFromCatalog(name="german-credit", catalog=str(HERE / "catalog")),
            DataCheck(suite=str(HERE / "expectations/german_credit.json")),
            PiiScan(allow=KNOWN_COLUMNS),
            age_band(),
            Split(holdout=0.3),
            train,
            Champion(name="credit-risk"),
            Predict(),
            Evaluate(at_least={"roc_auc": 0.70}),
            Fairness(groups=["sex", "age_band"], at_most={"equal_opportunity_difference": 0.10}),
            Deploy(name="credit-risk", better_on="roc_auc"),
        ],
    )


pipeline = credit_risk(FOREST)
