"""The product's story on one page: which event makes which area act.

In the order in which things happen. Nobody else registers a reaction. A reaction is one to three lines: it
reads from any area what the event only names, and hands values to one action.
"""

from __future__ import annotations
