// Owns what one compile leaves for the next: each file as it was parsed, for as long as it says the same, what its
// schema said of each document, and the last compile without errors. Never knows what of that holds still
// (recompile.ts).

import type { Compilation } from './compilation.ts';
import { classify, type Document } from './document.ts';
import { type PackedFile, packFile, unpackFile } from './pack.ts';
import { EntityPlaces } from './packed-places.ts';
import { type ParsedFile, parseFile } from './parse.ts';
import { findSecrets, type HiddenStretch } from './secret-text.ts';
import type { SourceFile } from './source.ts';
import type { MapNode } from './tree.ts';
import { type Validated, validate } from './validate.ts';

interface KeptFile {
  readonly file: SourceFile;
  /** Of the two at least one, from the first question on. */
  parsed?: ParsedFile | undefined;
  packed?: PackedFile | undefined;
  /** What of it is never shown, from the first question on. */
  secrets?: readonly HiddenStretch[];
  /** The number of the last compile that it was part of. */
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
  readonly places = new EntityPlaces();
  #compile = 0;
  /** The last compile in which nothing was an error. */
  last: Compilation | undefined;

  /** What `parseFile` gives, parsed only when the file is not what it was. */
  parse(file: SourceFile): ParsedFile {
    const known = this.#keep(file);
    known.parsed ??= known.packed === undefined ? parseFile(file) : unpackFile(known.packed, known.file);
    return known.parsed;
  }

  /** The documents of a file of no overlay, as `validate` gives them; undefined where something of it cannot be read. */
  documentsOf(file: SourceFile): readonly Validated[] | undefined {
    const { trees, incomplete } = this.parse(file);
    const documents: Validated[] = [];
    for (const tree of trees) {
      const document = classify(tree);
      if ('code' in document) return undefined;
      documents.push(this.validate(document, false));
    }
    return incomplete ? undefined : documents;
  }

  has(file: SourceFile): boolean {
    const known = this.#files.get(file.path);
    return known !== undefined && isSame(known.file, file);
  }

  /** What `parseFile` gave elsewhere. */
  add(file: SourceFile, given: ParsedFile | PackedFile): void {
    const held = 'tape' in given ? { packed: given } : { parsed: given };
    this.#files.set(file.path, { file, ...held, compile: this.#compile });
  }

  /**
   * For the owner to call when nobody waits for an answer any more: what the next compile needs is worked out, and of files
   * and places nothing but numbers stays, a tenth of what they were. All is told as it would be without.
   */
  settle(): void {
    if (this.last?.letGo() !== true) return;
    this.places.pack();
    for (const known of this.#files.values()) {
      if (known.parsed === undefined) continue;
      known.packed ??= packFile(known.parsed);
      known.parsed = undefined;
    }
  }

  /** What `findSecrets` finds in its text, looked for once. */
  secretsIn(file: SourceFile): readonly HiddenStretch[] {
    const known = this.#keep(file);
    known.secrets ??= findSecrets(file.text);
    return known.secrets;
  }

  #keep(file: SourceFile): KeptFile {
    const known = this.#files.get(file.path);
    if (known !== undefined && isSame(known.file, file)) return known;
    const kept: KeptFile = { file, compile: this.#compile };
    this.#files.set(file.path, kept);
    return kept;
  }

  /** What `validate` gives, checked only when the document is not one that was checked before. */
  validate(document: Document, mayLack: boolean): Validated {
    const known = this.#verdicts.get(document.root);
    if (known !== undefined && known.mayLack === mayLack && isSame(known.document, document)) return known.validated;
    const validated = validate(document, mayLack);
    this.#verdicts.set(document.root, { document, mayLack, validated });
    return validated;
  }

  /** At the end of a compile of some files: forgets those that neither it nor the one before it had. */
  endCompile(files: readonly SourceFile[]): void {
    for (const { path } of files) {
      const known = this.#files.get(path);
      if (known !== undefined) known.compile = this.#compile;
    }
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
