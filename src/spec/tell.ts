// Owns what is said in the end of all that was found: nothing twice, nothing that is waived, no secret, in the order of the
// places. Never finds anything.

import { type Diagnostic, sortDiagnostics } from '../model/diagnostic.ts';
import { type Replacement, Replacements } from './overlay-value.ts';
import { type FindSecrets, withoutSecrets } from './redact.ts';
import type { SourceFile } from './source.ts';
import { tellUnused, type WrittenWaiver, withoutWaived } from './waivers.ts';

/** What was found, apart as it changes from one compile to the next. */
export interface Found {
  /** All that the others are not. */
  readonly inFiles: readonly Diagnostic[];
  /** What nobody uses of the catalogues. */
  readonly inCatalogues: readonly Diagnostic[];
  readonly inTests: readonly Diagnostic[];
}

export interface Telling {
  readonly files: readonly SourceFile[];
  readonly waivers: readonly WrittenWaiver[];
  /** Whether all could be found, so that a waiver that covers nothing is one too many. */
  readonly isWhole: boolean;
  readonly replacements: readonly Replacement[];
  readonly findSecrets: FindSecrets;
}

export function tellAll({ inFiles, inCatalogues, inTests }: Found, telling: Telling): readonly Diagnostic[] {
  const { files, waivers, isWhole, replacements, findSecrets } = telling;
  const found = [...inFiles, ...inCatalogues];
  if (isWhole) tellUnused(waivers, found, found);
  for (const diagnostic of inTests) found.push(diagnostic);
  const replaced = new Replacements(replacements);
  const told = withoutRepeats(sortDiagnostics(withoutWaived(found, waivers)));
  return withoutSecrets(
    told.map((one) => replaced.explain(one)),
    files,
    findSecrets,
  );
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

/** What stands once and is used at many places (an alias, a default) is told once. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, range, detail }) => {
    const key = `${code}\n${range?.file}\n${range?.start.offset}\n${range?.end.offset}\n${detail}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}
