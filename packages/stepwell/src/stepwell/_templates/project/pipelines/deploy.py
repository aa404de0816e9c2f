"""Put the model of train.py into production if it passed every check and beats the champion.

    stepwell run pipelines/deploy.py

What train.py has done already comes from the cache of the store.
"""

from stepwell import Pipeline
from stepwell_deploy import Deploy

from applicants import MODEL
from train import STEPS

pipeline = Pipeline(MODEL, [*STEPS, Deploy(name=MODEL, better_on="roc_auc")])
