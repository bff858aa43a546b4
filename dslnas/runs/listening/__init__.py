"""Listening: what a trained network hears in sound that goes on, as events with times, and how well."""
