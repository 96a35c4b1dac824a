"""What is given up of a debt: waivers, settlements and write-offs, agreed to and paid in parts."""
