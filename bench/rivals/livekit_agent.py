"""LiveKit Agents: a session on Gemini's Live API, for `python livekit_agent.py console`."""

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, cli
from livekit.plugins import google

server = AgentServer()


@server.rtc_session()  # type: ignore[untyped-decorator]
async def entrypoint(context: JobContext) -> None:
    session: AgentSession[None] = AgentSession(llm=google.realtime.RealtimeModel())
    await session.start(agent=Agent(instructions="You are a helpful assistant."), room=context.room)


if __name__ == "__main__":
    cli.run_app(server)
