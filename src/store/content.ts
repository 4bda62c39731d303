// Owns what a row holds of an entity: its canonical body and the digest of that. Never reads or writes one.

import { canonicalJson, digestBody } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import type { StoredOrigin } from '../model/origin.ts';
import { readOrigin } from '../model/origin-text.ts';
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
  try {
    return JSON.parse(text) as T;
  } catch {
    throw changedByOthers(path, `what it holds of ${address} is no JSON`);
  }
}

/** Where an entity was written, or Failure `store_foreign` where the text of its row tells no place. */
export function parsePlaces(path: string, address: string, text: string): StoredOrigin {
  try {
    return readOrigin(text);
  } catch {
    throw changedByOthers(path, `where ${address} was written is told in no form that is known`);
  }
}
