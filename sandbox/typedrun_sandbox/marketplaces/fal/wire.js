// fal's wire for the sandbox's page.

function ask(key, path, body, signal) {
  const headers = { Authorization: `Key ${key}`, "Content-Type": "application/json" };
  const options = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  return fetch(path, { ...options, signal });
}

function sentenceOf(reply) {
  if (Array.isArray(reply.detail)) return reply.detail.map((one) => `${one.loc.join(".")}: ${one.msg}`).join("; ");
  return reply.detail;
}

async function readJson(response) {
  const reply = await response.json();
  if (!response.ok) throw new Error(sentenceOf(reply) || `status ${response.status}`);
  return reply;
}

const here = (url) => new URL(url).pathname;

// Run a model in the queue and wait for it.
export async function run({ key, id, body, signal, say }) {
  const request = await readJson(await ask(key, `/queue/${id}`, body, signal));
  let state = request;
  for (let polls = 1; state.status !== "COMPLETED"; polls += 1) {
    say(`${state.status}, asked ${polls} times …`);
    await new Promise((resolve) => setTimeout(resolve, 400));
    state = await readJson(await ask(key, here(request.status_url), undefined, signal));
  }
  const response = await ask(key, here(request.response_url), undefined, signal);
  const value = await response.json();
  if (!response.ok) return { whole: value, failure: sentenceOf(value) };
  return { whole: value, value, note: `Done in ${state.metrics.inference_time} s.` };
}

// Run a model and give each piece of its growing text to `add`.
export async function stream({ key, id, body, signal, add }) {
  const response = await ask(key, `/run/${id}/stream`, body, signal);
  if (!response.ok) await readJson(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let said = "";
  let last = null;
  for (let block = await reader.read(); !block.done; block = await reader.read()) {
    const events = (rest + block.value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      last = JSON.parse(event.slice("data: ".length));
      const text = Object.values(last).find((value) => typeof value === "string" && value.startsWith(said));
      if (text) {
        add(text.slice(said.length));
        said = text;
      }
    }
  }
  return { whole: last, value: said ? undefined : last, note: "Done." };
}

// Put a file where a model can read it, and give its link.
export async function upload({ key, file }) {
  const token = await readJson(await ask(key, "/rest/storage/auth/token?storage_type=fal-cdn-v3", {}));
  const headers = { Authorization: `${token.token_type} ${token.token}`, "X-Fal-File-Name": file.name };
  headers["Content-Type"] = file.type || "application/octet-stream";
  const sent = await fetch("/cdn/files/upload", { method: "POST", headers, body: file });
  return (await readJson(sent)).access_url;
}
