// Print every GraphQL document that the published SDK's models send, by the methods that send it. Nothing is sent.
const { Client } = require("kontist");

const client = new Client({ baseUrl: "http://127.0.0.1:9", clientId: "none" });
const documents = {};
let sender;
const keep = (document) => {
  (documents[document] = documents[document] || []).push(sender);
  return anything();
};
client.graphQL.rawQuery = async (document) => keep(document);
client.graphQL.subscribe = ({ query }) => keep(query);

// Stands for any answer: whatever is read from it is there, and lists are empty.
function anything() {
  const read = (_, name) => {
    if (name === "then") return undefined;
    if (name === Symbol.toPrimitive) return () => "";
    return ["map", "filter", "reduce"].includes(name) ? () => [] : anything();
  };
  return new Proxy(() => undefined, { get: read, apply: () => anything() });
}

function methodsOf(model) {
  const names = new Set();
  for (let of = Object.getPrototypeOf(model); of !== Object.prototype; of = Object.getPrototypeOf(of)) {
    Object.getOwnPropertyNames(of).filter((name) => name !== "constructor").forEach((name) => names.add(name));
  }
  return [...names];
}

async function harvest(model, method) {
  for (const args of [[{}], [""], [[]]]) {
    const before = Object.keys(documents).length;
    try {
      await model[method](...args);
    } catch {
      continue; // not the arguments that it takes, or a method that only throws
    }
    if (Object.keys(documents).length > before) return;
  }
}

(async () => {
  for (const [name, model] of Object.entries(client.models)) {
    for (const method of methodsOf(model)) {
      sender = `${name}.${method}`;
      await harvest(model, method);
    }
  }
  process.stdout.write(JSON.stringify(documents));
})();
