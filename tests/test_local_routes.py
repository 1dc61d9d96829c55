"""Base URLs come with prefixes and slashes of all kinds, keys in headers and in queries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecli.local.routes import route_of

METHOD = "/ws/google.ai.generativelanguage.{}.GenerativeService.BidiGenerateContent"
PATH = METHOD.format("v1")


def no_header(name: str) -> str | None:
    return None


def version_of(target: str) -> str | None:
    route = route_of(target, no_header)
    return route.api_version if route else None


def key_of(target: str, **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def header(name: str) -> str | None:
        return named.get(name)

    route = route_of(target, header)
    assert route is not None
    return route.key


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_every_version_and_both_methods_are_served(version: str) -> None:
    path = METHOD.format(version)
    assert version_of(path) == version
    assert version_of(f"{path}Constrained") == version


@pytest.mark.parametrize("prefix", ["/", "/proxy", "/a/b", "//", "/proxy/"])
def test_slashes_and_prefixes_before_the_path_do_not_matter(prefix: str) -> None:
    assert version_of(prefix + PATH) == "v1"


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "",
        "/ws/",
        METHOD.format("v2"),
        f"{PATH}Streaming",
        f"{PATH}/",
        "/v1beta/models",
        f"/?{PATH}",
        f"prefix{PATH}",
    ],
)
def test_other_paths_are_not_served(target: str) -> None:
    assert route_of(target, no_header) is None


def test_the_key_is_found_wherever_an_sdk_puts_it() -> None:
    assert key_of(PATH, x_goog_api_key="k") == "k"
    assert key_of(f"{PATH}?key=k") == "k"
    assert key_of(f"{PATH}Constrained?access_token=auth_tokens%2Fk") == "auth_tokens/k"
    assert key_of(f"{PATH}Constrained", Authorization="Token auth_tokens/k") == "auth_tokens/k"
    assert key_of(PATH, Authorization="bearer k") == "k"


def test_the_header_wins_over_the_query() -> None:
    assert key_of(f"{PATH}?key=query", x_goog_api_key="header") == "header"


@pytest.mark.parametrize("target", [PATH, f"{PATH}?key=", f"{PATH}?key=%20", f"{PATH}?other=k"])
def test_no_key_is_an_empty_one(target: str) -> None:
    assert key_of(target, x_goog_api_key=" ", Authorization="Basic eA==") == ""


def test_a_route_keeps_its_key_out_of_its_text() -> None:
    assert "secret" not in repr(route_of(f"{PATH}?key=secret", no_header))


@given(st.text())
def test_any_target_is_a_route_or_none(target: str) -> None:
    assert route_of(target, no_header) is None
