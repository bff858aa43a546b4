"""Search methods as data: how a method of the language mixes, draws, trains, regularizes, grows and prunes."""
