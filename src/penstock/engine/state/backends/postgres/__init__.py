"""The state store in a PostgreSQL database, for the processes of many machines."""
