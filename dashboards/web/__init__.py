"""What a browser or a program is answered: the shell of pages, and the files that it names."""
