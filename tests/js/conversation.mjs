// Holds a conversation through the JavaScript SDK: a typed turn, a tool call, a spoken turn.
// Usage: node conversation.mjs BASE_URL KEY < sound (16 kHz, 16-bit mono; may be empty)
// Prints what it received as one JSON object.

import { readFileSync } from "node:fs";
import { Behavior, GoogleGenAI, Modality } from "@google/genai";

const [baseUrl, apiKey] = process.argv.slice(2);
const sound = readFileSync(0);
const received = { words: [], userWords: "", audioBytes: 0, toolCalls: [], usage: [], closed: null };
const ends = { turn() {}, close() {} };

function take(message) {
  const content = message.serverContent ?? {};
  const turn = received.words.length - 1;
  if (content.outputTranscription) received.words[turn] += content.outputTranscription.text;
  if (content.inputTranscription) received.userWords += content.inputTranscription.text;
  for (const part of content.modelTurn?.parts ?? []) {
    received.audioBytes += Buffer.from(part.inlineData?.data ?? "", "base64").length;
  }
  if (message.usageMetadata) received.usage.push(message.usageMetadata.totalTokenCount);
  for (const { id, name, args } of message.toolCall?.functionCalls ?? []) {
    received.toolCalls.push({ name, args });
    session.sendToolResponse({ functionResponses: [{ id, name, response: { time: "14:05" } }] });
  }
  if (content.turnComplete) ends.turn();
}

async function turn(send) {
  received.words.push("");
  const over = new Promise((resolve) => (ends.turn = resolve));
  send();
  await over;
}

const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl } });
const closed = new Promise((resolve) => (ends.close = resolve));
const session = await client.live.connect({
  model: "gemini-3.8-live",
  config: {
    responseModalities: [Modality.AUDIO],
    inputAudioTranscription: {},
    outputAudioTranscription: {},
    tools: [{ functionDeclarations: [{ name: "current_time", behavior: Behavior.BLOCKING }] }],
  },
  callbacks: {
    onmessage: take,
    onclose: (event) => {
      received.closed = event.code;
      ends.close();
    },
  },
});

await turn(() => session.sendClientContent({ turns: "hello", turnComplete: true }));
await turn(() => session.sendRealtimeInput({ text: "what time is it" }));
if (sound.length) {
  await turn(() => {
    const audio = { data: sound.toString("base64"), mimeType: "audio/pcm;rate=16000" };
    session.sendRealtimeInput({ audio });
    session.sendRealtimeInput({ audioStreamEnd: true });
  });
}
session.close();
await closed;
console.log(JSON.stringify(received));
