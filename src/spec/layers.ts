// Owns files → the documents that the spec is, each kind told and every overlay laid over what is below it. Never checks
// a document against its schema.

import { compareText } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { classify, type Document } from './document.ts';
import type { Suggestions } from './nearest.ts';
import { layOver } from './overlay.ts';
import type { Replacement } from './overlay-value.ts';
import type { ParsedFile } from './parse.ts';
import type { SourceFile } from './source.ts';

export interface LayerOptions {
  /** Files could not be read: nobody knows which layer they belong to. */
  readonly incomplete: boolean;
  readonly suggestions: Suggestions;
  readonly parse: (file: SourceFile) => ParsedFile;
}

export interface Layers {
  readonly documents: readonly Document[];
  readonly problems: readonly Diagnostic[];
  readonly replacements: readonly Replacement[];
  /** Whether names may be missing from `documents`. */
  readonly incomplete: boolean;
  /** Whether keys may be: an overlay writes single ones. */
  readonly mayLack: boolean;
}

interface Layer {
  readonly documents: Document[];
  incomplete: boolean;
}

/** Parses files and lays those of overlays over the others, overlay by overlay. The order of files does not matter. */
export function layersOf(files: readonly SourceFile[], options: LayerOptions): Layers {
  const problems: Diagnostic[] = [];
  const tell = (told: readonly Diagnostic[]): void => {
    for (const diagnostic of told) problems.push(diagnostic);
  };
  const layers: Layer[] = [{ documents: [], incomplete: options.incomplete }];
  for (const file of [...files].sort((a, b) => (a.overlay ?? -1) - (b.overlay ?? -1) || compareText(a.path, b.path))) {
    const position = (file.overlay ?? -1) + 1;
    layers[position] ??= { documents: [], incomplete: options.incomplete };
    const layer = layers[position];
    const parsed = options.parse(file);
    tell(parsed.diagnostics);
    layer.incomplete ||= parsed.incomplete;
    for (const tree of parsed.trees) {
      const document = classify(tree);
      if ('code' in document) {
        problems.push(document);
        // It may have been meant to declare names.
        layer.incomplete = true;
      } else layer.documents.push(document);
    }
  }

  const [base, ...overlays] = layers;
  let documents: readonly Document[] = base?.documents ?? [];
  let incomplete = base?.incomplete === true;
  const replacements: Replacement[] = [];
  for (const overlay of overlays) {
    if (overlay === undefined) continue;
    const laid = layOver(documents, overlay.documents, { suggestions: options.suggestions, incomplete });
    ({ documents } = laid);
    tell(laid.problems);
    for (const replacement of laid.replacements) replacements.push(replacement);
    incomplete ||= overlay.incomplete;
  }
  const mayLack = overlays.some((overlay) => overlay?.incomplete === true);
  return { documents, problems, replacements, incomplete, mayLack };
}
