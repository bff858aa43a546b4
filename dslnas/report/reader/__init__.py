"""What readers of a page need beside its figures: names, sound, commands, settings in words."""
