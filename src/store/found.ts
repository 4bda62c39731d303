// Owns finding out, while entities are read, whether they are as Charter left them: each row's digest is that of its
// body, and together they have the digest that was recorded. Never writes.

import type { Address } from '../model/address.ts';
import { digestBody, digestEntries } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import { contentOf } from './content.ts';
import type { EntityRow } from './sql.ts';

/** A row without the places of its entity, which are no part of it. */
export type FoundEntity = Omit<EntityRow, 'origin'>;

export class FoundEntities {
  readonly #digests: [Address, string][] = [];
  #differs = false;

  /** The row with the digest that its body has. */
  take(row: FoundEntity): FoundEntity {
    const digest = this.#digestOf(row);
    this.#digests.push([row.address, digest]);
    return digest === row.digest ? row : { ...row, digest };
  }

  /** After the last row: the digest of all, where they are not what was recorded or a row does not say what it holds. */
  drifted(recorded: string): string | undefined {
    const found = digestEntries(this.#digests);
    return this.#differs || found !== recorded ? found : undefined;
  }

  #digestOf({ body, digest }: FoundEntity): string {
    if (digestBody(body) === digest) return digest;
    this.#differs = true;
    try {
      return contentOf(JSON.parse(body) as Entity).digest;
    } catch {
      // Whoever parses it tells of it.
      return digest;
    }
  }
}
