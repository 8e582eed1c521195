"""Stands in for the module of the reference: classes with its fields, which refuse others."""

import dataclasses
from typing import Any, Dict, List, Optional, Union

from checked import checked
from realhf.api.cli_args import AutomaticEvaluator, ExperimentSaveEvalControl, TensorBoardConfig, WandBConfig
from realhf.api.core.config import (
    AgentAbstraction,
    DatasetAbstraction,
    EnvServiceAbstraction,
    ModelName,
    StandaloneModelShardAbstraction,
)
from realhf.api.core.dfg import MFCDef
from realhf.base import constants


@checked
class Scheduling:
    cpu: int
    gpu: float
    mem: int
    nodelist: Optional[str] = None
    exclude: Optional[str] = None
    container_image: Optional[str] = None
    env_vars: Dict[str, str] = dataclasses.field(default_factory=dict)
    time_limit: Optional[str] = None
    begin: Optional[str] = None
    deadline: Optional[str] = None


@checked
class TasksGroup:
    count: int
    scheduling: Scheduling


@checked
class ExperimentScheduling:
    model_worker: Union[TasksGroup, List[TasksGroup]]
    master_worker: Union[TasksGroup, List[TasksGroup]]
    generation_server: Optional[Union[TasksGroup, List[TasksGroup]]] = None
    gserver_manager: Optional[Union[TasksGroup, List[TasksGroup]]] = None
    rollout_worker: Optional[Union[TasksGroup, List[TasksGroup]]] = None
    controller_image: Optional[str] = None


@checked
class WorkerInformation:
    experiment_name: str = ""
    trial_name: str = ""
    worker_type: str = ""
    worker_index: int = -1
    worker_count: int = 0
    worker_tag: Optional[str] = None
    host_key: Optional[str] = None
    watch_keys: Optional[Union[str, List[str]]] = None


@checked
class ModelWorker:
    base_seed: int
    shards: List[StandaloneModelShardAbstraction]
    tokenizer_name_or_path: Optional[str] = None
    datasets: Optional[List[Union[str, DatasetAbstraction]]] = None
    use_dataset_cache: bool = False
    dataset_cahce_root: str = constants.DATASET_CACHE_PATH
    shuffle_dataset: bool = True
    cuda_cache_cleanliness: bool = True
    cuda_cache_clear_freq: int = 10
    torch_cache_mysophobia: bool = False
    model_rpcs: Optional[List[MFCDef]] = None
    model_topos: Optional[Dict[ModelName, Any]] = None
    msid2mwid: Optional[Dict[Any, int]] = None
    data_transfer_pairs: Optional[List[Any]] = None
    sync_param_pairs: Optional[List[Any]] = None
    profile_mode: bool = False
    worker_info: Optional[WorkerInformation] = None


@checked
class GenerationServer:
    base_seed: int
    backend_type: str
    backend_args: Any
    model_path: str
    tp_size: int
    worker_info: Optional[WorkerInformation] = None


@checked
class GserverManager:
    model_name: ModelName
    n_servers: int
    schedule_policy: str
    max_head_offpolicyness: int
    train_batch_size: int
    flush_request_timeout: int
    max_concurrent_rollouts: int
    worker_info: Optional[WorkerInformation] = None


@checked
class RolloutWorker:
    base_seed: int
    model_name: ModelName
    tokenizer_path: str
    new_tokens_per_chunk: int
    rollout_request_timeout: int
    env: EnvServiceAbstraction
    agent: AgentAbstraction
    datasets: List[Union[str, DatasetAbstraction]]
    use_dataset_cache: bool = False
    dataset_cahce_root: str = constants.DATASET_CACHE_PATH
    worker_info: Optional[WorkerInformation] = None


@checked
class ExperimentConfig:
    exp_ctrl: ExperimentSaveEvalControl
    wandb: WandBConfig
    tensorboard: TensorBoardConfig
    model_rpcs: List[MFCDef]
    model_worker: List[ModelWorker] = dataclasses.field(default_factory=list)
    generation_server: List[GenerationServer] = dataclasses.field(default_factory=list)
    gserver_manager: List[GserverManager] = dataclasses.field(default_factory=list)
    rollout_worker: List[RolloutWorker] = dataclasses.field(default_factory=list)
    auto_eval: bool = False
    evaluator: AutomaticEvaluator = dataclasses.field(default_factory=AutomaticEvaluator)


class Experiment:
    pass


REGISTERED = {}


def register_experiment(name, cls):
    if name in REGISTERED:
        raise ValueError(f"{name} is registered already")
    REGISTERED[name] = cls
