"""An MCP server without the package, of the protocol that came before discovery (2024-11-05).

    python old_mcp_server.py [ends | silent]

`ends` ends at a request that it does not know, `silent` does not answer it. One of its functions
takes arguments that the protocol does not allow.
"""

from __future__ import annotations

import json
import sys

VERSION = "2024-11-05"
ECHO = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
TOOLS = [
    {"name": "echo", "description": "Say the same again.", "inputSchema": ECHO},
    {"name": "listing", "description": "Takes a list.", "inputSchema": {"type": "array"}},
]


def answer(method: str, params: dict[str, object]) -> dict[str, object] | None:
    """The result of a request; None if it is not known."""
    if method == "initialize":
        info = {"name": "old", "version": "0.1"}
        return {"protocolVersion": VERSION, "capabilities": {"tools": {}}, "serverInfo": info}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": json.dumps(params["arguments"])}]}
    return None


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue
        reply = {"jsonrpc": "2.0", "id": request["id"]}
        result = answer(request["method"], request.get("params", {}))
        if result is not None:
            print(json.dumps({**reply, "result": result}), flush=True)
        elif "ends" in sys.argv:
            sys.exit(1)
        elif "silent" not in sys.argv:
            error = {"code": -32601, "message": "Method not found"}
            print(json.dumps({**reply, "error": error}), flush=True)


if __name__ == "__main__":
    main()
