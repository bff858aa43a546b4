"""Search methods as data: how each mixes, draws, trains, regularizes, grows and prunes."""
