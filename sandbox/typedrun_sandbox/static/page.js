// The sandbox's page. Text that a catalog wrote reaches the document through textContent and attributes only.
"use strict";

const KEY = document.querySelector('meta[name="sandbox-key"]').content;
const KEYWORDS = new Set(
  ("False None True and as assert async await break class continue def del elif else except finally for from global if " +
    "import in is lambda nonlocal not or pass raise return try while with yield self cls controls agent_name extra extra_headers " +
    "identifier on_upload run_retries run_retry_wait session_id show_progress stream timeout validate wait_time").split(" "),
);
const MEDIA = new Set(["audio", "image", "video", "document"]);
const SHOWN = 500; // a longer list is slow to build and nobody reads it
const find = (id) => document.getElementById(id);

let models = [];
let current = null;
let running = null;

// -- the catalog ------------------------------------------------------------------------------------------------------

async function call(path, body, signal) {
  const headers = { "x-api-key": KEY, "Content-Type": "application/json" };
  const options = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  return fetch(path, { ...options, signal });
}

async function load() {
  const reply = await call("/v2/models/paginate", { pageSize: 100000, sort: [{ field: "name", dir: 1 }] });
  models = (await reply.json()).results;
  for (const id of [...new Set(models.map(functionOf))].filter(Boolean).sort()) {
    find("function").append(new Option(id, id));
  }
  list();
  choose();
}

const functionOf = (model) => (typeof model.function === "string" ? model.function : (model.function || {}).id) || "";
const pathOf = (model) => {
  const info = model.assetInfo || {};
  return info.instanceId || info.assetPath || model.path || "";
};

function list() {
  const words = find("query").value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = find("function").value;
  const found = models.filter((model) => {
    const text = [model.id, model.name, pathOf(model), model.description].join(" ").toLowerCase();
    return words.every((word) => text.includes(word)) && (!wanted || functionOf(model) === wanted);
  });
  const more = found.length > SHOWN ? `, the first ${SHOWN} are listed` : "";
  find("count").textContent = `${found.length} of ${models.length} models${more}`;
  find("models").replaceChildren(...found.slice(0, SHOWN).map(entry));
}

function entry(model) {
  const link = element("a", { href: `#${encodeURIComponent(model.id)}` }, model.name || model.id);
  link.append(element("small", {}, pathOf(model) || functionOf(model) || model.id));
  if (current && current.id === model.id) link.setAttribute("aria-current", "true");
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function element(kind, attributes, text) {
  const made = document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// -- one model --------------------------------------------------------------------------------------------------------

function choose() {
  const id = decodeURIComponent(location.hash.slice(1));
  const model = models.find((one) => one.id === id);
  if (!model || model === current) return;
  stop();
  current = model;
  list();
  show(model);
  find("model").focus({ preventScroll: true });
  find("model").scrollIntoView({ block: "start" });
}

function show(model) {
  document.title = `${model.name || model.id} · typedrun sandbox`;
  find("model-name").textContent = model.name || model.id;
  find("model-hint").hidden = true;
  find("details").hidden = false;
  find("description").textContent = model.description || "";
  find("facts").replaceChildren(...facts(model).flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]));
  const parameters = parametersOf(model);
  find("no-parameters").hidden = parameters.length > 0;
  find("parameters-box").hidden = parameters.length === 0;
  find("parameters").tBodies[0].replaceChildren(...parameters.map(row));
  find("fields").replaceChildren(...fields(parameters.length ? parameters : [{ name: "text", dataType: "text", required: true }]));
  find("stream-label").hidden = !canStream(model);
  find("stream").checked = canStream(model);
  clearAnswer();
  say("");
  write();
}

const parametersOf = (model) => (Array.isArray(model.params) ? model.params.filter((one) => one && one.name) : []);
const canStream = (model) =>
  typeof model.supportsStreaming === "boolean" ? model.supportsStreaming : functionOf(model) === "text-generation";
const nameOf = (thing) => (thing && typeof thing === "object" ? thing.name || thing.code || thing.id : thing);

