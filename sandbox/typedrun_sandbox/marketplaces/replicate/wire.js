// Replicate's wire for the sandbox's page.

function ask(key, path, body, signal, more = {}) {
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json", ...more };
  const options = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  return fetch(path, { ...options, signal });
}

async function readJson(response) {
  const reply = await response.json();
  if (!response.ok) throw new Error(reply.detail || reply.title || `status ${response.status}`);
  return reply;
}

// The name of every model is a deployment of it, so that models without an official name run by their name, too.
const create = (key, id, input, signal, more) => ask(key, `/v1/deployments/${id}/predictions`, { input }, signal, more).then(readJson);

const ended = (prediction) => ["succeeded", "failed", "canceled", "aborted"].includes(prediction.status);

// Run a model and wait for it.
export async function run({ key, id, body, signal, say }) {
  let prediction = await create(key, id, body, signal);
  for (let polls = 1; !ended(prediction); polls += 1) {
    say(`${prediction.status}, asked ${polls} times …`);
    await new Promise((resolve) => setTimeout(resolve, 400));
    prediction = await readJson(await ask(key, new URL(prediction.urls.get).pathname, undefined, signal));
  }
  return finished(prediction);
}

// Run a model and give each piece of text to `add`.
export async function stream({ key, id, body, signal, add }) {
  const prediction = await create(key, id, body, signal);
  if (!prediction.urls.stream) return run({ key, id, body, signal, say: () => {} });
  const response = await fetch(new URL(prediction.urls.stream).pathname, { signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let pieces = 0;
  for (let block = await reader.read(); !block.done; block = await reader.read()) {
    const events = (rest + block.value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const lines = event.split("\n");
      const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
      if (lines[0] === "event: output") {
        pieces += 1;
        add(data);
      }
      if (lines[0] === "event: error") throw new Error(data);
      if (lines[0] === "event: done") return { note: `Done: ${pieces} pieces.` };
    }
  }
  throw new Error("the stream ended early");
}

function finished(prediction) {
  if (prediction.status !== "succeeded") return { whole: prediction, failure: prediction.error || prediction.status };
  return { whole: prediction, value: prediction.output, note: `Done in ${prediction.metrics.predict_time} s.` };
}

// Put a file where a model can read it, and give its link.
export async function upload({ key, file }) {
  const form = new FormData();
  form.append("content", file, file.name);
  const response = await fetch("/v1/files", { method: "POST", headers: { Authorization: `Bearer ${key}` }, body: form });
  return (await readJson(response)).urls.get;
}
