"""What a search by sampling found, and what is done with it: picks, ensembles, rankings, other bounds."""
