"""The client of Mixpanel."""
