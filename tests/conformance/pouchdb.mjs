// PouchDB as a peer: reads commands as JSON lines on stdin, answers each with a JSON line on stdout.
// Every command names an operation and its arguments; databases live in this process's memory.
import { createInterface } from "node:readline";
import PouchDB from "pouchdb";
import memory from "pouchdb-adapter-memory";

PouchDB.plugin(memory);

const local = new Map();
const live = new Map();

function open(name) {
  if (name.startsWith("http")) return new PouchDB(name, { skip_setup: true });
  if (!local.has(name)) local.set(name, new PouchDB(name, { adapter: "memory" }));
  return local.get(name);
}

function plain(result) {
  const { docs_read, docs_written, doc_write_failures, errors, last_seq, ok, status } = result;
  return { docs_read, docs_written, doc_write_failures, errors: errors.map(String), last_seq, ok, status };
}

// Every leaf of every document with its history's length and its attachments' bytes, sorted: equal
// contents give equal snapshots.
async function snapshot(db) {
  const { results } = await db.changes({ since: 0, style: "all_docs" });
  const docs = {};
  for (const { id, changes } of results) {
    for (const { rev } of changes) {
      const doc = await db.get(id, { rev, attachments: true, revs: true });
      const attachments = {};
      for (const [name, { data, content_type }] of Object.entries(doc._attachments ?? {})) {
        attachments[name] = [content_type, data];
      }
      const { _id, _rev, _revisions, _attachments, ...body } = doc;
      docs[`${id} ${rev}`] = { body, revs: _revisions.ids.length, attachments };
    }
  }
  return docs;
}

const operations = {
  put: ({ db, doc }) => open(db).put(doc),
  remove: ({ db, id, rev }) => open(db).remove(id, rev),
  bulk: ({ db, docs, options }) => open(db).bulkDocs(docs, options ?? {}),
  get: ({ db, id, options }) => open(db).get(id, options ?? {}),
  info: ({ db }) => open(db).info(),
  allDocs: ({ db, options }) => open(db).allDocs(options ?? {}),
  changes: ({ db, options }) => open(db).changes(options ?? {}),
  attach: ({ db, id, name, rev, data, type }) =>
    open(db).putAttachment(id, name, rev, Buffer.from(data, "base64"), type),
  attachment: async ({ db, id, name }) => (await open(db).getAttachment(id, name)).toString("base64"),
  replicate: async ({ source, target, options }) =>
    plain(await PouchDB.replicate(open(source), open(target), options ?? {})),
  sync: async ({ left, right }) => {
    const result = await PouchDB.sync(open(left), open(right));
    return { push: plain(result.push), pull: plain(result.pull) };
  },
  // A live replication: answers when it has carried everything and waits.
  live: ({ name, source, target }) =>
    new Promise((resolve, reject) => {
      const running = PouchDB.replicate(open(source), open(target), { live: true });
      live.set(name, running);
      running.once("paused", () => resolve({ ok: true }));
      running.once("error", reject);
      running.catch(() => {});
    }),
  // Answers when a live replication has carried a document, whenever that was.
  carried: ({ target, id, value }) =>
    new Promise((resolve, reject) => {
      const feed = open(target)
        .changes({ since: 0, live: true, include_docs: true })
        .on("change", ({ id: seen, doc }) => {
          if (seen === id && doc.value === value) {
            feed.cancel();
            resolve({ ok: true });
          }
        })
        .on("error", reject);
    }),
  // Breaks a replication off after its first batch.
  interrupted: ({ source, target, options }) =>
    new Promise((resolve) => {
      const running = PouchDB.replicate(open(source), open(target), options);
      running.once("complete", ({ docs_written }) => resolve({ docs_written }));
      running.once("change", () => running.cancel());
    }),
  stop: async ({ name }) => {
    live.get(name).cancel();
    return { ok: true };
  },
  snapshot: ({ db }) => snapshot(open(db)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...args } = JSON.parse(line);
  let answer;
  try {
    answer = { ok: await operations[op](args) };
  } catch (error) {
    answer = { error: { name: error.name, status: error.status, message: String(error.message ?? error) } };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
