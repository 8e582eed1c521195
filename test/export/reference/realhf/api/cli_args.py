"""Stands in for the module of the reference."""

from typing import Any, Dict, List, Optional

from checked import checked


@checked
class MicroBatchSpec:
    n_mbs: int = 1
    max_tokens_per_mb: int = int(1e12)


@checked
class ExperimentSaveEvalControl:
    total_train_epochs: int = 1
    save_freq_epochs: Optional[float] = None
    save_freq_steps: Optional[float] = None
    save_freq_secs: Optional[float] = None
    ckpt_freq_epochs: Optional[float] = None
    ckpt_freq_steps: Optional[float] = None
    ckpt_freq_secs: Optional[float] = None
    eval_freq_epochs: Optional[float] = None
    eval_freq_steps: Optional[float] = None
    eval_freq_secs: Optional[float] = None
    benchmark_steps: Optional[int] = None
    benchmark_n_seqs: Optional[int] = None


@checked
class WandBConfig:
    mode: str = "disabled"
    entity: Optional[str] = None
    project: Optional[str] = None
    name: Optional[str] = None
    job_type: Optional[str] = None
    group: Optional[str] = None
    notes: Optional[str] = None
    tags: Optional[List[str]] = None
    config: Optional[Dict[str, Any]] = None


@checked
class TensorBoardConfig:
    path: Optional[str] = None


@checked
class AutomaticEvaluator:
    data_names: str = "aime24"
    max_gen_tokens: int = 32768
    max_concurrent_jobs: int = 3
    eval_job_image: Optional[str] = None
    initial_checkpoint_path: Optional[str] = None
    prompt_type: str = "deepscaler"
