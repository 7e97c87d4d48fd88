"""What is done by hand around the program: before its first update, between two, and after it is destroyed."""
