"""Legal steps against a debt: notices that are sent, and suits that are filed."""
