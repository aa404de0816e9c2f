"""Three acts of a credit model's life, and an encore: `python demo.py`.

Everything is kept in a fresh folder `.stepwell/` beside this file; nothing listens, nothing leaves
this machine.
"""

import os
import shutil
import sys
from pathlib import Path

from credit import FOREST, credit_risk
from rich.console import Console
from rich.rule import Rule

from stepwell import Pipeline, Run, decisions, settings
from stepwell.authoring import Store
from stepwell_tracking import sync
from stepwell_train import Train

HERE = Path(__file__).parent
LOGISTIC = "sklearn.linear_model.LogisticRegression"
FEW = ("status_of_existing_checking_account", "duration_in_month", "credit_amount")

terminal = Console(stderr=True, highlight=False)


def act(title: str, told: str, pipeline: Pipeline) -> Run:
    """Say what is about to happen, run the pipeline, and say who is champion now."""
    terminal.print()
    terminal.print(Rule(f"[bold]{title}", align="left"))
    terminal.print(told, end="\n\n")
    run = pipeline.run()
    champion = decisions("credit-risk").champion()
    terminal.print(
        f"\nDecision: {run['decision']['outcome']}. {' '.join(run['decision']['reasons'])}"
    )
    if champion is not None:
        terminal.print(
            f"In production: version {champion.version}, model {champion.model_version}."
        )
    return run


def expect(run: Run, *, status: str, outcome: str) -> None:
    """Stop the demo if an act did not go as it was announced."""
    found = run.status, run["decision"]["outcome"]
    if found != (status, outcome):
        sys.exit(f"This act should have ended {status}/{outcome}; it ended {'/'.join(found)}.")


def main() -> None:
    """Play all acts."""
    os.chdir(HERE)
    shutil.rmtree(HERE / ".stepwell", ignore_errors=True)
    terminal.print(
        "1,000 loan applicants; 30 % of them are kept aside to compare models on. That is few: the "
        "intervals of all metrics are wide. The gates below therefore say that they look at the "
        'value, not at the interval; with more data, write gate="interval".'
    )

    first = act(
        "Act 1: the first model",
        "A logistic regression on three columns. There is no champion yet: it becomes champion if "
        "every check passes.",
        credit_risk(Train(estimator=LOGISTIC, features=FEW)),
    )
    expect(first, status="succeeded", outcome="promoted")

    blocked = act(
        "Act 2: better, but not for everybody",
        "The same kind of model on every column, age and sex among them. Its ROC AUC is higher; of "
        "young applicants who would repay it turns away many more. Fairness fails, so production "
        "stays as it was.",
        credit_risk(Train(estimator=LOGISTIC, keep=("age_in_years", "sex"))),
    )
    expect(blocked, status="blocked", outcome="refused")

    better = act(
        "Act 3: better and fair",
        "A random forest on the columns that say nothing of age or sex directly. It is better than "
        "the champion on the same rows, and fair enough: it takes over.",
        credit_risk(FOREST),
    )
    expect(better, status="succeeded", outcome="promoted")

    settled = act(
        "Encore: the same once more",
        "Training and all before it come from the cache. The champion is another one than before, "
        "so what compares with it runs again. Deploy finds its model already in production.",
        credit_risk(FOREST),
    )
    expect(settled, status="succeeded", outcome="already_champion")

    again = act(
        "And once more",
        "Nothing has changed: every pure step comes from the cache.",
        credit_risk(FOREST),
    )
    expect(again, status="succeeded", outcome="already_champion")
    executed = [step.name for step in again.steps if step.state != "cached"]
    if executed != ["deploy"]:
        sys.exit(f"Only deploy should have been executed; these were: {', '.join(executed)}.")

    sync(Store(settings().store))
    terminal.print()
    terminal.print(Rule("[bold]Look around", align="left"))
    for line in (
        "stepwell runs list         every run; then: stepwell runs show, stepwell runs diff",
        "stepwell records verify    that no record was changed",
        f"mlflow ui --backend-store-uri sqlite:///{settings().store}/mlflow.db",
    ):
        terminal.print(line, soft_wrap=True)


if __name__ == "__main__":
    main()
