"""Statistical disclosure control: figures that could reveal a person or a member structure are withheld here."""
