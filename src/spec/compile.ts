// Owns the stage: files → State with origins, or everything that is wrong with them. Never reads a file, and never stops
// at the first problem.

import { type Address, compareText } from '../model/address.ts';
import { type Checked, type Diagnostic, sortDiagnostics } from '../model/diagnostic.ts';
import type { Origins } from '../model/origin.ts';
import { createState, type State } from '../model/state.ts';
import { bind } from './bind.ts';
import { report } from './catalogue.ts';
import { checkAll } from './check.ts';
import { classify } from './document.ts';
import { merge } from './merge.ts';
import { Suggestions } from './nearest.ts';
import { parseFile } from './parse.ts';
import { originOf } from './places.ts';
import { withoutSecrets } from './redact.ts';
import type { SourceFile } from './source.ts';
import { type Validated, validate } from './validate.ts';

export interface CompiledSpec {
  readonly state: State;
  /** For every address of the State. */
  readonly origins: Origins;
}

export interface CompileOptions {
  /** Whether `{file}` secrets are relative to `--secrets-dir` instead of the file that writes them. */
  readonly secretsDir?: boolean;
  /** Whether files of the spec could not be read: what they would declare is then not told to be missing. */
  readonly incomplete?: boolean;
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
  const documents: Validated[] = [];
  let incomplete = options.incomplete === true;
  for (const file of [...files].sort((a, b) => compareText(a.path, b.path))) {
    const parsed = parseFile(file);
    tell(parsed.diagnostics);
    incomplete ||= parsed.incomplete;
    for (const tree of parsed.trees) {
      const document = classify(tree);
      if ('code' in document) {
        diagnostics.push(document);
        // A document of tests declares no names; any other may have been meant to.
        incomplete ||= document.code !== 'document.tests-unsupported';
        continue;
      }
      const validated = validate(document);
      tell(validated.diagnostics);
      incomplete ||= validated.incomplete;
      documents.push(validated);
    }
  }

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
  const suggestions = new Suggestions();
  const secretsDir = options.secretsDir === true;
  const bound = bind(declarations, { secretsDir, incomplete, suggestions }, diagnostics);
  checkAll(declarations, bound, { incomplete, suggestions }, diagnostics);

  const told = withoutSecrets(sortDiagnostics(withoutRepeats(diagnostics)), files);
  if (told.some((diagnostic) => diagnostic.severity === 'error')) return { ok: false, diagnostics: told };
  const state = createState(bound.entities);
  const origins = new Map<Address, ReturnType<typeof originOf>>();
  for (const [address, places] of bound.places) origins.set(address, originOf(places));
  return { ok: true, value: { state, origins }, diagnostics: told };
}

/** What stands once and is used at many places (an alias, a default) is told once. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, range, detail }) => {
    const key = `${code}\n${range?.file}\n${range?.start.offset}\n${range?.end.offset}\n${detail}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}
