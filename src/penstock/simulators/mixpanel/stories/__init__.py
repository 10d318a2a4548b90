"""What is planted in the simulated app: named stories, by what they try."""
