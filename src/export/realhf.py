"""Registers an experiment that Assay proved in the reference system. Made by `assay export realhf`; make it anew instead of changing it."""

import getpass
import hashlib
import json
import os
import pathlib
import re

from realhf.api import cli_args
from realhf.api.core import config, dfg, system_api
from realhf.base import constants, topology

# The experiment's name, the file with its data, and that file's SHA-256.
MADE = {}

_FILE = pathlib.Path(__file__).with_name(MADE["file"])
_BYTES = _FILE.read_bytes()
if hashlib.sha256(_BYTES).hexdigest() != MADE["sha256"]:
    raise RuntimeError(f"{_FILE} is not the file that was exported with {__file__}: export both anew")
_DATA = json.loads(_BYTES)

_MODULES = {"cli_args": cli_args, "config": config, "dfg": dfg, "system_api": system_api, "topology": topology}
_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)\}")


class Unbound(Exception):
    """A value that is known at run time only is not known."""


def _value(name):
    """What stands for `${name}`."""
    if name == "trial":
        return constants.trial_name()
    if name == "user":
        return getpass.getuser()
    if name == "experiment":
        return MADE["name"]
    if name == "cluster.fileroot":
        return _bind(_DATA["fileroot"])
    kind, _, key = name.partition(":")
    names = {"env": (key,), "secret": ("ASSAY_SECRET_" + key, key)}.get(kind, ())
    for one in names:
        if one in os.environ:
            return os.environ[one]
    raise Unbound(f"no value is known for ${{{name}}}: set " + " or ".join(names) if names else f"${{{name}}} has no meaning")


def _bind(text):
    return _REFERENCE.sub(lambda found: "${" if found[1] is None else _value(found[1]), text) if "${" in text else text


def _numbers(column):
    """The numbers of a column: `0-2,7` is 0, 1, 2, 7."""
    for run in filter(None, column.split(",")):
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _build(data):
    if isinstance(data, str):
        return _bind(data)
    if isinstance(data, list):
        return [_build(item) for item in data]
    if not isinstance(data, dict):
        return data
    kind = data.get("$")
    if kind is None:
        return {key: _build(value) for key, value in data.items()}
    if kind == "dict":
        return {key: _build(value) for key, value in data["items"]}
    if kind == "tuple":
        return tuple(_build(item) for item in data["items"])
    if kind == "enum":
        return getattr(dfg, data["of"])[data["member"]]
    if kind == "workers":
        return _workers(data)
    return _made(kind, {key: _build(value) for key, value in data.items() if key != "$"})


def _made(kind, fields):
    module, name = kind.split(".")
    hooks = {key: fields.pop(key, ()) for key in ("pre_hooks", "post_hooks")}
    made = getattr(_MODULES[module], name)(**fields)
    for hook in hooks["pre_hooks"]:
        made.add_pre_hook(hook)
    for hook in hooks["post_hooks"]:
        made.add_post_hook(hook)
    return made


def _workers(data):
    """One object for each worker; what workers share is made once."""
    shards = [{key: _build(value) for key, value in shard.items()} for shard in data["shards"]]
    made = [None] * data["count"]
    for group in data["groups"]:
        fields = _build({**data["shared"], **group["own"]})
        columns = {key: list(_numbers(column)) for key, column in group["columns"].items()}
        held = [(shards[one["shard"]], _coordinates(shards[one["shard"]], one)) for one in group["shards"]]
        for place, worker in enumerate(_numbers(group["workers"])):
            own = {key: numbers[place] for key, numbers in columns.items()}
            if data["class"] == "system_api.ModelWorker":
                own["shards"] = [_shard(shard, ranks[place]) for shard, ranks in held]
            made[worker] = _made(data["class"], {**fields, **own})
    return made


def _coordinates(shard, held):
    """Pipe, data and tensor rank of each worker of a group. Ranks are mixed radix, the last axis running fastest."""
    if held["coordinates"] is not None:
        return held["coordinates"]
    axes, found = shard["axes"], []
    for rank in _numbers(held["ranks"]):
        at = {}
        for axis, size in reversed(axes):
            rank, at[axis] = divmod(rank, size)
        found.append((at["pipe"], at["data"], at["tensor"]))
    return found


def _shard(shard, coordinates):
    pipe, data, tensor = coordinates
    own = config.ModelShardID(
        model_name=shard["model_name"], dp_rank=data, tp_rank=tensor, pp_rank=pipe, topo=shard["topo"]
    )
    return config.StandaloneModelShardAbstraction(id=own, **shard["fields"])


class ProvedExperiment(system_api.Experiment):
    """The experiment as it was proved."""

    def scheduling_setup(self):
        return _build(_DATA["scheduling"])

    def initial_setup(self):
        setups = [_build(setup) for setup in _DATA["setups"]]
        return setups[0] if len(setups) == 1 else setups


system_api.register_experiment(MADE["name"], ProvedExperiment)
