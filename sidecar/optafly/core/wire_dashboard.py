"""What a command and the core say to each other about the dashboard, as JSON."""

import msgspec


class DashboardLink(msgspec.Struct, frozen=True):
    """Where the dashboard opens, once and for ``valid_s`` seconds."""

    url: str
    valid_s: float
