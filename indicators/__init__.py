"""The domain, silent: catalogue, periods, perimeters, intake, store, questions, judgement and disclosure."""
