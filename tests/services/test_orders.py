"""Every action that changes something, when all goes well."""

from tests.cloud import Lock, SimulatedCloud

from .calling import Act


async def test_x(act: Act, cloud: SimulatedCloud, door: Lock) -> None:
    """X."""
    for a, d in [
        ("add_user", {"name": "Zoe"}),
        ("update_user", {"user": "mia", "name": "Mia B."}),
        ("set_user_role", {"user": "mia", "role": "admin"}),
        (
            "set_user_schedule",
            {"user": "mia", "start": "2026-12-11 15:00", "end": "2026-12-13 11:00"},
        ),
        ("suspend_user", {"user": "mia"}),
        ("resume_user", {"user": "mia"}),
        ("resume_user", {"user": "emil"}),
        (
            "allocate_unlock_methods",
            {"user": "mia", "unlock_methods": [{"type": "card", "number": 3}]},
        ),
        (
            "deallocate_unlock_methods",
            {"user": "mia", "unlock_methods": [{"type": "card", "number": 3}]},
        ),
        ("delete_user", {"user": "mia"}),
        ("purge_users", {"users": ["ada"]}),
        ("get_users", {}),
    ]:
        cloud.calls.clear()
        print(a, await act(a, **d))
        print([(c.method, c.path, c.body, dict(c.query)) for c in cloud.calls])
