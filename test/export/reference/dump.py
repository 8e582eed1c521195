"""Imports exported modules and prints what their experiments build: `python3 dump.py MODULE...`, one JSON document a line."""

import dataclasses
import enum
import json
import runpy
import sys

from realhf.api.core import config, dfg, system_api
from realhf.base import topology

_AXES = {
    topology.PipeDataTensorParallelTopology: ("pipe", "data", "tensor"),
    topology.DataPipeTensorParallelTopology: ("data", "pipe", "tensor"),
}
_SIZES = {"pipe": "num_pp", "data": "num_dp", "tensor": "num_tp"}


def plain(value):
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, config.ModelName):
        return f"{value.role}@{value.replica_id}"
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if not dataclasses.is_dataclass(value):
        return value
    fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if type(value) in _AXES:
        axes = _AXES[type(value)]
        sizes = {"axes": list(axes), "dims": [fields.pop(_SIZES[axis]) for axis in axes]}
        return {**sizes, **fields}
    if isinstance(value, dfg.MFCDef):
        hooks = {"pre_hooks": value._pre_hooks, "post_hooks": value._post_hooks}
        return {**fields, **{name: [{"kind": KINDS[type(hook)], **plain(hook)} for hook in held] for name, held in hooks.items()}}
    return fields


KINDS = {dfg.OffloadHook: "offload", dfg.ParamReallocHook: "param_realloc"}

for path in sys.argv[1:]:
    system_api.REGISTERED.clear()
    runpy.run_path(path)
    ((name, made),) = system_api.REGISTERED.items()
    experiment = made()
    setups = experiment.initial_setup()
    setups = setups if isinstance(setups, list) else [setups]
    print(json.dumps({"name": name, "scheduling": plain(experiment.scheduling_setup()), "setups": plain(setups)}))
