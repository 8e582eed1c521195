"""Stands in for the module of the reference."""

import dataclasses
from typing import Any, Dict, List, Optional

from checked import checked
from realhf.base.topology import ProcessTopology


@dataclasses.dataclass(frozen=True, order=True)
class ModelName:
    role: str
    replica_id: int


@checked
class ModelShardID:
    model_name: ModelName
    dp_rank: int
    tp_rank: int
    pp_rank: int
    topo: ProcessTopology


@checked
class DatasetAbstraction:
    type_: str
    args: Dict[str, Any] = dataclasses.field(default_factory=dict)


@checked
class ModelWrapperAbstraction:
    type_: str
    args: Dict[str, Any] = dataclasses.field(default_factory=dict)


@checked
class ModelAbstraction:
    type_: str
    args: Dict[str, Any] = dataclasses.field(default_factory=dict)
    wrappers: List[ModelWrapperAbstraction] = dataclasses.field(default_factory=list)


@checked
class ModelInterfaceAbstraction:
    type_: str
    args: Dict[str, Any] = dataclasses.field(default_factory=dict)


@checked
class ModelBackendAbstraction:
    type_: str
    args: Dict[str, Any] = dataclasses.field(default_factory=dict)


@checked
class AgentAbstraction:
    type_: str
    args: Dict[str, Any] = dataclasses.field(default_factory=dict)


@checked
class EnvServiceAbstraction:
    type_: str
    args: Dict[str, Any] = dataclasses.field(default_factory=dict)


@checked
class StandaloneModelShardAbstraction:
    id: ModelShardID
    model: ModelAbstraction
    backend: ModelBackendAbstraction
    eval_dataset: Optional[DatasetAbstraction] = None
    eval_bs: int = 128
    should_instantiate: bool = True
