"""What the registers of structures say, for those who may see them."""
