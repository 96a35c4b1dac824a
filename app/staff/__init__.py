"""Staff: their sign-in and second factor, roles, rights, teams, leave, and what they may do in which brand."""
