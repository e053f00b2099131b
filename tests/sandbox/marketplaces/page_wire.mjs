// Drives one marketplace's module for the page as the page does, with addresses relative to the sandbox. Arguments: URL, key, file, model.
import { readFile } from "node:fs/promises";

const [, , base, key, path, id] = process.argv;
const fetched = globalThis.fetch;
globalThis.fetch = (url, options) => fetched(new URL(url, base), options);
const source = await readFile(path, "utf-8");
const wire = await import(`data:text/javascript,${encodeURIComponent(source)}`);
const body = { prompt: "What is 2 + 2?" };
const pieces = [];
const ran = await wire.run({ key, id, body, say: () => {} });
await wire.stream({ key, id, body, add: (piece) => pieces.push(piece) });
const link = await wire.upload({ key, file: new File(["abc"], "a.txt", { type: "text/plain" }) });
console.log(JSON.stringify({ value: ran.value, note: ran.note, text: pieces.join(""), link }));
