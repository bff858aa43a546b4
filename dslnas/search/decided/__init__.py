"""What is found in a trained supernet by what its networks recognise, in place of its weights."""
