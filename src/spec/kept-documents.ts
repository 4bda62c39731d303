// Owns what one compile leaves for the next: each file as it was parsed, for as long as it says the same, and what its
// schema said of each document. Never keeps what depends on a second file: that is made anew each time.

import type { Document } from './document.ts';
import { type ParsedFile, parseFile } from './parse.ts';
import type { SourceFile } from './source.ts';
import type { MapNode } from './tree.ts';
import { type Validated, validate } from './validate.ts';

interface KeptFile {
  readonly file: SourceFile;
  readonly parsed: ParsedFile;
  /** The number of the last compile that asked for it. */
  compile: number;
}

interface KeptVerdict {
  readonly document: Document;
  readonly mayLack: boolean;
  readonly validated: Validated;
}

/** A file that is gone may be back at once: editors save so, and Git changes branches so. */
const COMPILES_KEPT = 2;

/**
 * The documents of one spec. Its owner hands it to one compile after the other, and holds about as much memory as the
 * parsed spec takes for as long as it holds this. A file is known by the whole of its text: the tree holds that in any
 * case, and comparing two texts is cheaper than a digest of one.
 */
export class KeptDocuments {
  readonly #files = new Map<string, KeptFile>();
  /** By tree, so that one that an overlay was merged into is another. */
  readonly #verdicts = new WeakMap<MapNode, KeptVerdict>();
  #compile = 0;

  /** What `parseFile` gives, parsed only when the file is not what it was. */
  parse(file: SourceFile): ParsedFile {
    const known = this.#files.get(file.path);
    if (known !== undefined && isSame(known.file, file)) {
      known.compile = this.#compile;
      return known.parsed;
    }
    const parsed = parseFile(file);
    this.#files.set(file.path, { file, parsed, compile: this.#compile });
    return parsed;
  }

  /** What `validate` gives, checked only when the document is not one that was checked before. */
  validate(document: Document, mayLack: boolean): Validated {
    const known = this.#verdicts.get(document.root);
    if (known !== undefined && known.mayLack === mayLack && isSame(known.document, document)) return known.validated;
    const validated = validate(document, mayLack);
    this.#verdicts.set(document.root, { document, mayLack, validated });
    return validated;
  }

  /** At the end of a compile: forgets the files that neither it nor the one before it asked for. */
  endCompile(): void {
    this.#compile += 1;
    for (const [path, { compile }] of this.#files) {
      if (compile + COMPILES_KEPT < this.#compile) this.#files.delete(path);
    }
  }
}

/** Whether two values of one type have the same members: texts by what they say, all else by identity. */
function isSame<T extends object>(a: T, b: T): boolean {
  const members = (value: T) => Object.entries(value).filter(([, member]) => member !== undefined);
  const known = new Map(members(a));
  const others = members(b);
  return others.length === known.size && others.every(([key, member]) => known.get(key) === member);
}
