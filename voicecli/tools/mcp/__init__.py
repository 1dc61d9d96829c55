"""Functions of MCP servers (modelcontextprotocol.io), which run beside the conversation."""
