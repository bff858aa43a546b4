"""Static checks of `.nas` files (`dslnas check`): all errors and warnings, without building a network."""
