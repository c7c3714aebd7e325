// A client of the published SDK that does what it is told, line by line, in JSON.
//
// Told {"id", "path", "args"}, it calls that method and answers {"id", "value"} or {"id", "error"}; several calls may be
// under way. "own.begin" makes the client from its options. A path begins at the client, or at "last", the value before,
// for what hangs at values, or at "own" and "keys", which are of this script. An argument {"$": name} stands for a
// function that reports its calls as {"event": name, "value"}.
const crypto = require("node:crypto");
const readline = require("node:readline");
const { Client, Errors } = require("kontist");

const roots = { own: { begin, all, unsubscribe, hurry } };

function begin(options) {
  Object.assign(roots, { client: new Client(options), keys: keyring(), last: undefined });
}

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, path, args } = JSON.parse(line);
  try {
    const value = await call(path, args.map(revive));
    roots.last = value;
    say({ id, value: value === undefined ? null : value });
  } catch (error) {
    say({ id, error: describe(error) });
  }
}).on("close", () => process.exit(0));

process.on("unhandledRejection", (error) => say({ event: "unhandledRejection", value: describe(error) }));

function call(path, args) {
  const steps = path.split(".");
  const start = steps[0] in roots ? roots[steps.shift()] : roots.client;
  const name = steps.pop();
  const owner = steps.reduce((value, step) => value[step], start);
  return typeof owner[name] === "function" ? owner[name](...args) : owner[name];
}

function revive(argument) {
  const name = argument && argument.$;
  return name ? (value) => say({ event: name, value: value instanceof Error ? describe(value) : value }) : argument;
}

// Token objects carry the OAuth client that they came from.
function say(message) {
  process.stdout.write(JSON.stringify(message, (key, value) => (key === "client" ? undefined : value)) + "\n");
}

function describe(error) {
  const { name, message, status, type, code } = error;
  const classes = Object.keys(Errors).filter((kind) => typeof Errors[kind] === "function" && error instanceof Errors[kind]);
  return { name, message, status, type, code, classes };
}

async function all(model, args, most) {
  const found = [];
  for await (const item of roots.client.models[model].fetchAll(args)) {
    if (found.push(item) === most) break;
  }
  return found;
}

function unsubscribe() {
  roots.last.unsubscribe();
}

// The SDK asks every three seconds whether a push was answered.
function hurry() {
  roots.client.auth.push.challengePollInterval = 50;
}

// A device: its key pair never leaves the process.
function keyring() {
  const { privateKey, publicKey } = crypto.generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const hex = (part) => Buffer.from(part, "base64url").toString("hex");
  return {
    publicKey: "04" + hex(x) + hex(y),
    sign: (text) => crypto.sign("sha256", Buffer.from(text), privateKey).toString("hex"),
  };
}
