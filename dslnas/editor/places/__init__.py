"""What stands at a place of a text: the token, the call, the definition and everything that names it."""
