// Owns the keys that clients publish (RFC 7517 5), as long as they may be kept. Never knows what is signed with them.

import { Failure } from '../model/failure.ts';
import { type BoundedCache, boundedCache } from '../oauth/bounded-cache.ts';
import type { ClientKeys } from '../oauth/port.ts';
import { CallFailed, type GuardedRequest } from './guarded-request.ts';
import type { OutboundLogger } from './logger.ts';

type Keys = Awaited<ReturnType<ClientKeys['fetch']>>;

/** Milliseconds. What the publisher says of how long they may be kept counts within these. */
const SHORTEST_LIFE = 60_000;
const LONGEST_LIFE = 24 * 3_600_000;
const USUAL_LIFE = 300_000;
/** For how long they go on after that, while newer ones cannot be had. */
const HELD_OVER = 24 * 3_600_000;
/** The least time between two calls for the same keys: whoever makes up kids cannot have this server call at will. */
const PAUSE = 30_000;
/** The same while there are none: their publisher may just be starting. */
const PAUSE_WITHOUT = 5000;
const URIS = 1000;
const KEYS_OF_ONE = 100;

/** What is known of one jwks_uri. Times in milliseconds since the epoch. */
interface Entry {
  keys: Keys | undefined;
  freshUntil: number;
  attemptedAt: number;
  failure: string;
  /** One call at a time: all who need its answer wait for the same. */
  underWay: Promise<void> | undefined;
}

export function createClientKeys(
  { call }: Pick<GuardedRequest, 'call'>,
  { logger, now }: { readonly logger: OutboundLogger; readonly now: () => number },
): ClientKeys {
  const entries: BoundedCache<Entry> = boundedCache(URIS);

  function entryOf(uri: string): Entry {
    const known = entries.get(uri);
    if (known !== undefined) return known;
    const never = Number.NEGATIVE_INFINITY;
    const made = { keys: undefined, freshUntil: never, attemptedAt: never, failure: '', underWay: undefined };
    entries.set(uri, made);
    return made;
  }

  async function renew(uri: string, entry: Entry): Promise<void> {
    entry.attemptedAt = now();
    try {
      const answer = await call({ url: uri, method: 'GET', headers: { accept: ACCEPTED } });
      if (answer.status !== 200) {
        answer.drop();
        throw new CallFailed(`${new URL(uri).hostname} answered ${answer.status}`, false);
      }
      const keys = keysOf(await answer.text());
      if (keys === undefined) throw new CallFailed(`${new URL(uri).hostname} answered no JWK Set`, false);
      entry.keys = keys;
      entry.freshUntil = now() + lifeOf(answer.cacheControl);
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      entry.failure = error.message;
      if (now() >= entry.freshUntil + HELD_OVER) entry.keys = undefined;
      const kept = entry.keys === undefined ? {} : { kept_until: new Date(entry.freshUntil + HELD_OVER).toISOString() };
      logger.warn({ jwks_uri: withoutQuery(uri), reason: error.message, ...kept }, 'keys of a client not fetched');
    }
  }

  return {
    async fetch(jwks_uri, missing) {
      const entry = entryOf(jwks_uri);
      if (isWanting(entry, missing, now())) {
        entry.underWay ??= renew(jwks_uri, entry).finally(() => {
          entry.underWay = undefined;
        });
      }
      if (entry.underWay !== undefined && isShort(entry, missing, now())) await entry.underWay;
      if (entry.keys === undefined || now() >= entry.freshUntil + HELD_OVER) {
        throw new Failure('client_keys_unavailable', `The keys at ${withoutQuery(jwks_uri)}: ${entry.failure}.`);
      }
      return entry.keys;
    },
  };
}

const ACCEPTED = 'application/jwk-set+json, application/json';

/** Whether what is there does not do. */
function isShort({ keys, freshUntil }: Entry, missing: string | undefined, at: number): boolean {
  if (keys === undefined || at >= freshUntil) return true;
  return missing !== undefined && !keys.some(({ kid }) => kid === missing);
}

/** Whether it does not do, and the publisher may be asked again. */
function isWanting(entry: Entry, missing: string | undefined, at: number): boolean {
  const pause = entry.keys === undefined ? PAUSE_WITHOUT : PAUSE;
  return isShort(entry, missing, at) && at >= entry.attemptedAt + pause;
}

/** The keys of a JWK Set that are public; what is no key is passed over (RFC 7517 5). Undefined for no JWK Set. */
function keysOf(text: string): Keys | undefined {
  const set = parsed(text);
  if (!isObject(set) || !Array.isArray(set.keys)) return undefined;
  // A symmetric key that somebody published would be one that everybody can sign with.
  return set.keys
    .filter((key): key is Keys[number] => isObject(key) && typeof key.kty === 'string' && key.kty !== 'oct')
    .slice(0, KEYS_OF_ONE);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Milliseconds (RFC 9111 5.2.2). */
function lifeOf(cacheControl: string): number {
  if (/(^|[\s,])no-(store|cache)([\s,]|$)/i.test(cacheControl)) return SHORTEST_LIFE;
  const seconds = /(?:^|[\s,])max-age="?(\d+)/i.exec(cacheControl)?.[1];
  const life = seconds === undefined ? USUAL_LIFE : Number(seconds) * 1000;
  return Math.min(Math.max(life, SHORTEST_LIFE), LONGEST_LIFE);
}

function withoutQuery(uri: string): string {
  return uri.split(/[?#]/, 1)[0] ?? '';
}
