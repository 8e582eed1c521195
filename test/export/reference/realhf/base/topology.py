"""Stands in for the module of the reference."""

from typing import Optional

from checked import checked


class ProcessTopology:
    def world_size(self):
        return self.num_pp * self.num_dp * self.num_tp


@checked
class PipeDataTensorParallelTopology(ProcessTopology):
    num_pp: int
    num_dp: int
    num_tp: int
    sequence_parallel: bool
    gradient_checkpointing: bool
    max_prompt_len: Optional[int] = None
    gradient_accumulation_fusion: bool = False


@checked
class DataPipeTensorParallelTopology(ProcessTopology):
    num_pp: int
    num_dp: int
    num_tp: int
    sequence_parallel: bool
    max_prompt_len: Optional[int] = None
