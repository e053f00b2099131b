// aiXplain's wire for the sandbox's page.

function ask(key, path, body, signal) {
  const headers = { "x-api-key": key, "Content-Type": "application/json" };
  const options = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  return fetch(path, { ...options, signal });
}

const execute = (id) => `/api/v2/execute/${encodeURIComponent(id)}`;

async function readJson(response) {
  const reply = await response.json();
  if (!response.ok) throw new Error(reply.message || reply.supplierError || reply.error || `status ${response.status}`);
  return reply;
}

// Run a model and wait for it.
export async function run({ key, id, body, signal, say }) {
  let reply = await readJson(await ask(key, execute(id), body, signal));
  let poll = "";
  for (let polls = 1; reply.status === "IN_PROGRESS"; polls += 1) {
    if (typeof reply.data === "string") poll = new URL(reply.data, location.origin).pathname;
    say(`In progress, asked ${polls} times …`);
    await new Promise((resolve) => setTimeout(resolve, 400));
    reply = await readJson(await ask(key, poll, undefined, signal));
  }
  return finished(reply);
}

// Run a model and give each piece of text to `add`; one that answers with plain JSON after all is as good as run.
export async function stream({ key, id, body, signal, add }) {
  const response = await ask(key, execute(id), { ...body, options: { stream: true } }, signal);
  if (!(response.headers.get("Content-Type") || "").startsWith("text/event-stream")) return finished(await readJson(response));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let frames = 0;
  for (let block = await reader.read(); !block.done; block = await reader.read()) {
    const lines = (rest + block.value).split(/\r\n|\r|\n/);
    rest = lines.pop();
    for (const line of lines.filter((one) => one.startsWith("data:"))) {
      const text = line.slice(5).trim();
      if (text === "[DONE]") return { note: `Done: ${frames} pieces.` };
      frames += 1;
      const piece = textOf(JSON.parse(text));
      if (typeof piece === "string") add(piece);
    }
  }
  throw new Error("the stream ended early");
}

function textOf(frame) {
  if (frame.status === "FAILED") throw new Error(failureOf(frame));
  return frame.choices && frame.choices[0] ? frame.choices[0].delta.content : frame.data;
}

const failureOf = (reply) => reply.supplierError || reply.error || "the run failed";

function finished(reply) {
  if (reply.status === "FAILED") return { whole: reply, failure: failureOf(reply) };
  const tokens = reply.usage ? `, ${reply.usage.total_tokens} tokens` : "";
  const value = reply.data === undefined ? reply.details : reply.data;
  return { whole: reply, value, note: `Done in ${reply.runTime} s, ${reply.usedCredits} credits${tokens}.` };
}

// Put a file where a model can read it, and give its link.
export async function upload({ key, file }) {
  const kind = file.type || "application/octet-stream";
  const form = new URLSearchParams({ contentType: kind, originalName: file.name });
  const asked = await fetch("/sdk/file/upload/temp-url", { method: "POST", headers: { Authorization: `token ${key}` }, body: form });
  const place = await asked.json();
  const sent = await fetch(place.uploadUrl, { method: "PUT", headers: { "Content-Type": kind }, body: file });
  if (!asked.ok || !sent.ok) throw new Error(`status ${asked.ok ? sent.status : asked.status}`);
  return place.downloadUrl;
}
