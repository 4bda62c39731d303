// The life of signing keys: laws over random histories of rotations, removals and longer tokens, and the edges that they meet.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SIGNING_ALGORITHMS } from '../../src/model/entity.ts';
import { createState } from '../../src/model/state.ts';
import type { SigningKey } from '../../src/oauth/port.ts';
import { longestLife, publishedKeys, removableKeys, retiredFrom, signingKey } from '../../src/oauth/signing-keys.ts';
import { EX2, edited } from '../model/example-state.ts';

const MINUTE = 60_000;
const SLACK = 5 * MINUTE;

function key(kid: string, active_from: number, more: Partial<SigningKey> = {}): SigningKey {
  return { kid, alg: 'ES256', jwk: { kty: 'EC' }, created_at: 0, active_from, longest_ttl: 3600, ...more };
}

const keySets = fc
  .array(
    fc.record({
      alg: fc.constantFrom(...SIGNING_ALGORITHMS),
      // Few instants, so that several keys begin at one.
      active_from: fc.integer({ min: 0, max: 6 }).map((hours) => hours * 60 * MINUTE),
      longest_ttl: fc.constantFrom(60, 3600, 86_400),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.map((part, at) => key(`k${at}`, part.active_from, part)));

/** What can be done to the keys of a store, with the time that passes before it. */
const histories = fc.array(
  fc.record({
    minutes: fc.integer({ min: 0, max: 180 }),
    act: fc.oneof(
      { weight: 4, arbitrary: fc.constant({ kind: 'sign' as const }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('rotate' as const),
          lead: fc.constantFrom(0, 0, 1, 60, 300),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('extend' as const), ttl: fc.constantFrom(60, 7200, 86_400) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat(9) }) },
    ),
  }),
  { maxLength: 40 },
);

interface Signed {
  readonly kid: string;
  readonly until: number;
}

describe('the laws of signing keys', () => {
  it('C-039: what a key signed finds it published for its whole life, and no key signs before its turn', () => {
    let signedBySeveral = 0;
    let removed = 0;
    fc.assert(
      fc.property(histories, (history) => {
        let now = 0;
        let keys: readonly SigningKey[] = [key('k0', 0)];
        let ttl = 3600;
        let byHand = false;
        let signed: Signed[] = [];
        let made = 1;
        for (const { minutes, act } of history) {
          // Looked at on the way, too: what ends, ends between two acts.
          for (const at of [now + (minutes * MINUTE) / 2, now + minutes * MINUTE]) {
            now = at;
            const published = new Set(publishedKeys(keys, now).map(({ kid }) => kid));
            for (const { kid, until } of signed) if (now <= until) expect(published).toContain(kid);
            const swept = new Set(removableKeys(keys, now));
            for (const one of swept) expect(published).not.toContain(one.kid);
            if (swept.size > 0) removed += 1;
            keys = keys.filter((one) => !swept.has(one));
          }
          if (act.kind === 'sign') {
            const { kid, active_from } = signingKey(keys, 'ES256', now);
            // Only where the keys before it were taken away by hand.
            if (!byHand) expect(active_from, kid).toBeLessThanOrEqual(now);
            signed.push({ kid, until: now + ttl * 1000 });
          } else if (act.kind === 'rotate') {
            const kid = `k${made}`;
            made += 1;
            keys = [...keys, key(kid, now + act.lead * MINUTE, { created_at: now, longest_ttl: Math.max(3600, ttl) })];
            expect(publishedKeys(keys, now), 'published at once').toContain(keys.at(-1));
          } else if (act.kind === 'extend') {
            ttl = Math.max(ttl, act.ttl);
            keys = keys.map((one) => ({ ...one, longest_ttl: Math.max(one.longest_ttl, ttl) }));
          } else if (keys.length > 1) {
            const gone = keys[act.which % keys.length];
            byHand = true;
            keys = keys.filter((one) => one !== gone);
            signed = signed.filter(({ kid }) => kid !== gone?.kid);
          }
          if (new Set(signed.map(({ kid }) => kid)).size > 1) signedBySeveral += 1;
        }
      }),
      { numRuns: 500 },
    );
    expect(signedBySeveral, 'histories in which several keys signed').toBeGreaterThan(100);
    expect(removed, 'histories in which a key was let go').toBeGreaterThan(20);
  });

  it('at every instant one key of an algorithm signs: an active one where there is one, the last of them', () => {
    fc.assert(
      fc.property(keySets, fc.integer({ min: -1, max: 7 }), (keys, hours) => {
        const now = hours * 60 * MINUTE;
        for (const alg of new Set(keys.map((one) => one.alg))) {
          const all = keys.filter((one) => one.alg === alg);
          const active = all.filter(({ active_from }) => active_from <= now);
          const instants = all.map(({ active_from }) => active_from);
          const wanted =
            active.length > 0 ? Math.max(...active.map(({ active_from }) => active_from)) : Math.min(...instants);
          const found = signingKey(keys, alg, now);
          expect([found.alg, found.active_from]).toEqual([alg, wanted]);
          expect(found.kid).toBe(
            all
              .filter(({ active_from }) => active_from === wanted)
              .map(({ kid }) => kid)
              .sort()
              .at(-1),
          );
          expect(signingKey([...keys].reverse(), alg, now)).toBe(found);
        }
      }),
    );
  });

  it('the key that signs is published, and a key ends when what it signed before the next one began has ended', () => {
    const minutes = fc.constantFrom(0, 4, 5, 6, 9, 10, 11);
    fc.assert(
      fc.property(keySets, fc.integer({ min: -1, max: 32 }), minutes, (keys, hours, more) => {
        const now = (hours * 60 + more) * MINUTE;
        const published = publishedKeys(keys, now);
        for (const one of keys) {
          expect(published).toContain(signingKey(keys, one.alg, now));
          const later = keys.filter(
            ({ alg, active_from, kid }) =>
              alg === one.alg && (active_from > one.active_from || (active_from === one.active_from && kid > one.kid)),
          );
          const next = Math.min(...later.map(({ active_from }) => active_from));
          const end = next + one.longest_ttl * 1000 + SLACK;
          expect(retiredFrom(one, keys) ?? Number.POSITIVE_INFINITY).toBe(end);
          expect(published.includes(one)).toBe(now < end);
          expect(removableKeys(keys, now).includes(one)).toBe(now >= end + SLACK);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('publishedKeys', () => {
  it('answers the same list until a key ends', () => {
    const keys = [key('new', 100 * MINUTE), key('old', 0)];
    const end = retiredFrom(key('old', 0), keys) as number;
    expect(end).toBe(100 * MINUTE + 3_600_000 + SLACK);
    const before = publishedKeys(keys, 0);
    expect(before).toEqual(keys);
    expect(publishedKeys(keys, end - 1)).toBe(before);
    const after = publishedKeys(keys, end);
    expect(after.map(({ kid }) => kid)).toEqual(['new']);
    expect(publishedKeys(keys, end + 1)).toBe(after);
    expect(publishedKeys(keys, 0), 'also for a clock that goes back').toBe(before);
  });
});

describe('signingKey', () => {
  it('says which algorithm has no key', () => {
    expect(() => signingKey([key('a', 0)], 'RS256', 0)).toThrow('the snapshot has no signing key for RS256');
  });
});

describe('longestLife', () => {
  it('is that of the longest token of any application, and 0 where there is none', () => {
    const [client] = [...EX2.keys()].filter((address) => address.startsWith('application:'));
    expect(longestLife(EX2)).toBe(3600);
    expect(
      longestLife(
        edited(EX2, 'application', client as `application:${string}/${string}`, { tokens: { access_ttl: '2d' } }),
      ),
    ).toBe(172_800);
    expect(longestLife(createState(new Map()))).toBe(0);
  });

  it('the shorter one counts where the server says one too', () => {
    const state = edited(EX2, 'server', 'server', { tokens: { access_ttl: '10m' } });
    expect(longestLife(state)).toBe(600);
  });

  it('of what is otherwise than in a State before is that of its applications alone, or of all where the server is otherwise', () => {
    const [client] = [...EX2.keys()].filter((address) => address.startsWith('application:'));
    const one = edited(EX2, 'application', client as `application:${string}/${string}`, {
      tokens: { access_ttl: '5m' },
    });
    expect(longestLife(one, EX2)).toBe(300);
    expect(longestLife(EX2, EX2)).toBe(0);
    expect(longestLife(edited(EX2, 'server', 'server', { tokens: { access_ttl: '10m' } }), EX2)).toBe(600);
  });
});
