"""The two token calls (docs/tuya_api.md, Tokens)."""

from simulator.refusals import Refusal
from simulator.request import Json, Request
from simulator.routes import endpoint
from simulator.tokens import Token


@endpoint("token", "GET", "/v1.0/token")
def token(request: Request) -> Json:
    """Return the token of the project; only the simple mode is supported."""
    if request.call.query.get("grant_type") != "1":
        raise Refusal(1003)
    return _reply(request, request.world.tokens.grant())


@endpoint("refresh_token", "GET", "/v1.0/token/{refresh_token}")
def refresh_token(request: Request) -> Json:
    """Exchange a refresh token for a new pair."""
    return _reply(request, request.world.tokens.refresh(request.parts["refresh_token"]))


def _reply(request: Request, issued: Token) -> Json:
    """Return a token; ``uid`` is the project's, not that of an app account."""
    return {
        "access_token": issued.access,
        "expire_time": request.world.tokens.remaining(issued),
        "refresh_token": issued.refresh,
        "uid": request.world.project_uid,
    }
