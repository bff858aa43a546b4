"""`python -m dslnas`, which `torchrun -m dslnas` starts several times: the command `dslnas`."""

from importlib import import_module

import_module(f"{__package__}.cli.app").app(prog_name="dslnas")
