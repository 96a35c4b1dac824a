"""The scheduler process: relay and sealer in threads, and rq's cron for what happens at set times.

A tick only writes outbox rows, one a brand, so two schedulers at once do no harm: the jobs are safe to repeat.
"""

import threading

import redis
from rq.cron import CronScheduler

from app.config import settings
from app.core import process
from app.core.database import brand_ids, brand_scope
from app.core.outbox import enqueue
from app.core.relay import relay_forever
from app.core.sealing import seal_forever

# cron expression (UTC) -> job, run for every brand
SCHEDULE = {
    "* * * * *": "reminders.dispatch",
    # a mapping takes an expression once
    "0-59 * * * *": "campaigns.feed",
    "*/2 * * * *": "calls.follow_up",
    "*/5 * * * *": "disbursement.poll_unsettled",
    "*/10 * * * *": "esign.poll_pending",
    "5-59/10 * * * *": "mandates.poll_pending",
    "*/15 * * * *": "banking.end_consents",
    "4-59/15 * * * *": "assessment.look_after",
    "3-59/10 * * * *": "allocation.reallocate",
    "6-59/10 * * * *": "allocation.allot_waiting",
    "9-59/10 * * * *": "collections.conclude_settlements",
    # half past nine in the morning in India, within the hours of contact
    "0 4 * * *": "collections.remind_promises",
    "5 4 * * *": "collections.remind_settlements",
    "10 4 * * *": "collections.escalate_complaints",
    "50 18 * * *": "collections.follow_settlements",
    "30 2 * * *": "allocation.cover_leave",
    "35 18 * * *": "end_of_day.close_yesterday",
    "8-59/15 * * * *": "end_of_day.look_for_late",
    "0 19 * * *": "allocation.allot_due",
    "40 18 * * *": "sanction.expire",
    # the half hours of UTC are the hours of India
    "0,30 * * * *": "reporting.look_after",
    "30 20 * * *": "ledger.check_books",
    "1-59/5 * * * *": "dashboards.fold_figures",
    "20 21 * * *": "dashboards.check_figures",
    "7,22,37,52 * * * *": "audit.anchor",
    "0 21 * * *": "audit.verify",
    "45 21 * * *": "privacy.retain",
    "10,40 * * * *": "payments.end_stale",
    "2-59/15 * * * *": "payments.poll_refunds",
    "40 2 * * *": "payments.announce_due",
    "12 * * * *": "payments.look_at_presentation_files",
    "50 3 * * *": "payments.present_due",
    "30 4 * * *": "payments.reconcile_yesterday",
    "15 21 * * *": "keys.begin_reencryption",
}


def run() -> None:
    """Run until SIGINT or SIGTERM."""
    process.prepare()
    stop = threading.Event()
    threads = [
        threading.Thread(target=loop, args=(stop,), daemon=True) for loop in (relay_forever, seal_forever)
    ]
    for thread in threads:
        thread.start()
    try:
        _cron().start()
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5)


def _cron() -> CronScheduler:
    cron = CronScheduler(connection=redis.Redis.from_url(settings().redis_url), logging_level="WARNING")
    for expression, job in SCHEDULE.items():
        cron.register(tick, queue_name="default", args=(job,), cron=expression, name=job)
    return cron


def tick(job: str) -> None:
    """Enqueue `job` for every brand. Run by a worker."""
    for brand_id in brand_ids():
        with brand_scope(brand_id):
            enqueue(job)
