"""The page where staff deposit their files."""
