"""Fuzzing: any bytes end in a diagnostic. See CONTRIBUTING.md."""
