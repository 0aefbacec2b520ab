"""Thin tasks: each calls one function."""

from __future__ import annotations

from celery import shared_task

from .schedule import run_due_jobs, work_through


@shared_task(name="worker.tasks.sweep", ignore_result=True)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Carry out due reactions until none is left (bounded, so that a flood does not hold one worker for ever)."""
    work_through(rounds=200)


@shared_task(name="worker.tasks.periodic", ignore_result=True)  # type: ignore[untyped-decorator]
def periodic() -> None:
    """Run the periodic jobs that are due."""
    run_due_jobs()
