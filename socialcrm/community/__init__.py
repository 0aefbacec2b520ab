"""The community: groups, their topics and posts, moderation in the open, and the health of each group.

Rooms: `groups` (groups, members, rules), `topics` (topics, posts, images, drafts, reading marks), `moderation`
(reports, hiding, the public log, word rules), `health` (figures of the day). What other areas ask stands in
`queries.py`, who may see or touch what in `access.py`, what happens here in `events.py`. Other areas write through
`topics.actions.publish_post`, `groups.actions.join_group` and `topics.imports.import_posts`.
"""
