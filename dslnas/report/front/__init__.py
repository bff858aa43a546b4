"""The part of a report about a search by sampling: the networks found, and what their figures are worth."""
