"""Stands in for the module of the reference."""

import dataclasses
import enum
from typing import Dict, Optional, Tuple

from checked import checked
from realhf.api.cli_args import MicroBatchSpec
from realhf.api.core.config import ModelInterfaceAbstraction, ModelName


class ModelInterfaceType(enum.Enum):
    GENERATE = "generate"
    TRAIN_STEP = "train_step"
    EVALUATE = "evaluate"
    INFERENCE = "inference"


@checked
class OffloadHook:
    pass


@checked
class ParamReallocHook:
    source: Optional[ModelName] = None
    target: Optional[ModelName] = None
    eta: float = 1.0


@checked
class MFCDef:
    name: str
    n_seqs: int
    interface_type: ModelInterfaceType
    interface_impl: ModelInterfaceAbstraction
    model_name: ModelName
    input_keys: Tuple[str, ...] = ()
    input_key_remap: Dict[str, str] = dataclasses.field(default_factory=dict)
    output_keys: Tuple[str, ...] = ()
    output_key_remap: Dict[str, str] = dataclasses.field(default_factory=dict)
    mb_spec: MicroBatchSpec = dataclasses.field(default_factory=MicroBatchSpec)
    min_n_seqs_per_pass: float = 1
    log_return_value: bool = False

    def __post_init__(self):
        self._pre_hooks, self._post_hooks = [], []

    def add_pre_hook(self, hook):
        if not isinstance(hook, ParamReallocHook):
            raise TypeError(f"{hook!r} can't come before a call")
        self._pre_hooks.append(hook)

    def add_post_hook(self, hook):
        if not isinstance(hook, (ParamReallocHook, OffloadHook)):
            raise TypeError(f"{hook!r} is no hook")
        self._post_hooks.append(hook)
