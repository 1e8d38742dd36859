"""Revision trees: what is known of a document's edits, and which of them wins.

Law: merging is a union of edges, so trees that have seen the same revisions are equal, whatever the order and
however often. The winner is the live leaf, else the deleted one, of the highest generation, then of the
highest hash (CouchDB's "Conflict Management"; its ``couch_key_tree`` stems and merges to the same result).

A revision's hash covers its parent, so a revision has one parent everywhere; should a peer claim another one,
the first claim stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from sync.revision import Rev, parse, text


@dataclass(frozen=True, slots=True)
class Leaf:
    rev: Rev
    deleted: bool


@dataclass(slots=True)
class RevTree:
    """``parents`` gives each known revision's parent, None where it is the oldest known of its branch."""

    parents: dict[Rev, Rev | None] = field(default_factory=dict)
    deleted: set[Rev] = field(default_factory=set)

    # -- asking ------------------------------------------------------------------------------------

    def __contains__(self, rev: Rev) -> bool:
        return rev in self.parents

    def leaves(self) -> list[Leaf]:
        """Every leaf, the winner first."""
        inner = set(self.parents.values())
        found = [Leaf(rev, rev in self.deleted) for rev in self.parents if rev not in inner]
        found.sort(key=lambda leaf: (not leaf.deleted, leaf.rev), reverse=True)
        return found

    def winner(self) -> Leaf | None:
        return next(iter(self.leaves()), None)

    def conflicts(self) -> list[str]:
        """The live leaves that lost, best first."""
        return [text(leaf.rev) for leaf in self.leaves()[1:] if not leaf.deleted]

    def deleted_conflicts(self) -> list[str]:
        return [text(leaf.rev) for leaf in self.leaves()[1:] if leaf.deleted]

    def path(self, rev: Rev) -> list[Rev]:
        """``rev`` and its known ancestors, newest first."""
        chain: list[Rev] = []
        step: Rev | None = rev
        while step is not None:
            chain.append(step)
            step = self.parents[step]
        return chain

    def leaves_from(self, rev: Rev) -> list[Leaf]:
        """The leaves that descend from ``rev`` (itself, if it is one), best first."""
        return [leaf for leaf in self.leaves() if rev in self.path(leaf.rev)]

    # -- changing ----------------------------------------------------------------------------------

    def merge(self, start: int, ids: Sequence[str], *, deleted: bool = False) -> bool:
        """Add the branch whose leaf is ``start-ids[0]``, newest first. False if that revision was known."""
        chain: list[Rev] = [(start - back, word) for back, word in enumerate(ids)]
        leaf = chain[0]
        known = leaf in self.parents
        for child, parent in zip(chain, [*chain[1:], None], strict=True):
            if self.parents.get(child) is None:
                self.parents[child] = parent
        if deleted and not known:
            self.deleted.add(leaf)
        return not known

    def stem(self, limit: int) -> None:
        """Forget what is ``limit`` or more edits behind every leaf."""
        kept: set[Rev] = set()
        for leaf in self.leaves():
            kept.update(self.path(leaf.rev)[:limit])
        if len(kept) < len(self.parents):
            self.parents = {
                rev: parent if parent in kept else None for rev, parent in self.parents.items() if rev in kept
            }
            self.deleted &= kept

    def purge(self, revs: Iterable[Rev]) -> list[Rev]:
        """Forget those of ``revs`` that are leaves, with the ancestors that led to them alone."""
        gone = {leaf.rev for leaf in self.leaves()}.intersection(revs)
        kept: set[Rev] = set()
        for leaf in self.leaves():
            if leaf.rev not in gone:
                kept.update(self.path(leaf.rev))
        self.parents = {rev: parent for rev, parent in self.parents.items() if rev in kept}
        self.deleted &= kept
        return sorted(gone)


# -- how a tree is kept beside its winner --------------------------------------------------------------
#
# None: the winner has no known ancestor. ``hash,hash``: the winner's ancestors, newest first; there is no
# other branch. A JSON list: branches ``[generation, deleted, [hashes]]``, winner first, each newest first and
# ending at its oldest known revision or at one that an earlier branch has.


def encode(tree: RevTree) -> bytes | None:
    leaves = tree.leaves()
    if len(leaves) == 1:
        return b",".join(word.encode() for _, word in tree.path(leaves[0].rev)[1:]) or None
    seen: set[Rev] = set()
    branches: list[list[object]] = []
    for leaf in leaves:
        words: list[str] = []
        for rev in tree.path(leaf.rev):
            words.append(rev[1])
            if rev in seen:
                break
            seen.add(rev)
        branches.append([leaf.rev[0], int(leaf.deleted), words])
    return orjson.dumps(branches)


def decode(winner: str, deleted: bool, kept: bytes | None) -> RevTree:
    tree = RevTree()
    if kept is not None and is_branched(kept):
        for start, gone, words in orjson.loads(kept):
            tree.merge(start, words, deleted=bool(gone))
    else:
        start, word = parse(winner)
        tree.merge(start, [word, *ancestors(kept)], deleted=deleted)
    return tree


def revisions_json(winner: str, kept: bytes | None) -> bytes:
    """CouchDB's ``_revisions`` of the winner of a one-branch tree, without reading the tree.

    No hash holds a character that JSON would escape (``sync.revision``).
    """
    start, _, word = winner.partition("-")
    words = word.encode() + (b'","' + kept.replace(b",", b'","') if kept else b"")
    return b'{"start":%b,"ids":["%b"]}' % (start.encode(), words)


def is_branched(kept: bytes | None) -> bool:
    """A hash may not begin with a bracket in the one-branch form, so the first byte tells."""
    return kept is not None and kept.startswith(b"[[")


def ancestors(kept: bytes | None) -> list[str]:
    """The hashes of a one-branch tree, the winner's parent first."""
    return kept.decode().split(",") if kept else []


def grown(winner: str, kept: bytes | None, limit: int) -> bytes | None:
    """A one-branch tree after an edit over ``winner``: what is kept beside the new winner."""
    words = winner[winner.index("-") + 1 :].encode() + (b"," + kept if kept else b"")
    if words.count(b",") >= limit - 1:
        words = b",".join(words.split(b",")[: limit - 1])
    return words or None
