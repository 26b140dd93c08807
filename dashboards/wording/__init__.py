"""What is said on screen: translations, numbers, sentences."""
