"""The service is told of all functions on offer, and of no others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tool_of import tool_of

from voicecli.live.setup import FunctionDeclaration
from voicecli.talk.offer import declaration, declarations
from voicecli.tools.tool import Risk
from voicecli.tools.toolbox import Toolbox


def test_a_declaration_holds_what_the_model_has_to_know() -> None:
    schema = {"type": "object", "properties": {"minutes": {"type": "integer"}}}
    tool = tool_of(print, "timer", description="rings", parameters=schema, background=True)
    assert declaration(tool) == FunctionDeclaration("timer", "rings", schema, background=True)


RISKS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(list(Risk)))


@given(RISKS, RISKS)
def test_all_but_what_is_denied_is_offered_in_its_order(
    own: dict[str, Risk], users: dict[str, Risk]
) -> None:
    toolbox = Toolbox([tool_of(print, name, risk=risk) for name, risk in own.items()], users)
    expected = [name for name in own if users.get(name, own[name]) is not Risk.DENY]
    assert [function.name for function in declarations(toolbox)] == expected
