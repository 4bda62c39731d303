// Owns the stage: files → State with origins, or everything that is wrong with them. Never reads a file, and never stops
// at the first problem.

import type { AccessTest } from '../model/access-test.ts';
import type { Address } from '../model/address.ts';
import type { Approval } from '../model/approval.ts';
import type { Checked, Diagnostic } from '../model/diagnostic.ts';
import type { Move } from '../model/move.ts';
import type { Origin, Origins } from '../model/origin.ts';
import { createState, type State } from '../model/state.ts';
import { bindTests } from './bind-tests.ts';
import { build } from './build.ts';
import { checkCatalogueUse } from './check-catalogue-use.ts';
import { type Asked, Compilation, type Sound } from './compilation.ts';
import { CompiledFile } from './compiled-site.ts';
import { KeptDocuments } from './kept-documents.ts';
import { layersOf } from './layers.ts';
import { Suggestions } from './nearest.ts';
import { recompile } from './recompile.ts';
import type { SourceFile } from './source.ts';
import { type Found, hasErrors, tellAll } from './tell.ts';
import { usesOf } from './uses.ts';
import type { Validated } from './validate.ts';
import type { Waiver } from './waivers.ts';
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
  /**
   * Of the compile before: what has not changed since is not parsed, nor built, again. The result is the same without it.
   */
  readonly kept?: KeptDocuments;
  /** Instead: files that were parsed already, for this compile alone. */
  readonly parsed?: KeptDocuments;
}

/**
 * Compiles a whole spec. The order of files does not matter. `ok` is false as soon as there is one error; the
 * diagnostics are those of all files, sorted by place. Whatever the text holds, nothing is thrown.
 */
export function compile(files: readonly SourceFile[], options: CompileOptions = {}): Checked<CompiledSpec> {
  const { secretsDir = false, overlays = [], now, parsed = new KeptDocuments(), kept = parsed } = options;
  const { last } = kept;
  kept.places.beginCompile();
  const edited =
    last === undefined || options.incomplete === true
      ? undefined
      : recompile(last, files, { secretsDir, overlays, now }, kept);
  const checked = edited ?? compileAll(files, options, kept);
  kept.endCompile(files);
  return checked;
}

function compileAll(files: readonly SourceFile[], options: CompileOptions, kept: KeptDocuments): Checked<CompiledSpec> {
  const { secretsDir = false, overlays = [], now } = options;
  const asked: Asked = { secretsDir, overlays, now };
  const inFiles: Diagnostic[] = [];
  // One by one: as arguments of a single call, those of a very wrong file would not fit the stack.
  const tell = (told: readonly Diagnostic[]) => {
    for (const diagnostic of told) inFiles.push(diagnostic);
  };
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
  for (const validated of documents) tell(validated.diagnostics);
  const incomplete = layers.incomplete || documents.some((validated) => validated.incomplete);

  const built = build(documents, { ...asked, incomplete, suggestions }, inFiles);
  const { bound, declarations, moves, approvals, isWhole } = built;
  const inCatalogues: Diagnostic[] = [];
  if (isWhole) {
    const uses = new Set<Address>();
    for (const entity of bound.entities.values()) for (const use of usesOf(entity)) uses.add(use);
    checkCatalogueUse(bound, (address) => uses.has(address), inCatalogues);
  }
  const inTests: Diagnostic[] = [];
  const tests = bindTests(declarations, bound, { incomplete, suggestions, moves }, inTests);
  tell(writtenSecrets(files, inFiles));

  const found: Found = { inFiles, inCatalogues, inTests };
  const { replacements } = layers;
  const findSecrets = (file: SourceFile) => kept.secretsIn(file);
  const diagnostics = tellAll(found, { files, waivers: built.waivers, isWhole, replacements, findSecrets });
  if (hasErrors(diagnostics)) return { ok: false, diagnostics };
  const state = createState(bound.entities);
  const origins = new Map<Address, Origin>();
  for (const address of state.keys()) {
    const placed = bound.places.get(address);
    if (placed !== undefined) origins.set(address, kept.places.originOf(placed));
  }
  const waivers = built.waivers.map(({ code, at }) => ({ code, at }));
  const checked: Sound = {
    ok: true,
    value: { state, origins, waivers, moves: moves.list, approvals, tests },
    diagnostics,
  };
  if (options.kept !== undefined) {
    const hasTests = declarations.tests.length > 0;
    const outcome = { asked, checked, found, hasTests, searches: suggestions.searches };
    kept.last = new Compilation(outcome, compiledFiles(files, documents, kept));
  }
  return checked;
}

/** Of documents over which overlays were laid, the first file that wrote them. */
function compiledFiles(files: readonly SourceFile[], documents: readonly Validated[], kept: KeptDocuments) {
  const byPath = new Map<string, Validated[]>();
  for (const validated of documents) {
    const { path } = validated.document.root.span.source;
    const known = byPath.get(path);
    if (known === undefined) byPath.set(path, [validated]);
    else known.push(validated);
  }
  return new Map(files.map((file) => [file.path, new CompiledFile(file, byPath.get(file.path) ?? [], kept)]));
}
