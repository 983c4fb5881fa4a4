"""The signature of the simulated cloud against every known answer of the documents."""

import hashlib

import pytest

from simulator import signature

CLIENT_ID = "1KAD46OrT9HafiKdsXeg"
SECRET = "4OHBOnWOqaEC1mWXOpVL3yV50s0qGSRC"
STAMP = "1588925778000"
NONCE = "5138cc3a9033d69856923fd07b491173"
TOKEN = "3f4eda2bdec17232f67c0b188af3eec1"
HEADERS = [
    ("area_id", "29a33e8796834b1efa6"),
    ("call_id", "8afdb70ab2ed11eb85290242ac130003"),
]
TOKEN_URL = "/v1.0/token?grant_type=1"
USERS_URL = "/v2.0/apps/schema/users?page_no=1&page_size=50"


@pytest.mark.parametrize(
    ("method", "url", "body", "token", "nonce", "headers", "expected"),
    [
        pytest.param(
            "GET",
            TOKEN_URL,
            b"",
            "",
            NONCE,
            HEADERS,
            "9E48A3E93B302EEECC803C7241985D0A34EB944F40FB573C7B5C2A82158AF13E",
            id="V1 token, signed headers",
        ),
        pytest.param(
            "GET",
            USERS_URL,
            b"",
            TOKEN,
            NONCE,
            HEADERS,
            "AE4481C692AA80B25F3A7E12C3A5FD9BBF6251539DD78E565A1A72A508A88784",
            id="V2 business, signed headers",
        ),
        pytest.param(
            "GET",
            TOKEN_URL,
            b"",
            "",
            NONCE,
            [],
            "3206F74CBFC2869794FD3013C44F18166BE22AB1FB5FF66F513212264F67F681",
            id="V3 token, nonce",
        ),
        pytest.param(
            "GET",
            TOKEN_URL,
            b"",
            "",
            "",
            [],
            "7BA26C076E5ECB1E959BE274A0FFB397B2B1865FC7BCED8F1C78AC5653C20CAA",
            id="V4 token, bare",
        ),
        pytest.param(
            "GET",
            USERS_URL,
            b"",
            TOKEN,
            NONCE,
            [],
            "F858D3153DBD4FFA94D59D56B00E2945430F33F0403B8BE575F3A13B1F2D3B47",
            id="V5 business, nonce",
        ),
        pytest.param(
            "GET",
            USERS_URL,
            b"",
            TOKEN,
            "",
            [],
            "64301972C332666809136931588F2E3D042221D7A85036DE55409C91151C7659",
            id="V6 business, bare",
        ),
        pytest.param(
            "PUT",
            "/v1.0/smart-lock/devices/vdevo1/users/42/actions/role",
            b'{"role":"admin"}',
            TOKEN,
            NONCE,
            [],
            "A4126F383358127606C066F8C2BF73FB5FFCE27971B635A36BD91B8D5A249853",
            id="V7 body",
        ),
        pytest.param(
            "GET",
            "/v1.0/smart-lock/devices/vdevo1/opmodes/42?codes=unlock_fingerprint,"
            "unlock_card&page_no=1&page_size=20&unlock_name=",
            b"",
            TOKEN,
            NONCE,
            [],
            "DCA0AAB46E3CEB81453E32B140264B342B58C65BB924120896ED07BACB3BEC7F",
            id="V8 comma and empty value",
        ),
        pytest.param(
            "GET",
            "/v1.0/smart-lock/devices/vdevo1/opmodes/42?unlock_name=&page_size=20"
            "&page_no=1&codes=unlock_fingerprint%2Cunlock_card",
            b"",
            TOKEN,
            NONCE,
            [],
            "DCA0AAB46E3CEB81453E32B140264B342B58C65BB924120896ED07BACB3BEC7F",
            id="V8 unsorted and encoded on the wire",
        ),
        pytest.param(
            "DELETE",
            "/v1.0/devices/vdevo1/users/42",
            b"",
            TOKEN,
            NONCE,
            [],
            "3CADC31E3C412F9FBFAE0148115E7933D62C9476D20C7AB1261CFC63AA4EB650",
            id="V9 delete",
        ),
        pytest.param(
            "POST",
            "/v1.0/smart-lock/devices/vdevo1/users/42,43/actions/delete-users-issue",
            b"",
            TOKEN,
            NONCE,
            [],
            "4097F895F783969C82C46246A7821A913D1B102E723D57697C435A934ED21F1C",
            id="V10 comma in the path",
        ),
        pytest.param(
            "GET",
            "/v1.0/token/0123456789abcdef0123456789abcdef",
            b"",
            "",
            NONCE,
            [],
            "AB3008C9DE6566141E342433C768CAF9BD2C892E9F3EFDA80A3B9FE8E0B0E3BC",
            id="V11 refresh",
        ),
    ],
)
def test_known_answers(
    method: str,
    url: str,
    body: bytes,
    token: str,
    nonce: str,
    headers: list[tuple[str, str]],
    expected: str,
) -> None:
    """Each vector gives its signature (docs/tuya_api.md, Known answers)."""
    text = signature.string_to_sign(method, url, body, headers)
    result = signature.sign(
        SECRET, CLIENT_ID, STAMP, text, access_token=token, nonce=nonce
    )
    assert result == expected


