"""Name resolution, from syntax trees to definitions: imports (`use`), derivations (`with`), constants."""