function facts(model) {
  const price = model.pricing || {};
  const scale = price.unitTypeScale ? ` (${price.unitTypeScale})` : "";
  return [
    ["id", model.id],
    ["path", pathOf(model)],
    ["function", functionOf(model)],
    ["supplier", nameOf(model.vendor || model.supplier)],
    ["price", price.price === undefined ? "" : `${price.price} credits per ${String(price.unitType || "run").toLowerCase()}${scale}`],
    ["streams", canStream(model) ? "yes" : "no"],
    ["called", [].concat(model.connectionType || []).join(", ")],
  ].filter(([, text]) => text !== undefined && text !== null && text !== "").map(([term, text]) => [term, String(text)]);
}

const bare = (option) => (option && typeof option === "object" && "value" in option ? option.value : option);
const optionsOf = (parameter) => (parameter.availableOptions || []).map(bare);
const defaultOf = (parameter) => {
  const presets = parameter.defaultValues && parameter.defaultValues.length ? parameter.defaultValues : parameter.isFixed ? parameter.values : null;
  return presets && presets.length ? bare(presets[0]) : undefined;
};
const spelt = (value) => (typeof value === "string" ? value : JSON.stringify(value));

function typeOf(parameter) {
  const kind = parameter.dataType || "any";
  const sub = parameter.dataSubType;
  const type = kind === "text" && ["number", "integer", "json", "boolean"].includes(sub) ? sub : kind;
  return parameter.multipleValues ? `${type}, several` : type;
}

function row(parameter) {
  const made = document.createElement("tr");
  const options = optionsOf(parameter).map(spelt);
  const shown = options.length > 12 ? `${options.slice(0, 12).join(", ")}, … (${options.length})` : options.join(", ");
  const preset = defaultOf(parameter);
  for (const text of [
    parameter.name,
    typeOf(parameter),
    parameter.required === true ? "yes" : "no",
    (preset === undefined || preset === null ? "" : spelt(preset)) + (parameter.isFixed ? " (fixed)" : ""),
    shown,
  ]) made.append(element("td", {}, text));
  return made;
}

function fields(parameters) {
  const made = parameters.map((parameter, index) => [parameter, field(parameter, index)]);
  const pick = (required) => made.filter(([one]) => !one.isFixed && (one.required === true) === required).map(([, parts]) => parts);
  const optional = pick(false);
  const box = element("details", {});
  box.append(element("summary", {}, `Optional parameters (${optional.length})`), ...optional.flat());
  box.open = optional.length < 4;
  return [...pick(true).flat(), ...(optional.length ? [box] : [])];
}

function field(parameter, index) {
  const id = `field-${index}`;
  const label = element("label", { for: id }, `${parameter.name}${parameter.required === true ? " (required)" : ""}`);
  const input = inputFor(parameter, id);
  input.dataset.parameter = parameter.name;
  input.dataset.type = typeOf(parameter).replace(", several", "");
  if (parameter.multipleValues) input.dataset.several = "yes";
  if (parameter.required === true) input.setAttribute("aria-required", "true");
  const help = element("p", { class: "help", id: `${id}-help` }, parameter.description || "");
  if (parameter.description) input.setAttribute("aria-describedby", help.id);
  const parts = [label, ...(parameter.description ? [help] : []), input];
  return MEDIA.has(parameter.dataType) ? [...parts, ...fileFor(parameter, id, input)] : parts;
}

function inputFor(parameter, id) {
  const type = typeOf(parameter).replace(", several", "");
  const preset = defaultOf(parameter);
  const hint = preset === undefined || preset === null ? "" : `default: ${spelt(preset)}`;
  const options = type === "boolean" ? [true, false] : optionsOf(parameter);
  if (options.length) {
    const select = element("select", { id });
    select.append(new Option(hint || "not given", ""));
    for (const option of options) select.append(new Option(spelt(option), spelt(option)));
    return select;
  }
  if (MEDIA.has(type)) return element("input", { id, type: "url", placeholder: "https://… or choose a file" });
  if (type === "text" || type === "json" || type === "array") return element("textarea", { id, rows: "2", placeholder: hint });
  return element("input", { id, type: "text", placeholder: hint });
}

