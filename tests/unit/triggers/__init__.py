"""Tests of triggers: the calendar, the scheduler, deployments."""
