"""What a class must be able to see, as scripts that act as a person could and look where a page looks."""
