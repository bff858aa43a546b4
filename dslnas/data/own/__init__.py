"""The user's own recordings: what each contains, which are copies, and the list of clips that a run keeps."""
