// Lets a function run in the background through the JavaScript SDK: two results, then its end.
// Usage: node tools.mjs BASE_URL
// Prints what the model said, turn by turn, as one JSON list.

import { Behavior, FunctionResponseScheduling, GoogleGenAI, Modality } from "@google/genai";

const [baseUrl] = process.argv.slice(2);
const said = [""];
let call;
let ended = () => {};

const client = new GoogleGenAI({ apiKey: "any key", httpOptions: { baseUrl } });
const session = await client.live.connect({
  model: "gemini-3.8-live",
  config: {
    responseModalities: [Modality.AUDIO],
    tools: [
      {
        functionDeclarations: [
          {
            name: "timer",
            behavior: Behavior.NON_BLOCKING,
            parametersJsonSchema: { type: "object", properties: { seconds: { type: "number" } } },
          },
        ],
      },
    ],
  },
  callbacks: {
    onmessage: ({ serverContent, toolCall }) => {
      call ??= toolCall?.functionCalls[0];
      said[said.length - 1] += serverContent?.outputTranscription?.text ?? "";
      if (serverContent?.turnComplete) ended();
    },
  },
});

async function turn(send) {
  const over = new Promise((resolve) => (ended = resolve));
  send();
  await over;
  said.push("");
}

function answer(response, fields = {}) {
  const { id, name } = call;
  session.sendToolResponse({ functionResponses: [{ id, name, response, ...fields }] });
}

await turn(() => session.sendRealtimeInput({ text: "set a timer for ten seconds" }));
const { WHEN_IDLE, INTERRUPT, SILENT } = FunctionResponseScheduling;
const started = { timer: "tea", runs_until: "10:05" };
await turn(() => answer({ result: started }, { willContinue: true, scheduling: WHEN_IDLE }));
await turn(() => answer({ result: { timer: "tea" } }, { willContinue: true, scheduling: INTERRUPT }));
answer({}, { scheduling: SILENT });
await turn(() => session.sendRealtimeInput({ text: "thank you" }));
session.close();
console.log(JSON.stringify(said));
