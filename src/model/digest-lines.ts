// Owns the digest of a table of digests, a line for each address: of a table that was made whole, lines are written once and kept in pieces,
// so that after an edit they are only hashed again. Never hashes an entity.

import { createHash } from 'node:crypto';
import { type Address, compareText } from './address.ts';
import { type Edits, layersOf } from './edited-table.ts';

/** Some lines that follow each other. */
interface Piece {
  /** In address order. Never empty. */
  readonly addresses: readonly Address[];
  readonly lines: Uint8Array;
}

/** Addresses in a piece: some ten of a kilobyte, of which an edit has one written anew. */
const PIECE = 256;

/** By table that was made whole, which nobody changes any more. */
const written = new WeakMap<ReadonlyMap<Address, string>, readonly Piece[]>();

/** What the digest of a table is of, for each address in order. */
export function lineOf(address: Address, digest: string): string {
  return `${address}\n${digest}\n`;
}

/** Of the lines in address order. */
export function digestTable(digests: ReadonlyMap<Address, string>): string {
  const { base, edits } = layersOf(digests);
  const pieces = written.get(base) ?? writeAll(base);
  written.set(base, pieces);
  const hash = createHash('sha256');
  const edited = [...edits.keys()].sort(compareText);
  for (const [position, { addresses, lines }] of pieces.entries()) {
    // What comes before the next piece belongs to this one; what comes before all, or after all, to the first or the last.
    const next = pieces[position + 1]?.addresses[0];
    const until = next === undefined ? edited.length : edited.findIndex((address) => address >= next);
    const mine = edited.splice(0, until === -1 ? edited.length : until);
    hash.update(
      mine.length === 0 ? lines : linesOf(base, edits, [...new Set([...addresses, ...mine])].sort(compareText)),
    );
  }
  hash.update(linesOf(base, edits, edited));
  return `sha256:${hash.digest('hex')}`;
}

function writeAll(base: ReadonlyMap<Address, string>): readonly Piece[] {
  const all = [...base.keys()].sort(compareText);
  const pieces: Piece[] = [];
  for (let at = 0; at < all.length; at += PIECE) {
    const addresses = all.slice(at, at + PIECE);
    pieces.push({ addresses, lines: Buffer.from(linesOf(base, NO_EDITS, addresses)) });
  }
  return pieces;
}

const NO_EDITS: Edits<string> = new Map();

function linesOf(base: ReadonlyMap<Address, string>, edits: Edits<string>, addresses: readonly Address[]): string {
  let lines = '';
  for (const address of addresses) {
    const digest = edits.has(address) ? edits.get(address) : base.get(address);
    if (digest !== undefined) lines += lineOf(address, digest);
  }
  return lines;
}
