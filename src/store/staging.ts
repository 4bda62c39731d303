// Owns what the store's thread holds of an apply before its transaction: what is sent of it becomes rows, hashed and as bytes, while
// the calling thread makes the next texts. Never touches the database.

import type { Address } from '../model/address.ts';
import { digestBody } from '../model/digest.ts';
import { bytesOf, unpackText } from '../model/packed-texts.ts';
import type { StoredVerifier } from '../model/verifier.ts';
import type { Change } from '../plan/plan.ts';
import type { StagedChanges, StagedOrigins, StagedPart } from './protocol.ts';

export type ChangeOf<Action extends Change['action']> = Extract<Change, { action: Action }>;

/** The row of an entity that is created. */
export interface CreatedRow {
  readonly address: Address;
  readonly digest: string;
  /** Canonical JSON, in UTF-8. */
  readonly body: Uint8Array;
}

export class Staging {
  readonly created: CreatedRow[] = [];
  /** By address, in UTF-8. What is written is taken out. */
  readonly origins = new Map<Address, Uint8Array>();
  readonly verifiers: StoredVerifier[] = [];
  /** Changes as JSON: what something else changed since the plan's base was recorded. */
  readonly drift: string[] = [];
  /** JSON of what is no creation, in the order of the plan. */
  readonly #others: { readonly action: Change['action']; readonly text: string }[] = [];
  /** The plan's changes, each with a comma after it. */
  readonly #plan: Uint8Array[] = [];

  add({ changes, drift, origins, verifiers }: StagedPart): void {
    if (changes !== undefined) this.#addChanges(changes);
    if (origins !== undefined) this.#addOrigins(origins);
    this.drift.push(...drift);
    this.verifiers.push(...verifiers);
  }

  get hasChanges(): boolean {
    return this.#plan.length > 0;
  }

  *changesOf<Action extends Exclude<Change['action'], 'create'>>(wanted: Action): Generator<ChangeOf<Action>> {
    for (const { action, text } of this.#others) {
      if (action === wanted) yield JSON.parse(text) as ChangeOf<Action>;
    }
  }

  /** JSON of the plan's changes, in UTF-8. */
  plan(): Uint8Array {
    if (!this.hasChanges) return Buffer.from('[]');
    const text = Buffer.concat([Buffer.from('['), ...this.#plan]);
    // In the place of the last comma.
    text.write(']', text.length - 1);
    return text;
  }

  #addChanges({ actions, addresses, texts, bodiesAt }: StagedChanges): void {
    this.#plan.push(texts.bytes);
    for (const [position, address] of addresses.entries()) {
      const action = actions[position] as Change['action'];
      if (action === 'create') {
        const body = bytesOf(texts, position).subarray(bodiesAt[position], -'},'.length);
        this.created.push({ address, digest: digestBody(body), body });
      } else {
        this.#others.push({ action, text: unpackText(texts, position).slice(0, -','.length) });
      }
    }
  }

  #addOrigins({ addresses, texts }: StagedOrigins): void {
    for (const [position, address] of addresses.entries()) this.origins.set(address, bytesOf(texts, position));
  }
}
