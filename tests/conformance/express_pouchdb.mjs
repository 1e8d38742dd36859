// express-pouchdb as a server: an independent implementation of CouchDB's HTTP API, in memory, on a free port.
// Prints its base URL when it listens; ends when stdin does.
import express from "express";
import expressPouchdb from "express-pouchdb";
import PouchDB from "pouchdb";
import memory from "pouchdb-adapter-memory";

const Memory = PouchDB.plugin(memory).defaults({ adapter: "memory" });
const app = express();
app.use(
  "/",
  expressPouchdb(Memory, {
    inMemoryConfig: true,
    logPath: process.argv[2],
    overrideMode: { exclude: ["routes/fauxton", "routes/authentication", "routes/authorization", "routes/session"] },
  }),
);
const server = app.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
