"""The command `dslnas` as `python -m dslnas`, which `torchrun -m dslnas` starts several times."""

from importlib import import_module

import_module(f"{__package__}.cli.app").app(prog_name="dslnas")
