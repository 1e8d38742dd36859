"""Revision trees: cases by hand, laws by property, and thousands of histories against npm's pouchdb-merge."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import revtree
from sync.revision import Rev, parse, text
from sync.revtree import RevTree

HERE = Path(__file__).parent
#: Histories played against pouchdb-merge; HISTORIES raises it.
HISTORIES = int(os.environ.get("HISTORIES", "2000"))

Path_ = dict[str, Any]


def line(*ids: str, start: int | None = None) -> RevTree:
    tree = RevTree()
    tree.merge(len(ids) if start is None else start, ids)
    return tree


def history(rng: random.Random, *, whole: bool = False) -> list[Path_]:
    """Branches of one random tree of edits, as peers would send them: in any order, repeated, cut short
    unless ``whole``.
    """
    edits: list[list[str]] = [[f"{rng.randrange(16):x}0"] for _ in range(rng.choice((1, 1, 1, 2)))]
    for n in range(rng.randrange(1, 25)):
        parent = rng.choice(edits[-4:] if rng.random() < 0.6 else edits)
        edits.append([f"{rng.randrange(16):x}{n + 1:x}", *parent])
    deleted = {tuple(edit) for edit in edits if rng.random() < 0.2}
    paths = []
    for edit in rng.choices(edits, k=rng.randrange(1, 2 * len(edits))):
        known = len(edit) if whole or rng.random() < 0.5 else rng.randrange(1, len(edit) + 1)
        paths.append({"start": len(edit), "ids": edit[:known], "deleted": tuple(edit) in deleted})
    return paths


def play(paths: list[Path_], depth: int) -> list[RevTree]:
    tree = RevTree()
    states = []
    for path in paths:
        tree.merge(path["start"], path["ids"], deleted=path["deleted"])
        tree.stem(depth)
        states.append(RevTree(dict(tree.parents), set(tree.deleted)))
    return states


def test_the_winner_is_live_then_long_then_high() -> None:
    tree = line("b", "a")
    tree.merge(2, ["c", "a"])
    assert [text(leaf.rev) for leaf in tree.leaves()] == ["2-c", "2-b"]
    tree.merge(3, ["d", "c", "a"], deleted=True)
    assert [text(leaf.rev) for leaf in tree.leaves()] == ["2-b", "3-d"]
    assert tree.conflicts() == []
    assert tree.deleted_conflicts() == ["3-d"]


def test_what_is_known_is_not_merged_again() -> None:
    tree = line("c", "b", "a")
    assert tree.merge(2, ["b", "a"]) is False
    assert tree.merge(3, ["c"]) is False
    assert tree.merge(4, ["d", "c"]) is True


def test_a_cut_branch_is_joined_when_its_ancestors_come() -> None:
    tree = line("c", start=3)
    tree.merge(2, ["x", "a"])
    assert len(tree.leaves()) == 2
    tree.merge(3, ["c", "b", "a"])
    assert tree.path((3, "c")) == [(3, "c"), (2, "b"), (1, "a")]


def test_stemming_keeps_what_is_near_a_leaf() -> None:
    tree = line("e", "d", "c", "b", "a")
    tree.merge(3, ["x", "b", "a"])
    tree.stem(2)
    assert set(tree.parents) == {(5, "e"), (4, "d"), (3, "x"), (2, "b")}


def test_purging_takes_the_branch_that_only_led_there() -> None:
    tree = line("c", "b", "a")
    tree.merge(2, ["x", "a"])
    assert tree.purge([(3, "c"), (1, "a"), (9, "none")]) == [(3, "c")]
    assert set(tree.parents) == {(2, "x"), (1, "a")}
    assert tree.purge([(2, "x")]) == [(2, "x")]
    assert tree.winner() is None


def test_latest_follows_the_branch() -> None:
    tree = line("c", "b", "a")
    tree.merge(2, ["x", "a"])
    assert [text(leaf.rev) for leaf in tree.leaves_from((2, "b"))] == ["3-c"]
    assert [text(leaf.rev) for leaf in tree.leaves_from((1, "a"))] == ["3-c", "2-x"]


@given(st.randoms(use_true_random=False))
def test_the_order_of_merging_does_not_matter(rng: random.Random) -> None:
    paths = history(rng)
    once = play(paths, 1000)[-1]
    rng.shuffle(paths)
    again = play(paths + paths[:3], 1000)[-1]
    assert (again.parents, again.leaves()) == (once.parents, once.leaves())


@given(st.randoms(use_true_random=False), st.sampled_from([1, 2, 4, 1000]))
def test_a_kept_tree_is_read_back(rng: random.Random, depth: int) -> None:
    tree = play(history(rng), depth)[-1]
    winner = tree.leaves()[0]
    again = revtree.decode(text(winner.rev), winner.deleted, revtree.encode(tree))
    assert again.parents == tree.parents
    assert again.leaves() == tree.leaves()


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12), st.integers(1, 6))
def test_growing_by_text_is_growing_by_tree(words: list[str], limit: int) -> None:
    tree = RevTree()
    kept: bytes | None = None
    winner = ""
    ids: list[str] = []
    for generation, word in enumerate(words, 1):
        ids = [word, *ids]
        tree.merge(generation, ids[:2])
        tree.stem(limit)
        kept = revtree.grown(winner, kept, limit) if winner else None
        winner = f"{generation}-{word}"
        assert kept == revtree.encode(tree)


@pytest.mark.node
@pytest.mark.skipif(
    shutil.which("node") is None or not (HERE.parents[1] / "node_modules" / "pouchdb-merge").exists(),
    reason="needs Node and the JavaScript dependencies",
)
def test_pouchdb_merge_agrees() -> None:
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(2**32)))
    rng = random.Random(seed)
    cases: list[dict[str, Any]] = []
    for _ in range(HISTORIES):
        whole = rng.random() < 0.5
        depth = rng.choice((1, 2, 3, 5, 8, 1000))
        cases.append({"paths": history(rng, whole=whole), "depth": depth, "whole": whole})
    feed = "".join(json.dumps(case) + "\n" for case in cases)
    answer = subprocess.run(
        ["node", "pouchdb_merge.cjs"], cwd=HERE, input=feed, capture_output=True, text=True, check=True
    )
    torn = steps = 0
    for number, (case, answered) in enumerate(zip(cases, answer.stdout.splitlines(), strict=True)):
        states = play(case["paths"], case["depth"])
        for step, (tree, theirs) in enumerate(zip(states, json.loads(answered), strict=True)):
            where = f"SEED={seed} history {number} step {step}: {case}"
            # Of branches that were cut short, pouchdb-merge may keep pieces apart and then count an inner
            # revision as the leaf of one piece. CouchDB joins them, and so do we.
            inner = {rev for one in theirs["lines"] for rev in one[1:]}
            leaves = tree.leaves()
            # The other way round: told again of a revision that lies beyond the depth, the side that had
            # forgotten it grows a branch, and the trees differ from there on.
            differing = {text(leaf.rev) for leaf in leaves} ^ (set(theirs["leaves"]) - inner)
            if differing:
                newest = max(leaf.rev[0] for leaf in leaves)
                assert not case["whole"], where
                assert all(parse(rev)[0] <= newest - case["depth"] for rev in differing), where
                torn += 1
                break
            ours, best = lines(tree, case["depth"]), longest(theirs["lines"], inner)
            # Where branches came cut, either side may know more of a line; what both know is the same.
            assert all(ours[leaf][: len(one)] == one[: len(ours[leaf])] for leaf, one in best.items()), where
            assert ours == best or not case["whole"], where
            steps += 1
            if inner & set(theirs["leaves"]):
                torn += 1
                continue
            assert text(leaves[0].rev) == theirs["winner"], where
            assert sorted(tree.conflicts()) == theirs["conflicts"], where
    assert torn < steps / 20, "nearly every step must be compared in full"


def lines(tree: RevTree, depth: int) -> dict[str, list[str]]:
    """Each leaf with its ancestors. pouchdb-merge keeps no more than ``depth`` of them on any line."""
    return {text(leaf.rev): list(map(text, tree.path(leaf.rev)[:depth])) for leaf in tree.leaves()}


def longest(found: list[list[str]], inner: set[str]) -> dict[str, list[str]]:
    """pouchdb-merge keeps lines cut at different places apart; the longest of each leaf tells most."""
    best: dict[str, list[str]] = {}
    for one in found:
        if one[0] not in inner and len(one) > len(best.get(one[0], [])):
            best[one[0]] = one
    return best


def test_revs_are_plain_tuples() -> None:
    rev: Rev = (1, "a")
    assert rev in line("a")
