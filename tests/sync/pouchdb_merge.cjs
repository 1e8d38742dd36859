// Plays histories against pouchdb-merge: one JSON line in (paths and a depth), one out (the state after each path).
"use strict";
const readline = require("node:readline");
const { merge, winningRev, collectConflicts, collectLeaves, rootToLeaf } = require("pouchdb-merge");

function asPath({ start, ids, deleted }) {
  // `ids` is newest first; pouchdb-merge wants the oldest at the root.
  let node = null;
  ids.forEach((id, back) => {
    const opts = back === 0 && deleted ? { status: "available", deleted: true } : { status: "available" };
    node = [id, opts, node ? [node] : []];
  });
  return { pos: start - ids.length + 1, ids: node };
}

function play({ paths, depth }) {
  let tree = [];
  return paths.map((path) => {
    tree = merge(tree, asPath(path), depth).tree;
    const metadata = { rev_tree: tree };
    return {
      winner: winningRev(metadata),
      conflicts: [...new Set(collectConflicts(metadata))].sort(),
      leaves: [...new Set(collectLeaves(tree).map((leaf) => leaf.rev))].sort(),
      lines: rootToLeaf(tree).map(({ pos, ids }) => ids.map(({ id }, n) => `${pos + n}-${id}`).reverse()),
    };
  });
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(play(JSON.parse(line)))}\n`);
});
