"""Campaigns: who is on the list when it begins is told once, so many a minute, until it is stopped."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from peewee import fn

from app.campaigns import audience
from app.campaigns.models import Campaign, CampaignRecipient
from app.campaigns.states import CAMPAIGN, COMPLETED, GATHERING, PAUSED, RUNNING, STOPPED
from app.core import clock, identity
from app.core.database import brand_scope, current_brand, insert_rows, update_rows
from app.core.http import paginate
from app.core.identity import Actor
from app.core.outbox import enqueue
from app.dashboards.filters import StageFilters
from app.messaging.delivery import gates
from app.messaging.templates import wording
from app.reminders import service as reminders
from app.reminders.states import PENDING

ROWS_MAX = 5_000  # of one statement
# a minute, less what a tick may come early
MINUTE = timedelta(seconds=50)
SORTS = {"createdAt": Campaign.created_at, "name": Campaign.name, "status": Campaign.status}


def create(*, name: str, per_minute: int, **what: Any) -> Campaign:
    """A draft; nobody is told anything yet. Raises as `audience.check` does."""
    audience.check(**what)
    filters = StageFilters().dump(what["filters"])
    campaign = Campaign.create(
        name=name,
        per_minute=per_minute,
        created_by=identity.actor().id,
        **what | {"filters": {key: value for key, value in filters.items() if value is not None}},
    )
    CAMPAIGN.start(campaign)
    return described([campaign])[0]


def page(args: dict[str, Any]) -> dict[str, Any]:
    """One page of campaigns, newest first, with how far each is."""
    query = Campaign.select()
    if args["status"]:
        query = query.where(Campaign.status == args["status"])
    found = paginate(query, args, SORTS)
    return found | {"items": described(found["items"])}


def get(campaign_id: UUID) -> Campaign:
    """A campaign with how far it is, or NotFound."""
    return described([Campaign.find(campaign_id)])[0]


def described(campaigns: Sequence[Campaign]) -> list[Campaign]:
    """Campaigns with how many wait for their turn, and how many reminders are in each state."""
    ids = [campaign.id for campaign in campaigns]
    waiting = dict(
        CampaignRecipient.select(CampaignRecipient.campaign_id, fn.COUNT(CampaignRecipient.id))
        .where(CampaignRecipient.campaign_id.in_(ids), CampaignRecipient.reminder_id.is_null())
        .group_by(CampaignRecipient.campaign_id)
        .tuples()
    )
    counted = reminders.counts(ids)
    for campaign in campaigns:
        told = {state.lower(): number for state, number in counted.get(campaign.id, {}).items()}
        campaign.progress = {
            "total": campaign.recipient_count,
            "waiting": waiting.get(campaign.id, 0),
            **told,
        }
    return list(campaigns)


def start(campaign_id: UUID) -> Campaign:
    """Have everybody gathered who is on the list now, and told. Raises Conflict if it began before."""
    campaign = Campaign.find(campaign_id)
    CAMPAIGN.move(campaign, GATHERING)
    who = identity.actor()
    enqueue("campaigns.gather", campaign_id=campaign.id, starter_id=who.id, roles=sorted(who.roles))
    return get(campaign_id)


def pause(campaign_id: UUID) -> Campaign:
    """Nobody else is told until it goes on; what was released in this minute still leaves."""
    CAMPAIGN.move(Campaign.find(campaign_id), PAUSED)
    return get(campaign_id)


def go_on(campaign_id: UUID) -> Campaign:
    """Go on after a pause, with those who were not told yet."""
    CAMPAIGN.move(Campaign.find(campaign_id), RUNNING)
    return get(campaign_id)


def stop(campaign_id: UUID, reason: str) -> Campaign:
    """Nobody else is told, ever; what has not left is cancelled."""
    CAMPAIGN.move(Campaign.find(campaign_id), STOPPED, remark=reason, ended_at=clock.now())
    enqueue("campaigns.cancel_rest", brand_id=current_brand(), campaign_id=campaign_id)
    return get(campaign_id)


def gather(campaign_id: UUID, starter: Actor) -> None:
    """Write down who is on the list that `starter` sees, unless that was done or the campaign stopped."""
    campaign = Campaign.find(campaign_id).locked()
    if campaign.status != GATHERING:
        return
    filters = StageFilters().load(campaign.filters)
    with identity.acting(starter):
        whom = audience.of(campaign.stage, filters)
    rows = ({"campaign_id": campaign.id, "customer_id": who, "loan_id": loan} for who, loan in whom.items())
    for some in _batches(rows):
        insert_rows(CampaignRecipient, some)
    CAMPAIGN.move(campaign, RUNNING, recipient_count=len(whom))
    enqueue("campaigns.feed")


def _batches(rows: Iterator[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    while some := list(islice(rows, ROWS_MAX)):
        yield some


def feed() -> None:
    """Release for each campaign that runs as many as a minute may have, unless this minute's are released."""
    running = Campaign.select().where(Campaign.status == RUNNING).for_update("FOR UPDATE SKIP LOCKED")
    due = [c for c in running if (c.fed_at is None or clock.now() - c.fed_at >= MINUTE) and _is_open(c)]
    for campaign in due:
        _release(campaign)
    if due:
        enqueue("reminders.send_due", brand_id=current_brand())


def _is_open(campaign: Campaign) -> bool:
    """Whether it is an hour for it: what is released waits for none, so that no more than a minute's leave in one."""
    kind = wording.kind_of(campaign.template_code)
    return kind is None or gates.closed_until(kind, campaign.channel) is None


def _release(campaign: Campaign) -> None:
    waiting = CampaignRecipient.campaign_id == campaign.id, CampaignRecipient.reminder_id.is_null()
    query = CampaignRecipient.select().where(*waiting).order_by(CampaignRecipient.id)
    turn = list(query.limit(campaign.per_minute))
    made = reminders.create_all(
        [{"customer_id": row.customer_id, "loan_id": row.loan_id} for row in turn],
        campaign_id=campaign.id,
        channel=campaign.channel,
        template_code=campaign.template_code,
        payload=campaign.payload,
        scheduled_at=clock.now(),
        created_by=campaign.created_by,
    )
    pairs = zip(turn, made, strict=True)
    update_rows(CampaignRecipient, [{"id": row.id, "reminder_id": reminder_id} for row, reminder_id in pairs])
    campaign.change(fed_at=clock.now())
    if not turn and not reminders.counts([campaign.id])[campaign.id].get(PENDING):
        CAMPAIGN.move(campaign, COMPLETED, ended_at=clock.now())


def cancel_rest(brand_id: str, campaign_id: UUID) -> None:
    """Cancel what a stopped campaign released and has not left yet."""
    after: UUID | None = UUID(int=0)
    while after is not None:
        with brand_scope(brand_id):
            after = reminders.cancel_campaign(campaign_id, after, ROWS_MAX)
