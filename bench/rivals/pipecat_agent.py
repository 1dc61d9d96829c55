"""Pipecat: its local audio transport around its service for Gemini's Live API."""

import asyncio
import os

from google.genai.types import HttpOptions
from pipecat.frames.frames import LLMRunFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.services.google.gemini_live.llm import GeminiLiveLLMService
from pipecat.transports.local.audio import LocalAudioTransport, LocalAudioTransportParams
from pipecat.workers.runner import WorkerRunner


async def main() -> None:
    parameters = LocalAudioTransportParams(audio_in_enabled=True, audio_out_enabled=True)
    transport = LocalAudioTransport(parameters)
    service = GeminiLiveLLMService(
        api_key=os.environ["GOOGLE_API_KEY"],
        http_options=HttpOptions(base_url=os.environ["GOOGLE_GEMINI_BASE_URL"]),
        inference_on_context_initialization=False,
    )
    context = LLMContextAggregatorPair(LLMContext())
    pipeline = Pipeline(
        [transport.input(), context.user(), service, transport.output(), context.assistant()]
    )
    worker = PipelineWorker(pipeline)
    # Without it no sound of the microphone is sent.
    await worker.queue_frames([LLMRunFrame()])
    runner = WorkerRunner()
    await runner.add_workers(worker)
    await runner.run()


if __name__ == "__main__":
    asyncio.run(main())
