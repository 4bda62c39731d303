// Owns the stage: files → State with origins, or everything that is wrong with them. Never reads a file, and never stops
// at the first problem.

import type { AccessTest } from '../model/access-test.ts';
import type { Address } from '../model/address.ts';
import type { Approval } from '../model/approval.ts';
import { type Checked, type Diagnostic, sortDiagnostics } from '../model/diagnostic.ts';
import type { Move } from '../model/move.ts';
import type { Origins } from '../model/origin.ts';
import { createState, type State } from '../model/state.ts';
import { readApprovals } from './approvals.ts';
import { bind } from './bind.ts';
import { bindTests } from './bind-tests.ts';
import { report } from './catalogue.ts';
import { checkAll } from './check.ts';
import { KeptDocuments } from './kept-documents.ts';
import { layersOf } from './layers.ts';
import { merge } from './merge.ts';
import { resolveMoves } from './moves.ts';
import { Suggestions } from './nearest.ts';
import { Replacements } from './overlay-value.ts';
import { originOf } from './places.ts';
import { withoutSecrets } from './redact.ts';
import type { SourceFile } from './source.ts';
import { type Waiver, withoutWaived } from './waivers.ts';
import { writtenSecrets } from './written-secrets.ts';

export interface CompiledSpec {
  readonly state: State;
  /** For every address of the State. */
  readonly origins: Origins;
  /** What server.lint.allow waives, for what is found later. */
  readonly waivers: readonly Waiver[];
  /** In the order of their places. */
  readonly moves: readonly Move[];
  readonly approvals: readonly Approval[];
  readonly tests: readonly AccessTest[];
}

export interface CompileOptions {
  /** Whether `{file}` secrets are relative to `--secrets-dir` instead of the file that writes them. */
  readonly secretsDir?: boolean;
  /** Whether files of the spec could not be read: what they would declare is then not told to be missing. */
  readonly incomplete?: boolean;
  /**
   * The directories of the overlays, relative to the root, where there are overlays: files of secrets may stand in
   * them. Which overlay a file belongs to, the file says.
   */
  readonly overlays?: readonly string[];
  /** Milliseconds since the epoch: what has ended, or leaves a time without a secret, is told as of then. */
  readonly now?: number;
  /** Of the compile before: what has not changed since is not parsed again. The result is the same without it. */
  readonly kept?: KeptDocuments;
}

/**
 * Compiles a whole spec. The order of files does not matter. `ok` is false as soon as there is one error; the
 * diagnostics are those of all files, sorted by place. Whatever the text holds, nothing is thrown.
 */
export function compile(files: readonly SourceFile[], options: CompileOptions = {}): Checked<CompiledSpec> {
  const diagnostics: Diagnostic[] = [];
  // One by one: as arguments of a single call, those of a very wrong file would not fit the stack.
  const tell = (told: readonly Diagnostic[]) => {
    for (const diagnostic of told) diagnostics.push(diagnostic);
  };
  const kept = options.kept ?? new KeptDocuments();
  const suggestions = new Suggestions();
  const layers = layersOf(files, {
    incomplete: options.incomplete === true,
    suggestions,
    parse: (file) => kept.parse(file),
  });
  tell(layers.problems);
  // An overlay that could not be read may write any key that seems to lack.
  const mayLack = layers.mayLack || (options.incomplete === true && options.overlays !== undefined);
  const documents = layers.documents.map((document) => kept.validate(document, mayLack));
  kept.endCompile();
  for (const validated of documents) tell(validated.diagnostics);
  const incomplete = layers.incomplete || documents.some((validated) => validated.incomplete);

  const declarations = merge(documents);
  tell(declarations.problems);
  if (declarations.server === undefined && !incomplete) {
    diagnostics.push(
      report('server.missing', {
        detail: 'no document of the spec has a server: key',
        help: 'Write it once, in a document without site:, for example:\n  server: { issuer: https://id.example.com }',
      }),
    );
  }
  const secretsDir = options.secretsDir === true;
  const { overlays = [] } = options;
  const moves = resolveMoves(declarations, { incomplete, suggestions }, diagnostics);
  const approvals = readApprovals(declarations.approvals, diagnostics);
  const names = { incomplete, suggestions, moves };
  const bound = bind(declarations, { secretsDir, overlays, ...names }, diagnostics);
  const waivers = checkAll(declarations, bound, { ...names, now: options.now }, diagnostics);
  const tests = bindTests(declarations, bound, names, diagnostics);
  tell(writtenSecrets(files, diagnostics));

  const replaced = new Replacements(layers.replacements);
  const explained = withoutRepeats(withoutWaived(diagnostics, waivers)).map((one) => replaced.explain(one));
  const told = withoutSecrets(sortDiagnostics(explained), files);
  if (told.some((diagnostic) => diagnostic.severity === 'error')) return { ok: false, diagnostics: told };
  const state = createState(bound.entities);
  const origins = new Map<Address, ReturnType<typeof originOf>>();
  for (const [address, places] of bound.places) origins.set(address, originOf(places));
  return { ok: true, value: { state, origins, waivers, moves: moves.list, approvals, tests }, diagnostics: told };
}

/** What stands once and is used at many places (an alias, a default) is told once. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, range, detail }) => {
    const key = `${code}\n${range?.file}\n${range?.start.offset}\n${range?.end.offset}\n${detail}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}
