// In which order a refusal and what another process applied are told.

import { expect, it } from 'vitest';
import { EMPTY_STATE } from '../../src/model/state.ts';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import type { ReconcileEvent } from '../../src/reconcile/event.ts';
import { createPublication, type Publication } from '../../src/reconcile/publication.ts';
import type { Refusal } from '../../src/reconcile/refusal.ts';

const snapshotOf = (generation: number): Snapshot =>
  ({ generation, digest: `sha256:${generation}`, state: EMPTY_STATE, verifiers: new Map() }) as unknown as Snapshot;

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
      return event.kind === 'refused' ? `${event.refusal.reason}, serving ${event.serving}` : event.kind;
    });
  return { publication, told };
}

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
