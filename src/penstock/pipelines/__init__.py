"""Pipelines that come with Penstock; ordinary users of its front door."""
