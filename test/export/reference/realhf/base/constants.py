"""Stands in for the module of the reference."""

import os

DATASET_CACHE_PATH = "/the/reference's/own/cache"


def trial_name():
    return os.environ["STAND_IN_TRIAL"]
