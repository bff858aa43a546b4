"""Every error and warning of a file, found without building a network: `dslnas check`."""
