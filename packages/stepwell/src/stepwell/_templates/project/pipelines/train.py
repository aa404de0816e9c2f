"""Check the data, train a model, and test it: `stepwell run pipelines/train.py`.

Nothing goes into production here; that is done by deploy.py, with these same steps.
"""

from stepwell import Pipeline
from stepwell_deploy import Champion
from stepwell_evaluate import Evaluate
from stepwell_fairness import Fairness
from stepwell_predict import Predict
from stepwell_train import Split, Train

from applicants import MODEL, age_band, applicants, checks

STEPS = [
    applicants("training"),
    *checks(),
    age_band(),
    Split(holdout=0.3),
    Train(
        estimator="sklearn.ensemble.RandomForestClassifier",
        parameters={"n_estimators": 300, "min_samples_leaf": 5},
    ),
    Champion(name=MODEL),
    Predict(),
    # 240 rows are held out: with more, add gate="interval", so that luck does not decide.
    Evaluate(at_least={"roc_auc": 0.70}),
    Fairness(groups=["sex", "age_band"], at_most={"equal_opportunity_difference": 0.10}),
]

pipeline = Pipeline(f"{MODEL}-training", STEPS)
