// Owns what a row holds of an entity: its canonical body and the digest of that. Never reads or writes one.

import { canonicalJson, digestBody } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import { changedByOthers } from './problem.ts';

export interface Content {
  readonly digest: string;
  readonly body: string;
}

export function contentOf(entity: Entity): Content {
  const body = canonicalJson(entity);
  return { digest: digestBody(body), body };
}

/** What the text of a row holds, or Failure `store_foreign` where it is no JSON. */
export function parseRow<T>(path: string, address: string, text: string): T {
  return readingRow(path, address, () => JSON.parse(text) as T);
}

/** The same of what is read otherwise, by what throws where it cannot. */
export function readingRow<T>(path: string, address: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw changedByOthers(path, `what it holds of ${address} is no JSON`);
  }
}
