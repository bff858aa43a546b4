"""Front ends as torch modules: from a wave or an image to the features that a network reads."""
