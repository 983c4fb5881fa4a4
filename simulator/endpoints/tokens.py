"""The two token calls (docs/tuya_api.md, Tokens)."""

from simulator.ask import Ask, Json
from simulator.refusals import Refusal
from simulator.routes import endpoint
from simulator.tokens import Token


@endpoint("token", "GET", "/v1.0/token")
def token(ask: Ask) -> Json:
    """Return the token of the project; only the simple mode is supported."""
    if ask.call.query.get("grant_type") != "1":
        raise Refusal(1003)
    return _reply(ask, ask.world.tokens.grant())


@endpoint("refresh_token", "GET", "/v1.0/token/{refresh_token}")
def refresh_token(ask: Ask) -> Json:
    """Exchange a refresh token for a new pair."""
    return _reply(ask, ask.world.tokens.refresh(ask.parts["refresh_token"]))


def _reply(ask: Ask, issued: Token) -> Json:
    """Return a token; ``uid`` is the project's, not that of an app account."""
    return {
        "access_token": issued.access,
        "expire_time": ask.world.tokens.remaining(issued),
        "refresh_token": issued.refresh,
        "uid": ask.world.project_uid,
    }
