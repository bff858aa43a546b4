"""Training of any network: batches, optimizers, the loop with its checkpoints, retraining, testing."""
