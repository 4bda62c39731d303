// In which order a refusal and what another process applied are told.

import { expect, it } from 'vitest';
import { EMPTY_STATE } from '../../src/model/state.ts';
import type { SigningKey } from '../../src/oauth/port.ts';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import type { ReconcileEvent } from '../../src/reconcile/event.ts';
import { createPublication, type Publication } from '../../src/reconcile/publication.ts';
import type { Refusal } from '../../src/reconcile/refusal.ts';
import { signingKey } from '../store/fixture.ts';

const snapshotOf = (generation: number, keys: readonly SigningKey[] = []): Snapshot =>
  ({
    generation,
    digest: `sha256:${generation}`,
    state: EMPTY_STATE,
    verifiers: new Map(),
    keys,
  }) as unknown as Snapshot;

function serving(generation: number): { readonly publication: Publication; readonly told: () => readonly string[] } {
  const events: ReconcileEvent[] = [];
  const publication = createPublication(
    () => 0,
    (event) => void events.push(event),
  );
  publication.fallBack(snapshotOf(generation), new Map());
  const told = () =>
    events.map((event) => {
      if (event.kind === 'followed') return `followed ${event.snapshot.generation}`;
      if (event.kind === 'keys') return `keys +${event.added.map(kid)} -${event.removed.map(kid)}`;
      return event.kind === 'refused' ? `${event.refusal.reason}, serving ${event.serving}` : event.kind;
    });
  return { publication, told };
}

const kid = (key: { readonly kid: string }) => key.kid;

const UNDONE: Refusal = { reason: 'undone', undone: { digest: 'sha256:4', generation: 5 } };
const OVERTAKEN: Refusal = { reason: 'overtaken', generation: 5 };

it('a start that serves what the store holds follows nobody', () => {
  expect(serving(4).told()).toEqual([]);
});

it('what another process applied is told before the spec that it leaves alone', () => {
  for (const refusal of [UNDONE, OVERTAKEN]) {
    const { publication, told } = serving(4);
    publication.refuse(refusal);
    expect(told()).toEqual([]);
    expect([publication.refusal(), publication.lastPass()?.refusal]).toEqual([refusal, refusal]);
    publication.fallBack(snapshotOf(5), new Map());
    publication.refuse(refusal);
    expect(told()).toEqual(['followed 5', `${refusal.reason}, serving 5`]);
  }
});

it('a spec that is left alone is told at once where what is served is as new', () => {
  const { publication, told } = serving(6);
  publication.refuse(UNDONE);
  expect(told()).toEqual(['undone, serving 6']);
});

it('a spec that is left alone is told at the next pass where the generation cannot be followed, and once', () => {
  const { publication, told } = serving(4);
  for (let pass = 0; pass < 3; pass += 1) publication.refuse(UNDONE);
  expect(told()).toEqual(['undone, serving 4']);
});

it('another refusal takes the place of one that was not told', () => {
  const { publication, told } = serving(4);
  publication.refuse(UNDONE);
  publication.refuse({ reason: 'bug', error: new Error('broken') });
  publication.fallBack(snapshotOf(5), new Map());
  expect(told()).toEqual(['bug, serving 4', 'followed 5']);
});

it('the keys that were taken are served under the same generation, told once, and stay with what follows', () => {
  const { publication, told } = serving(4);
  const [a, b] = [signingKey('a', 'ES256'), signingKey('b', 'ES256')];
  const both = [a, b];
  publication.takeKeys(both);
  expect([publication.current()?.generation, publication.current()?.keys]).toEqual([4, both]);
  const before = publication.current();
  publication.takeKeys(both);
  expect(publication.current(), 'nothing is served anew that is the same').toBe(before);
  // A pass that began before built its snapshot with the keys of then.
  publication.renew(snapshotOf(5, [a]));
  expect([publication.current()?.generation, publication.current()?.keys]).toEqual([5, both]);
  publication.takeKeys([b]);
  expect(told()).toEqual(['keys +a,b -', 'keys + -a']);
});

it('a key whose tokens live longer is no news, and served', () => {
  const { publication, told } = serving(4);
  const key = signingKey('a', 'ES256');
  publication.takeKeys([key]);
  publication.takeKeys([{ ...key, longest_ttl: 9000 }]);
  expect(publication.current()?.keys[0]?.longest_ttl).toBe(9000);
  expect(told()).toEqual(['keys +a -']);
});

it('keys that are taken before anything is served are those of the first snapshot', () => {
  const events: ReconcileEvent[] = [];
  const publication = createPublication(
    () => 0,
    (event) => void events.push(event),
  );
  const keys = [signingKey('a', 'ES256')];
  publication.takeKeys(keys);
  expect(publication.fallBack(snapshotOf(1), new Map()).keys).toBe(keys);
  expect(events).toEqual([]);
});
