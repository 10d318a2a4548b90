"""The console, asked as a browser and as a program ask it."""
