"""Files given to who deposits: templates, corrected copies."""
