// Starts the YAML language server that editors start, gives it the schema, and opens files in it:
// the shipped flows must have no diagnostics, every file in broken/ at least one that the schema gives.
//
//   npm ci && npm run check

import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const MAX_WAIT_MS = 60_000;
const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, "../..");
const SERVER = join(HERE, "node_modules/yaml-language-server/bin/yaml-language-server");
const SCHEMA = pathToFileURL(join(ROOT, "schemas/flow.schema.json")).href;

// What an editor is configured with; the server asks for it, section by section.
const SETTINGS = {
  yaml: { validate: true, schemas: { [SCHEMA]: ["**/*.yml"] }, schemaStore: { enable: false } },
};

class Server {
  #process = spawn(process.execPath, [SERVER, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  #unread = Buffer.alloc(0);
  #requests = 0;
  #answers = new Map();
  #diagnostics = new Map();

  constructor() {
    this.#process.stdout.on("data", (bytes) => this.#read(bytes));
    this.#process.on("exit", (code) => code && fail(`the language server ended with ${code}`));
  }

  async start() {
    const capabilities = { workspace: { configuration: true }, textDocument: { publishDiagnostics: {} } };
    await this.#request("initialize", { processId: process.pid, rootUri: pathToFileURL(ROOT).href, capabilities });
    this.#send({ method: "initialized", params: {} });
    this.#send({ method: "workspace/didChangeConfiguration", params: { settings: SETTINGS } });
  }

  // What the server says of a file, once it has said anything.
  diagnostics(path) {
    const uri = pathToFileURL(path).href;
    const text = readFileSync(path, "utf8");
    return within(`diagnostics of ${path}`, (done) => {
      this.#diagnostics.set(uri, done);
      const textDocument = { uri, languageId: "yaml", version: 1, text };
      this.#send({ method: "textDocument/didOpen", params: { textDocument } });
    });
  }

  async stop() {
    await this.#request("shutdown", null);
    this.#send({ method: "exit" });
  }

  #request(method, params) {
    const id = ++this.#requests;
    return within(method, (done) => {
      this.#answers.set(id, done);
      this.#send({ id, method, params });
    });
  }

  #send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.#process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#process.stdin.write(body);
  }

  #read(bytes) {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    for (;;) {
      const end = this.#unread.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#unread.subarray(0, end).toString())[1]);
      const rest = this.#unread.subarray(end + 4);
      if (rest.length < length) return;
      this.#unread = rest.subarray(length);
      this.#take(JSON.parse(rest.subarray(0, length).toString()));
    }
  }

  #take({ id, method, params, result, error }) {
    if (method === "workspace/configuration") {
      this.#send({ id, result: params.items.map(({ section }) => SETTINGS[section] ?? {}) });
    } else if (method === "textDocument/publishDiagnostics") {
      this.#diagnostics.get(params.uri)?.(params.diagnostics);
    } else if (method && id !== undefined) {
      this.#send({ id, result: null });
    } else if (id !== undefined) {
      if (error) fail(`the language server refused: ${error.message}`);
      this.#answers.get(id)?.(result);
    }
  }
}

function within(what, begin) {
  return new Promise((done, broken) => {
    const timer = setTimeout(() => broken(new Error(`no ${what} within ${MAX_WAIT_MS} ms`)), MAX_WAIT_MS);
    begin((value) => {
      clearTimeout(timer);
      done(value);
    });
  });
}

function fail(why) {
  console.error(why);
  process.exit(1);
}

function flows(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith(".yml")).sort();
  if (files.length === 0) fail(`no flows in ${folder}`);
  return files.map((name) => join(folder, name));
}

const line = ({ range, message }) => `  line ${range.start.line + 1}: ${message.split("\n")[0]}`;
// Diagnostics of the schema, not of YAML itself, name it as their source.
const ofSchema = ({ source = "" }) => source.startsWith("yaml-schema");

const server = new Server();
await server.start();
let bad = 0;
for (const path of flows(join(ROOT, "workflows"))) {
  const found = await server.diagnostics(path);
  if (found.length > 0) {
    bad += 1;
    console.error(`${path} is refused:\n${found.map(line).join("\n")}`);
  }
}
for (const path of flows(join(HERE, "broken"))) {
  const found = (await server.diagnostics(path)).filter(ofSchema);
  if (found.length === 0) {
    bad += 1;
    console.error(`${path} is accepted`);
  }
}
await server.stop();
if (bad > 0) fail(`${bad} files are judged wrongly`);
console.log("the language server takes all shipped flows and refuses all broken ones");
