// Owns finding secrets that tell by their form what they are, wherever in a spec they are written: as a name of a variable,
// a path, in metadata, in a comment. Never looks at what a key means.

import type { Diagnostic } from '../model/diagnostic.ts';
import { GENERATED_SECRETS, isGeneratedSecret } from '../model/generated-secret.ts';
import { report } from './catalogue.ts';
import { indexLines } from './lines.ts';
import type { SourceFile } from './source.ts';

/** An error for each generated secret in the files but those that `told` points at already. */
export function writtenSecrets(files: readonly SourceFile[], told: readonly Diagnostic[]): readonly Diagnostic[] {
  return files.flatMap((file) => {
    const offsets = [...file.text.matchAll(GENERATED_SECRETS)].filter(([text]) => isGeneratedSecret(text));
    if (offsets.length === 0) return [];
    const known = told.flatMap(({ code, range }) =>
      code === 'secret.literal' && range?.file === file.path ? [range] : [],
    );
    const lines = indexLines(file.text);
    return offsets.flatMap(({ index, 0: { length } }) => {
      if (known.some(({ start, end }) => start.offset <= index && index < end.offset)) return [];
      return report('secret.literal', {
        detail: 'a secret never stands in the spec, and this is one that charter secret generate made',
        help: 'Put it where Charter runs, into a variable or a file, and write the name of that. What was committed is known by now: make a new one.',
        range: { file: file.path, start: lines.position(index), end: lines.position(index + length) },
      });
    });
  });
}
