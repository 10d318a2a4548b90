"""Rules of pipelines, by themselves."""
