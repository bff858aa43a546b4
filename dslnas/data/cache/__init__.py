"""The cache on disk: tensors with checksums, made once for all processes, listed and removed by data set."""
