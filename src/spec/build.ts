// Owns documents → entities, with all that is told on the way: of a whole spec, or of a part that no link leaves. Never
// reads a text, and never decides which part that is.

import type { Approval } from '../model/approval.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { readApprovals } from './approvals.ts';
import { type Bound, bind } from './bind.ts';
import { report } from './catalogue.ts';
import { type Checks, checkAll } from './check.ts';
import { bound as boundOf } from './entities.ts';
import { type Declarations, merge } from './merge.ts';
import { type Moves, resolveMoves } from './moves.ts';
import type { Suggestions } from './nearest.ts';
import type { Validated } from './validate.ts';

export interface BuildOptions {
  readonly secretsDir: boolean;
  /** The directories of overlays, relative to the root. */
  readonly overlays: readonly string[];
  readonly incomplete: boolean;
  readonly suggestions: Suggestions;
  readonly now: number | undefined;
  /** Of a part: what is known of the rest. */
  readonly part?: Part;
}

/** What a part of a spec does not say itself. */
export interface Part {
  /** The resources that name something in the part; the others are not looked at. */
  readonly resources: ReadonlySet<string>;
  /** The attributes that users of the whole spec have. */
  readonly attributes: () => ReadonlySet<string>;
}

export interface Built extends Checks {
  readonly declarations: Declarations;
  readonly bound: Bound;
  readonly moves: Moves;
  readonly approvals: readonly Approval[];
}

/** Builds what documents declare, in their order. `problems` has what was told of them before, and gets what is wrong. */
export function build(documents: readonly Validated[], options: BuildOptions, problems: Diagnostic[]): Built {
  const { incomplete, suggestions, part } = options;
  const declarations = merge(documents);
  for (const problem of declarations.problems) problems.push(problem);
  if (declarations.server === undefined && !incomplete) {
    problems.push(
      report('server.missing', {
        detail: 'no document of the spec has a server: key',
        help: 'Write it once, in a document without site:, for example:\n  server: { issuer: https://id.example.com }',
      }),
    );
  }
  if (part !== undefined) {
    for (const name of declarations.resources.keys()) {
      if (!part.resources.has(name)) declarations.resources.delete(name);
    }
  }
  const moves = resolveMoves(declarations, { incomplete, suggestions }, problems);
  const approvals = readApprovals(declarations.approvals, problems);
  const bound = bind(declarations, { ...options, moves }, problems);
  const attributes = part?.attributes ?? (() => attributesOf(bound));
  const checks = checkAll(declarations, bound, { ...options, moves, attributes }, problems);
  return { declarations, bound, moves, approvals, ...checks };
}

function attributesOf(bound: Bound): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, { attributes }] of boundOf(bound, 'user'))
    for (const name of Object.keys(attributes ?? {})) names.add(name);
  return names;
}
