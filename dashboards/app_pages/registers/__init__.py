"""Pages of the registers of structures and of what comes of them: actions, plan, participation, meetings, papers."""