function fileFor(parameter, id, target) {
  const label = element("label", { for: `${id}-file`, class: "help" }, `Upload a file for ${parameter.name}`);
  const input = element("input", { id: `${id}-file`, type: "file" });
  input.addEventListener("change", async () => {
    try {
      target.value = await upload(input.files[0]);
      say("Uploaded.");
    } catch (error) {
      say(`The upload failed: ${error.message}`, true);
    }
    write();
  });
  return [label, input];
}

async function upload(file) {
  const kind = file.type || "application/octet-stream";
  const form = new URLSearchParams({ contentType: kind, originalName: file.name });
  const asked = await fetch("/sdk/file/upload/temp-url", { method: "POST", headers: { Authorization: `token ${KEY}` }, body: form });
  const place = await asked.json();
  const sent = await fetch(place.uploadUrl, { method: "PUT", headers: { "Content-Type": kind }, body: file });
  if (!asked.ok || !sent.ok) throw new Error(`status ${asked.ok ? sent.status : asked.status}`);
  return place.downloadUrl;
}

// -- values, and the call in Python -----------------------------------------------------------------------------------

function read(input) {
  const { type, several } = input.dataset;
  const text = input.value;
  if (several && type !== "json" && type !== "array") return text.split(",").map((part) => valueOf(type, part.trim()));
  return valueOf(type, text);
}

function valueOf(type, text) {
  if (["number", "integer", "float"].includes(type) && text.trim() !== "" && !Number.isNaN(Number(text))) return Number(text);
  if (type === "boolean") return text === "true";
  if (type === "json" || type === "array") {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}

const inputs = () => [...find("fields").querySelectorAll("[data-parameter]")];

function body() {
  const filled = inputs().filter((input) => input.value !== "");
  return Object.fromEntries(filled.map((input) => [input.dataset.parameter, read(input)]));
}

function python(value) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${python(item)}`).join(", ")}}`;
  return JSON.stringify(value);
}

const SPELT_OUT = { ß: "ss", æ: "ae", Æ: "AE", œ: "oe", ø: "o", Ø: "O", đ: "d", ł: "l", Ł: "L" };

function asciiOf(char) {
  if (char <= "\x7f") return char;
  if (/\p{M}/u.test(char)) return "";
  return /[\p{L}\p{N}]/u.test(char) ? ` u${char.codePointAt(0).toString(16)} ` : " ";
}

// As typedrun.names has it; only names of which nothing is left, or that are too long, end in a hash there.
function pythonName(wire) {
  const spelt = [...wire].map((char) => SPELT_OUT[char] ?? char).join("").normalize("NFKD");
  let name = [...spelt].map(asciiOf).join("").replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+/, "");
  if (!wire.endsWith("_")) name = name.replace(/_+$/, "");
  if (!name) name = "parameter";
  else if (/^[0-9]/.test(name)) name = `parameter_${name}`;
  return KEYWORDS.has(name) ? `${name}_` : name;
}

function write() {
  const values = body();
  const missing = inputs().filter((input) => input.getAttribute("aria-required") && input.value === "");
  const parts = [
    ...missing.map((input) => `${pythonName(input.dataset.parameter)}=...`),
    ...Object.entries(values).map(([name, value]) => `${pythonName(name)}=${python(value)}`),
  ];
  const joined = parts.join(", ");
  const args = joined.length > 80 ? `\n    ${parts.join(",\n    ")},\n` : joined;
  const handle = JSON.stringify(pathOf(current) || current.id);
  const head = `from aixplain_models import Aixplain\n\naix = Aixplain()\nmodel = aix.models[${handle}]\n`;
  find("call").textContent = find("stream").checked && canStream(current)
    ? `${head}with model.run_stream(${args}) as stream:\n    for chunk in stream:\n        print(chunk.data, end="", flush=True)\n`
    : `${head}result = model.run(${args})\nprint(result.data)\n`;
}

// -- running ----------------------------------------------------------------------------------------------------------

function say(text, isWrong = false) {
  find("status").textContent = text;
  find("status").classList.toggle("wrong", isWrong);
}

