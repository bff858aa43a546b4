"""The command line of dslnas. Nothing in `dslnas` itself imports it."""
