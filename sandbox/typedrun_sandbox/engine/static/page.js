// The sandbox's page. Text that a catalog wrote reaches the document through textContent and attributes only.
// What a marketplace calls its endpoints is in wire.js: run, stream and upload.
import * as wire from "/wire.js";

const KEY = document.querySelector('meta[name="sandbox-key"]').content;
const SHOWN = 500; // a longer list is slow to build and nobody reads it
const find = (id) => document.getElementById(id);

let models = [];
let generated = null; // the package that was generated from these models, if one is known
let current = null;
let running = null;

// -- the catalog ------------------------------------------------------------------------------------------------------

async function load() {
  const reply = await fetch("/sandbox/models", { headers: { "x-api-key": KEY } });
  ({ models, package: generated } = await reply.json());
  for (const id of [...new Set(models.map((model) => model.function))].filter(Boolean).sort()) {
    find("function").append(new Option(id, id));
  }
  list();
  choose();
}

function list() {
  const words = find("query").value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = find("function").value;
  const found = models.filter((model) => {
    const text = [model.id, model.name, model.path, model.description].join(" ").toLowerCase();
    return words.every((word) => text.includes(word)) && (!wanted || model.function === wanted);
  });
  const more = found.length > SHOWN ? `, the first ${SHOWN} are listed` : "";
  find("count").textContent = `${found.length} of ${models.length} models${more}`;
  find("models").replaceChildren(...found.slice(0, SHOWN).map(entry));
}

function entry(model) {
  const link = element("a", { href: `#${encodeURIComponent(model.id)}` }, model.name);
  link.append(element("small", {}, model.path || model.function || model.id));
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
  document.title = `${model.name} · typedrun sandbox`;
  find("model-name").textContent = model.name;
  find("model-hint").hidden = true;
  find("details").hidden = false;
  find("description").textContent = model.description;
  find("facts").replaceChildren(...facts(model).flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]));
  find("no-parameters").hidden = model.fields.length > 0;
  find("parameters-box").hidden = model.fields.length === 0;
  find("parameters").tBodies[0].replaceChildren(...model.fields.map(row));
  find("fields").replaceChildren(...controls(model.fields.length ? model.fields : [TEXT]));
  find("stream-label").hidden = !model.can_stream;
  find("stream").checked = model.can_stream;
  clearAnswer();
  say("");
  write();
}

// What is asked for where the catalog lists no parameters.
const TEXT = { name: "text", python: "text", kind: "text", type: "text", is_required: true, default: null, options: [], description: "" };

const facts = (model) =>
  [["id", model.id], ["path", model.path], ["function", model.function], ...model.facts, ["streams", model.can_stream ? "yes" : "no"]]
    .filter(([, text]) => text !== "");

const spelt = (value) => (typeof value === "string" ? value : JSON.stringify(value));

function row(field) {
  const made = document.createElement("tr");
  const options = field.options.map(spelt);
  const shown = options.length > 12 ? `${options.slice(0, 12).join(", ")}, … (${options.length})` : options.join(", ");
  for (const text of [
    field.name,
    field.is_several ? `${field.type}, several` : field.type,
    field.is_required ? "yes" : "no",
    (field.default === null ? "" : spelt(field.default)) + (field.is_fixed ? " (fixed)" : ""),
    shown,
  ]) made.append(element("td", {}, text));
  return made;
}

function controls(fields) {
  const made = fields.map((field, index) => [field, control(field, index)]);
  const pick = (required) => made.filter(([one]) => !one.is_fixed && one.is_required === required).map(([, parts]) => parts);
  const optional = pick(false);
  const box = element("details", {});
  box.append(element("summary", {}, `Optional parameters (${optional.length})`), ...optional.flat());
  box.open = optional.length < 4;
  return [...pick(true).flat(), ...(optional.length ? [box] : [])];
}