function clearAnswer() {
  find("answer").replaceChildren();
  find("raw").textContent = "";
  find("raw-box").open = false;
}

function stop() {
  if (running) running.abort();
}

async function run(event) {
  event.preventDefault();
  stop();
  clearAnswer();
  running = new AbortController();
  const mine = running;
  find("stop").disabled = false;
  find("answer").setAttribute("aria-busy", "true");
  say("Running …");
  try {
    const streamed = find("stream").checked && canStream(current);
    await (streamed ? runStream(mine.signal) : runOnce(mine.signal));
  } catch (error) {
    say(error.name === "AbortError" ? "Stopped." : `Failed: ${error.message}`, error.name !== "AbortError");
  }
  if (mine === running) {
    find("stop").disabled = true;
    find("answer").removeAttribute("aria-busy");
  }
}

const address = () => `/api/v2/execute/${encodeURIComponent(current.id)}`;

async function runOnce(signal) {
  let reply = await readJson(await call(address(), body(), signal));
  let poll = "";
  for (let polls = 1; reply.status === "IN_PROGRESS"; polls += 1) {
    if (typeof reply.data === "string") poll = new URL(reply.data, location.origin).pathname;
    say(`In progress, asked ${polls} times …`);
    await new Promise((resolve) => setTimeout(resolve, 400));
    reply = await readJson(await call(poll, undefined, signal));
  }
  finish(reply);
}

async function readJson(response) {
  const reply = await response.json();
  if (!response.ok) throw new Error(reply.message || reply.supplierError || reply.error || `status ${response.status}`);
  return reply;
}

async function runStream(signal) {
  const response = await call(address(), { ...body(), options: { stream: true } }, signal);
  if (!(response.headers.get("Content-Type") || "").startsWith("text/event-stream")) return finish(await readJson(response));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let frames = 0;
  for (let block = await reader.read(); !block.done; block = await reader.read()) {
    const lines = (rest + block.value).split(/\r\n|\r|\n/);
    rest = lines.pop();
    for (const line of lines.filter((one) => one.startsWith("data:"))) {
      const text = line.slice(5).trim();
      if (text === "[DONE]") return say(`Done: ${frames} pieces.`);
      frames += 1;
      add(JSON.parse(text));
    }
  }
  throw new Error("the stream ended early");
}

function add(frame) {
  if (frame.status === "FAILED") throw new Error(frame.supplierError || frame.error || "the run failed");
  const delta = frame.choices && frame.choices[0] ? frame.choices[0].delta.content : frame.data;
  if (typeof delta === "string") find("answer").append(delta);
}

function finish(reply) {
  find("raw").textContent = JSON.stringify(reply, null, 2);
  if (reply.status === "FAILED") throw new Error(reply.supplierError || reply.error || "the run failed");
  find("answer").replaceChildren(shown(reply.data === undefined ? reply.details : reply.data));
  const tokens = reply.usage ? `, ${reply.usage.total_tokens} tokens` : "";
  say(`Done in ${reply.runTime} s, ${reply.usedCredits} credits${tokens}.`);
}

function shown(value) {
  const link = typeof value === "string" && value.startsWith(`${location.origin}/files/`) ? value : "";
  if (/\.png$/.test(link)) return element("img", { src: link, alt: "The image that the model made" });
  if (/\.wav$/.test(link)) return element("audio", { src: link, controls: "", "aria-label": "The sound that the model made" });
  if (/\.mp4$/.test(link)) return element("video", { src: link, controls: "", "aria-label": "The video that the model made" });
  return document.createTextNode(typeof value === "string" ? value : JSON.stringify(value, null, 2));
}

async function copy() {
  await navigator.clipboard.writeText(find("call").textContent);
  find("copied").textContent = "Copied.";
}

find("query").addEventListener("input", list);
find("function").addEventListener("change", list);
find("filters").addEventListener("submit", (event) => event.preventDefault());
find("run").addEventListener("submit", run);
find("run").addEventListener("input", write);
find("run").addEventListener("change", write);
find("stop").addEventListener("click", stop);
find("copy").addEventListener("click", copy);
addEventListener("hashchange", choose);
load();
