"""What exists: tasks, pipelines, parameters, datasets and the graph they form."""