function control(field, index) {
  const id = `field-${index}`;
  const label = element("label", { for: id }, `${field.name}${field.is_required ? " (required)" : ""}`);
  const input = inputFor(field, id);
  input.dataset.parameter = field.name;
  input.dataset.python = field.python;
  input.dataset.kind = field.kind;
  if (field.is_several) input.dataset.several = "yes";
  if (field.is_required) input.setAttribute("aria-required", "true");
  const help = element("p", { class: "help", id: `${id}-help` }, field.description);
  if (field.description) input.setAttribute("aria-describedby", help.id);
  const parts = [label, ...(field.description ? [help] : []), input];
  return field.kind === "media" ? [...parts, ...fileFor(field, id, input)] : parts;
}

function inputFor(field, id) {
  const hint = field.default === null ? "" : `default: ${spelt(field.default)}`;
  const options = field.kind === "boolean" && !field.options.length ? [true, false] : field.options;
  if (options.length) {
    const select = element("select", { id });
    select.append(new Option(hint || "not given", ""));
    for (const option of options) select.append(new Option(spelt(option), spelt(option)));
    return select;
  }
  if (field.kind === "media") return element("input", { id, type: "url", placeholder: "https://… or choose a file" });
  if (field.kind === "text" || field.kind === "json") return element("textarea", { id, rows: "2", placeholder: hint });
  return element("input", { id, type: "text", placeholder: hint });
}

function fileFor(field, id, target) {
  const label = element("label", { for: `${id}-file`, class: "help" }, `Upload a file for ${field.name}`);
  const input = element("input", { id: `${id}-file`, type: "file" });
  input.addEventListener("change", async () => {
    try {
      target.value = await wire.upload({ key: KEY, file: input.files[0] });
      say("Uploaded.");
    } catch (error) {
      say(`The upload failed: ${error.message}`, true);
    }
    write();
  });
  return [label, input];
}

// -- values, and the call in Python -----------------------------------------------------------------------------------

function read(input) {
  const { kind, several } = input.dataset;
  const text = input.value;
  if (several && kind !== "json") return text.split(",").map((part) => valueOf(kind, part.trim()));
  return valueOf(kind, text);
}

function valueOf(kind, text) {
  if (["number", "integer"].includes(kind) && text.trim() !== "" && !Number.isNaN(Number(text))) return Number(text);
  if (kind === "boolean") return text === "true";
  if (kind === "json") {
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

function write() {
  const missing = inputs().filter((input) => input.getAttribute("aria-required") && input.value === "");
  const filled = inputs().filter((input) => input.value !== "");
  const parts = [
    ...missing.map((input) => `${input.dataset.python}=...`),
    ...filled.map((input) => `${input.dataset.python}=${python(read(input))}`),
  ];
  const joined = parts.join(", ");
  const args = joined.length > 80 ? `\n    ${parts.join(",\n    ")},\n` : joined;
  find("call").textContent = find("stream").checked && current.can_stream
    ? `${head()}with model.run_stream(${args}) as stream:\n    for chunk in stream:\n        print(chunk.data, end="", flush=True)\n`
    : `${head()}result = model.run(${args})\nprint(result.data)\n`;
}

// With the package that was generated from these models where there is one; any client can fetch a model, too.
function head() {
  const handle = JSON.stringify(current.path || current.id);
  return generated
    ? `from ${generated.name} import ${generated.client}\n\nclient = ${generated.client}()\nmodel = client.models[${handle}]\n`
    : `from typedrun.client import Client\n\nclient = Client()\nmodel = client.Model.get(${handle})\n`;
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
    const asked = { key: KEY, id: current.id, body: body(), signal: mine.signal, say };
    if (find("stream").checked && current.can_stream) finish(await wire.stream({ ...asked, add: (text) => find("answer").append(text) }));
    else finish(await wire.run(asked));
  } catch (error) {
    say(error.name === "AbortError" ? "Stopped." : `Failed: ${error.message}`, error.name !== "AbortError");
  }
  if (mine === running) {
    find("stop").disabled = true;
    find("answer").removeAttribute("aria-busy");
  }
}

// What wire.js gives: a sentence; for an answer that did not stream the whole of it, and what to show or why it failed.
function finish({ note, failure, value, whole }) {
  if (whole !== undefined) find("raw").textContent = JSON.stringify(whole, null, 2);
  if (failure) throw new Error(failure);
  if (whole !== undefined) find("answer").replaceChildren(shown(value));
  say(note);
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
