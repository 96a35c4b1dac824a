"""What analysts ask for: how cohorts age, where applications are lost, what campaigns are worth."""
