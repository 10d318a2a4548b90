"""The pipeline's own database: opened, migrated, and brought up to date table by table."""
