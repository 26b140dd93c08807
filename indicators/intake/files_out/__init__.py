"""Files for the depositor to download: templates, corrected copies."""
