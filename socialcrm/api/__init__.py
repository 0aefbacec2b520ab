"""The REST API's own floor, below every area that answers through it: keys, scopes, requests done once, paging, errors.

Each area's resources lie in its own `api.py` (`bp = APIBlueprint(…, url_prefix=PREFIX)`); here is what they share.
"""

PREFIX = "/api/v1"
