"""When staff worked: sessions by person and day, and what did not get in."""

from collections.abc import Mapping

import polars as pl

from reports.base import Column, Report, Source, Total
from reports.columns.expressions import day
from reports.figures import figure
from reports.kinds import DATE, INSTANT, INTEGER, JSON, TEXT
from reports.totals import count, sums

_KEY = ("user_email", "login_date")
_WHO = (
    Column("user_email", TEXT, "Who", "u.email"),
    Column("user_name", TEXT, "Their name", "u.name"),
    Column("role", TEXT, "Roles in the brand", "u.roles"),
)
# a session that nobody ended counts until the last sign of life, and none beyond its day
_UNTIL = f"""least(CASE WHEN s.end_reason LIKE 'LOGOUT%%' THEN s.revoked_at ELSE s.last_used_at END,
    ({day("s.created_at")} + 1)::timestamp AT TIME ZONE 'Asia/Kolkata')"""
_SESSION = (
    *_WHO,
    Column("login_date", DATE, "Day", day("s.created_at")),
    Column("login_at", INSTANT, "Begin", "s.created_at"),
    Column("logout_at", INSTANT, "End, if it was ended", "s.revoked_at"),
    Column("seconds", INTEGER, "Length", f"greatest(extract(epoch FROM {_UNTIL} - s.created_at), 0)"),
    Column("device", TEXT, "Device", "s.device_hash"),
    Column("agent", TEXT, "Program", "s.user_agent"),
    Column("ip", TEXT, "Address", "s.ip"),
)
# what a program says of the system that it runs on; the first that fits, as some say two
_SYSTEMS = {
    "Android": "Android",
    "iPhone|iPad": "iOS",
    "Windows": "Windows",
    "Macintosh|Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux|X11": "Linux",
}
_OS = pl.coalesce(
    pl.when(pl.col("agent").str.contains(said)).then(pl.lit(name)) for said, name in _SYSTEMS.items()
)
_FAILURE = (*_WHO, Column("login_date", DATE, "Day", day("s.created_at")))
_FAILED = "s.event IN ('WRONG_PASSWORD', 'WRONG_CODE')"


def _source(table: str, behind: str, columns: tuple[Column, ...], where: str = "true") -> Source:
    selected = ", ".join(f"{column.sql} AS {column.name}" for column in columns)
    return Source(
        f"""SELECT {selected} FROM {table} s JOIN (
          SELECT p.id, p.email, p.name, string_agg(r.role, '; ' ORDER BY r.role) AS roles
          FROM partner_user p JOIN partner_user_brand_role r ON r.partner_user_id = p.id
          WHERE r.brand_id = %(brand_id)s GROUP BY p.id) u ON u.id = s.partner_user_id
        WHERE s.created_at >= %(from_at)s AND s.created_at < %(until_at)s AND {where} ORDER BY s.created_at, s.id""",
        columns,
        reads=(behind,),
    )


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Sessions by person and day, with those days that saw failures alone."""
    told = pl.struct("login_at", "logout_at", "device", _OS.alias("os"), "agent", "ip").struct.json_encode()
    names = (pl.col("user_name").first(), pl.col("role").first())
    worked = frames["sessions"].group_by(_KEY).agg(
        *names,
        pl.len().alias("total_sessions"),
        pl.col("login_at").min().alias("first_login"),
        pl.col("login_at").max().alias("last_login"),
        pl.col("logout_at").max().alias("last_logout"),
        (pl.col("seconds").sum() // 60).alias("active_minutes"),
        pl.col("ip").drop_nulls().n_unique().alias("distinct_ips"),
        pl.col("device").drop_nulls().n_unique().alias("distinct_devices"),
        pl.format("[{}]", told.str.join(", ")).alias("sessions"),
    )  # fmt: skip
    failed = frames["failures"].group_by(_KEY).agg(*names, pl.len().alias("failed_attempts"))
    both = worked.join(failed, on=_KEY, how="full", coalesce=True, suffix="_failed")
    return both.with_columns(
        pl.coalesce("user_name", "user_name_failed"), pl.coalesce("role", "role_failed")
    ).sort("login_date", "user_email", descending=[True, False])


def _number(name: str, meaning: str) -> Column:
    return figure(name, INTEGER, meaning, pl.col(name).fill_null(0))


COLUMNS = (
    figure("user_email", TEXT, "E-mail that the person signs in with"),
    figure("user_name", TEXT, "Their name"),
    figure("role", TEXT, "Their roles in the brand"),
    figure("login_date", DATE, "Day on which the sessions began"),
    _number("total_sessions", "Sessions that began on the day"),
    figure("first_login", INSTANT, "When the first began"),
    figure("last_login", INSTANT, "When the last began"),
    figure("last_logout", INSTANT, "When the last of those that were ended was"),
    _number(
        "active_minutes", "Minutes of all of them; one that nobody ended counts until the last sign of life"
    ),
    _number("failed_attempts", "Attempts to sign in that failed"),
    _number("distinct_ips", "Addresses from which they came"),
    _number("distinct_devices", "Devices that they used"),
    figure("sessions", JSON, "Each session: begin, end, device, system, program, address"),
)

REPORT = Report(
    name="login-sessions-report",
    title="Sessions of staff",
    family="user and loan",
    grain="one row a member of staff and day, wherever in the platform they worked that day",
    filtered_on="the day on which a session began or an attempt failed",
    order="latest day first",
    columns=COLUMNS,
    sources={
        "sessions": _source("staff_session", "partner_login_token", _SESSION),
        "failures": _source("staff_sign_in", "partner_user_login_log", _FAILURE, _FAILED),
    },
    build=build,
    totals=(
        count(),
        Total("users", pl.col("user_email").n_unique()),
        *sums("total_sessions", "active_minutes", "failed_attempts"),
    ),
)
