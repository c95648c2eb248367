"""The run folder and who writes in it: paths, plan, journal, control, whole-file writes, the keeper. Standard library only."""
