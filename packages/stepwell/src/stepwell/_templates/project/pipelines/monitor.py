"""Score new applicants with the champion, publish, and watch: `stepwell run pipelines/monitor.py`.

A failed report ends with exit code 3. Predictions that cannot be right are not published.
"""

from stepwell import Pipeline, place
from stepwell_deploy import Champion
from stepwell_fairness import Fairness
from stepwell_monitor import Drift, Performance, Plausibility, Profile
from stepwell_predict import Predict

from applicants import MODEL, PROJECT, age_band, applicants, checks, publish

pipeline = Pipeline(
    f"{MODEL}-monitoring",
    [
        applicants("new"),
        *checks(),
        age_band(),
        place(Champion(name=MODEL), outputs={"champion": "model"}),
        Predict(),
        Plausibility(),
        publish(into=str(PROJECT / "predictions" / "new_applicants.parquet")),
        place(applicants("training"), name="load_reference", outputs={"data": "reference"}),
        place(Profile(), inputs={"data": "reference"}),
        Drift(),
        # The outcome of these applicants is known. Where it comes later, leave the column empty:
        # predictions without a label are counted, and not judged.
        Performance(at_least={"roc_auc": 0.65}),
        Fairness(groups=["sex"], at_most={"equal_opportunity_difference": 0.15}),
    ],
)