def test_string_to_sign_of_the_documentation() -> None:
    """The string of V1, with its empty line, has the hash the documents give."""
    text = signature.string_to_sign("GET", TOKEN_URL, b"", HEADERS)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest == "fb273861fe1a1c656852c29fcb7282e33ab5b5138f91da4cea3954338e015da2"


def test_one_newline_is_wrong() -> None:
    """N1: the reading without the empty line gives the wrong answer."""
    text = signature.string_to_sign("GET", TOKEN_URL, b"", HEADERS)
    text = text.replace("\n\n/", "\n/")
    result = signature.sign(SECRET, CLIENT_ID, STAMP, text, nonce=NONCE)
    assert result == "0BDAB2B79347E4FD29ACF522683154D1ADEF2D1D364FAD5740A649C025DB0370"


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("", "CEAAFB5CCDC2F723A9FD3E91D3D2238EE0DD9A6D7C3C365DEB50FC2AF277AA83"),
        (TOKEN, "36C30E300F226B68ADD014DD1EF56A81EDB7B7A817840485769B9D6C96D0FAA1"),
    ],
    ids=["O1", "O2"],
)
def test_old_scheme_is_another(token: str, expected: str) -> None:
    """O1, O2: the scheme before 2021 signs no string; it never equals the new one."""
    old = signature.sign(SECRET, CLIENT_ID, STAMP, "", access_token=token)
    text = signature.string_to_sign("GET", TOKEN_URL)
    new = signature.sign(SECRET, CLIENT_ID, STAMP, text, access_token=token)
    assert old == expected
    assert not signature.same(new, old)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a", "/a"),
        ("/a?", "/a"),
        ("/a?b=", "/a?b="),
        ("/a?b", "/a?b="),
        ("/a?c=1&b=2&B=3", "/a?B=3&b=2&c=1"),
        ("/a?k=x%2Cy", "/a?k=x,y"),
        ("/a?k=x+y%20z", "/a?k=x y z"),
        ("/a?k=x%2By", "/a?k=x+y"),
        ("/a?k=J%C3%BCrgen", "/a?k=Jürgen"),
        ("/a?k=1%261", "/a?k=1&1"),
        ("/u/1%2C2", "/u/1,2"),
    ],
)
def test_canonical_url(target: str, expected: str) -> None:
    """Targets are decoded, sorted by key, and keep empty values."""
    assert signature.canonical_url(target) == expected


def test_empty_body_and_lower_case() -> None:
    """The hash of nothing is the one in the documents; signatures are upper case."""
    assert signature.content_hash(b"") == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert signature.same("ABC", "ABC")
    assert not signature.same("ABC", "abc")
    assert not signature.same("ABC", "ÄBC")
