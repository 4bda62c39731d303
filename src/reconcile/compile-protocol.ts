// Owns what travels between the thread that compiles and the one that serves. Plain data only.

import type { Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Entity } from '../model/entity.ts';
import type { PackedTexts } from '../model/packed-texts.ts';
import type { CompiledSpec } from '../spec/compile.ts';
import type { SourceFile } from '../spec/source.ts';

export interface CompileOptions {
  readonly secretsDir: boolean;
  readonly incomplete: boolean;
  /** The directories of overlays, where there are overlays. */
  readonly overlays?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now?: number;
}

/** A file, or only the path of one that the thread holds from the compile before. */
export type SentFile = SourceFile | { readonly path: string; readonly text?: never };

/**
 * The files of one compile come in parts; the last part starts it. `next` asks for the message after a page: pages that
 * waited in a row would be taken in all at once, and no request be answered meanwhile.
 */
export type CompileRequest =
  | { readonly kind: 'files'; readonly files: readonly SentFile[] }
  | { readonly kind: 'compile'; readonly files: readonly SentFile[]; readonly options: CompileOptions }
  | { readonly kind: 'next' };

export type CompiledEntity = readonly [address: Address, entity: Entity];

/** All of a compiled spec but its entities: few, and plain data. */
export type Beside = Omit<CompiledSpec, 'state' | 'origins'>;

/**
 * Pages come before the end; after a compile with errors there are none. They hold all entities, or those that are otherwise
 * than both sides know them from the last compile without errors.
 */
export type CompileMessage =
  | {
      readonly kind: 'page';
      readonly entities: readonly CompiledEntity[];
      /** Of each, in the same order, its origin (model/origin-text.ts). */
      readonly origins: PackedTexts;
    }
  | {
      readonly kind: 'end';
      readonly ok: boolean;
      readonly diagnostics: readonly Diagnostic[];
      /** Of entities that both sides know, those that are no more; undefined where the pages hold all there is. */
      readonly gone: readonly Address[] | undefined;
      /** What a compiled spec has beside its entities; empty where there are errors. */
      readonly beside: Beside;
    };
