"""What the papers of meetings hold: sittings, rows of registers, figures and signals."""
