"""What is searched: one source per kind of document, in the order in which `socialcrm reindex` reads them."""

from __future__ import annotations

from ...community.groups.documents import GROUPS
from ...community.topics.documents import REPLIES, TOPICS
from ...search.actions import Source
from ...search.people import CUSTOMERS
from ...service.cases.documents import CASES

SOURCES: tuple[Source, ...] = (GROUPS, TOPICS, REPLIES, CUSTOMERS, CASES)
