"""What every test of the HTTP layer works with."""

from tests.unit.sources.http.clients import bench

__all__ = ["bench"]
