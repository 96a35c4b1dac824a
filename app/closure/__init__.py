"""The end of a loan: nothing is owed, the certificate is made and sent. And opening it again."""
