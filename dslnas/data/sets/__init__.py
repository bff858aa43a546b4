"""Data sets, one file each: how the files of its official layout become labelled and split clips."""
