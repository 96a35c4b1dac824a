"""Pieces of SQL that several facts use."""


def person(text: str) -> str:
    """The staff p whose id a text holds. Those that hold no id ('system', a provider) are shorter than one."""
    return f"LEFT JOIN partner_user p ON p.id = CASE WHEN length({text}) = 36 THEN {text}::uuid END"


def name_of(text: str) -> str:
    """The name of the staff whose id a text holds, as a value."""
    return f"(SELECT u.name FROM partner_user u WHERE u.id = CASE WHEN length({text}) = 36 THEN {text}::uuid END)"
