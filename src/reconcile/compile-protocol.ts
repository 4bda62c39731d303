// Owns what travels between the thread that compiles and the one that serves. Plain data only.

import type { Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Entity } from '../model/entity.ts';
import type { StoredOrigin } from '../model/origin.ts';
import type { SourceFile } from '../spec/source.ts';

export interface CompileInput {
  readonly files: readonly SourceFile[];
  readonly options: { readonly secretsDir: boolean; readonly incomplete: boolean };
}

export type CompiledEntity = readonly [address: Address, entity: Entity, origin: StoredOrigin];

/** Pages come before the end; after a compile with errors there are none. */
export type CompileMessage =
  | { readonly kind: 'page'; readonly entities: readonly CompiledEntity[] }
  | { readonly kind: 'end'; readonly ok: boolean; readonly diagnostics: readonly Diagnostic[] };
