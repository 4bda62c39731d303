// Owns the verbs that only read. They run on the reading connection, which sees what is committed and nothing else.
// Never writes.

import type { Database } from 'better-sqlite3';
import { packTexts } from '../model/packed-texts.ts';
import { FoundEntities } from './found.ts';
import { issuedReads } from './issued-verbs.ts';
import type { Connections } from './open.ts';
import { pointVerbs } from './point-verbs.ts';
import { type OpenedPages, PAGE_ROWS, type Page, type PagesOf, type ReadVerbs } from './protocol.ts';
import { signingKeyFrom } from './records.ts';
import { revisionFrom } from './revision.ts';
import {
  changesStatement,
  type EntityRow,
  markStatement,
  movesStatement,
  newestMarkStatement,
  pageStatement,
  type ReadStatements,
  type RevisionMark,
} from './sql.ts';
import { Staging } from './staging.ts';
import { usageOf } from './usage.ts';

interface Cursor {
  readonly db: Database;
  readonly rows: Iterator<unknown>;
  readonly revision: RevisionMark | undefined;
  /** Of entities. */
  readonly found: FoundEntities | undefined;
}

/** Reads that stretch over several calls, each in one snapshot on a connection of its own. */
class Cursors {
  readonly #connect: () => Database;
  readonly #open = new Map<number, Cursor>();
  #last = 0;

  constructor(connect: () => Database) {
    this.#connect = connect;
  }

  open(of: PagesOf): OpenedPages {
    const db = this.#connect();
    try {
      db.exec('BEGIN');
      const revision = typeof of === 'string' ? newestMarkStatement(db).get() : markStatement(db).get(of.changesOf);
      const rows =
        typeof of === 'string' ? pageStatement(db, of).iterate() : changesStatement(db).iterate(of.changesOf);
      const moves = of === 'entity' ? movesStatement(db).all() : [];
      const cursor = ++this.#last;
      this.#open.set(cursor, { db, rows, revision, found: of === 'entity' ? new FoundEntities() : undefined });
      return { cursor, revision, moves };
    } catch (error) {
      db.close();
      throw error;
    }
  }

  next(cursor: number): Page {
    const opened = this.#open.get(cursor);
    if (opened === undefined) throw new Error(`no pages are open under ${cursor}`);
    const { rows, revision, found } = opened;
    const page: unknown[] = [];
    const origins: string[] = [];
    const end = (): Pick<Page, 'rows' | 'origins'> => ({
      rows: page,
      origins: found === undefined ? undefined : packTexts(origins),
    });
    while (page.length < PAGE_ROWS) {
      const row = rows.next();
      if (row.done === true) {
        const drifted = revision === undefined ? undefined : found?.drifted(revision.digest);
        return { ...end(), isLast: true, drifted };
      }
      if (found === undefined) {
        page.push(row.value);
        continue;
      }
      const { origin, ...entity } = row.value as EntityRow;
      origins.push(origin ?? '');
      page.push(found.take(entity));
    }
    return { ...end(), isLast: false, drifted: undefined };
  }

  close(cursor: number): void {
    const opened = this.#open.get(cursor);
    if (opened === undefined) return;
    this.#open.delete(cursor);
    opened.rows.return?.();
    opened.db.close();
  }

  closeAll(): void {
    for (const cursor of [...this.#open.keys()]) this.close(cursor);
  }
}

/** The verbs, and what ends the reads that are still open. */
export function readVerbs(
  connections: Connections,
  sql: ReadStatements,
  staged: Map<number, Staging>,
): { readonly verbs: ReadVerbs; readonly end: () => void } {
  const cursors = new Cursors(connections.connect);
  const verbs: ReadVerbs = {
    openPages: (of) => cursors.open(of),
    nextPage: (cursor) => cursors.next(cursor),
    closePages: (cursor) => cursors.close(cursor),
    revisions: (limit) => sql.revisions.all(limit).map(revisionFrom),
    usage: (addresses, now) => usageOf(sql, addresses, now),
    undone: () => sql.undone.all(),
    resumed: () => sql.resumed.all(),
    ...pointVerbs(sql),
    ...issuedReads(sql),
    signingKeys: () => sql.signingKeys.all().map(signingKeyFrom),
    stage(staging, part) {
      const before = staged.get(staging) ?? new Staging();
      staged.set(staging, before);
      before.add(part);
    },
    unstage(staging) {
      staged.delete(staging);
    },
  };
  return { verbs, end: () => cursors.closeAll() };
}
