"""Thortime's trainer. Meets the rest of Thortime only through files in a run's folder (docs/architecture.md)."""
