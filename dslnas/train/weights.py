"""The weights of a network as a file of safetensors."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from ..base.diagnostics import fail
from ..base.files import write_atomically


def save_weights(path: Path, module: nn.Module) -> None:
    """Write all weights and statistics of a module, whole or not at all; raises DslnasError N0701."""
    from safetensors.torch import save

    state = {name: value.detach().cpu().contiguous() for name, value in module.state_dict().items()}
    write_atomically(path, save(state))


def load_weights(path: Path, module: nn.Module, help: str) -> None:
    """Read what `save_weights` has written into a module of the same form.

    Raises DslnasError N0701 where the file holds anything else; help: what can be done then.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        module.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError, OSError) as error:
        (reason, *_) = str(error).splitlines()
        raise fail("N0701", f"{path} does not hold the network's weights: {reason}", help=help) from None
