"""Reads a Mixpanel project: its raw events, and the profiles of its users."""

from __future__ import annotations

from penstock.sources.mixpanel.api import EXPORT, PROFILES, Region, in_region
from penstock.sources.mixpanel.client import Mixpanel

__all__ = ["EXPORT", "PROFILES", "Mixpanel", "Region", "in_region"]
