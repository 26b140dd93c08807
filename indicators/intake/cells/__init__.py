"""One cell, parsed once into a typed value or a finding."""
