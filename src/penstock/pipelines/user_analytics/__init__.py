"""User analytics: a pipeline of plain scripts, from a Mixpanel project to one valued row per user and product."""
