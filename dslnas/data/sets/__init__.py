"""Readers of data sets, one module each: from the files of its official layout to labelled, split clips."""
