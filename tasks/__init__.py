"""Celery's side of the house: ticks and rings, each one service round."""
