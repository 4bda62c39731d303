// What a serving process tells of what something else did to its store.

import { pino } from 'pino';
import { expect, it } from 'vitest';
import { narrate } from '../../src/cli/serve/narrate.ts';
import { createState } from '../../src/model/state.ts';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import { diffStates } from '../../src/plan/diff.ts';
import type { ReconcileEvent } from '../../src/reconcile/event.ts';

function told(event: ReconcileEvent): { readonly out: string; readonly records: readonly object[] } {
  const said: string[] = [];
  const log: string[] = [];
  const terminal = {
    out: (text: string) => void said.push(text),
    err: () => undefined,
    ifLost: () => undefined,
    outColor: false,
    errColor: false,
    env: {},
  };
  narrate(event, terminal, pino({ base: null }, { write: (line: string) => void log.push(line) }), '/s/charter.db');
  const records = log.map((line) => JSON.parse(line));
  return { out: said.join('').replace(/^\n\d\d:\d\d:\d\d /, ''), records };
}

it('drift that was mended is told with its entities, and logged with what became of each', () => {
  const changes = diffStates(
    createState([
      ['site:A', { kind: 'site' }],
      ['user:A/U', { kind: 'user', sub: 'U' }],
    ]),
    createState([
      ['site:A', { kind: 'site' }],
      ['user:A/U', { kind: 'user', sub: 'V' }],
      ['user:A/W', { kind: 'user', sub: 'W' }],
    ]),
  );
  const drift = { recorded: 'sha256:1', found: 'sha256:2', changes };
  const { out, records } = told({ kind: 'mended', at: 0, drift, generation: 7 });
  expect(out).toBe(
    '2 entities of the store were changed by something else than Charter, and put back with generation 7: A/U, A/W.\n',
  );
  expect(records).toMatchObject([
    {
      level: 40,
      msg: 'drift mended',
      generation: 7,
      recorded: 'sha256:1',
      found: 'sha256:2',
      changes: [
        { action: 'update', address: 'user:A/U' },
        { action: 'create', address: 'user:A/W' },
      ],
    },
  ]);
  expect(JSON.stringify(records)).not.toContain('"sub"');
});

it('drift of which no entity differs is told without one', () => {
  const { out } = told({ kind: 'mended', at: 0, drift: { recorded: 'a', found: 'a', changes: [] }, generation: 2 });
  expect(out).toBe('Rows of the store were changed by something else than Charter, and put back with generation 2.\n');
});

it('what another process applied is told as it is served, and is no error', () => {
  const snapshot = { generation: 5, digest: 'sha256:5', state: createState([]) } as unknown as Snapshot;
  const { out, records } = told({ kind: 'followed', at: 0, snapshot });
  expect(out).toBe('Generation 5 was applied to the store by another process. It is served now.\n');
  expect(records).toMatchObject([{ level: 30, msg: 'generation followed', generation: 5, digest: 'sha256:5' }]);
});

it('a spec that is left alone is no error, and what is served is said once', () => {
  const undone = told({
    kind: 'refused',
    at: 0,
    refusal: { reason: 'undone', undone: { digest: 'sha256:4', generation: 5 } },
    serving: 5,
  });
  expect(undone.out).toMatch(
    /^The spec is left alone: it was not applied\.\nThe spec is what generation 5 rolled back\. .*\nGeneration 5 goes on being served\.\n$/,
  );
  expect(undone.records).toMatchObject([{ level: 40, msg: 'spec left alone', reason: 'undone', serving: 5 }]);
  const overtaken = told({ kind: 'refused', at: 0, refusal: { reason: 'overtaken', generation: 5 }, serving: 5 });
  expect(overtaken.out).toContain('Generation 5 was applied by another process');
  expect(overtaken.out).not.toContain('goes on');
  expect(overtaken.records).toMatchObject([{ level: 40, msg: 'spec left alone', reason: 'overtaken' }]);
});

it('other signing keys are told in one line, and logged with the instant from which each signs', () => {
  const at = Date.UTC(2026, 0, 1);
  const { out, records } = told({
    kind: 'keys',
    at,
    added: [
      { kid: 'new', alg: 'ES256', active_from: at },
      { kid: 'soon', alg: 'RS256', active_from: at + 3_600_000 },
    ],
    removed: [{ kid: 'old', alg: 'EdDSA', active_from: 0 }],
  });
  expect(out).toBe(
    'Signing keys: + new (ES256, signs from now on), + soon (RS256, signs from 2026-01-01T01:00:00Z), - old (EdDSA)\n',
  );
  expect(records).toEqual([
    expect.objectContaining({
      msg: 'signing keys changed',
      added: [
        { kid: 'new', alg: 'ES256', signs_from: '2026-01-01T00:00:00Z' },
        { kid: 'soon', alg: 'RS256', signs_from: '2026-01-01T01:00:00Z' },
      ],
      removed: [{ kid: 'old', alg: 'EdDSA', signs_from: '1970-01-01T00:00:00Z' }],
    }),
  ]);
});
