"""What is wrong with a lake, found without changing anything in it."""
