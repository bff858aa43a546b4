"""Plans of runs: sizes, costs, memory and types before a run; `probe` measures real steps."""

from ..judging import planned_clips, planned_roles
from .figures import CellChoices, Figures, NetworkBlock, Plan, plan
from .json import to_json
from .machine import free_memory
from .memory import Memory, gibibytes, memory
from .probe import Timing, probe
from .sampling import PlannedSampling, PriceRange, planned_sampling
from .stages import PlannedSearchStage, planned_stages

__all__ = [
    "CellChoices",
    "Figures",
    "Memory",
    "NetworkBlock",
    "Plan",
    "PlannedSampling",
    "PlannedSearchStage",
    "PriceRange",
    "Timing",
    "free_memory",
    "gibibytes",
    "memory",
    "plan",
    "planned_clips",
    "planned_roles",
    "planned_sampling",
    "planned_stages",
    "probe",
    "to_json",
]
