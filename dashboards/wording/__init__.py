"""Texts on screen: translations, number formats, sentences."""
