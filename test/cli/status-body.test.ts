// How a server's state reads to people.

import { expect, it } from 'vitest';
import { type ServerStatus, statusLines } from '../../src/cli/serve/status-body.ts';

const STATUS: ServerStatus = {
  running: true,
  version: '0.0.0',
  pid: 1,
  started_at: '2026-01-01T00:00:00Z',
  issuer: 'http://localhost:8080',
  listening: ['http://localhost:8080'],
  store: '/s/charter.db',
  store_problem: null,
  generation: 5,
  digest: 'sha256:5',
  since: '2026-01-01T00:00:00Z',
  degraded: true,
  held: [],
  entities: 2,
  watched: { spec_files: 1, secret_files: 0, by: 'events' },
  last_reload: null,
};

const stateOf = (reason: NonNullable<ServerStatus['last_reload']>['reason'], degraded = true) => {
  const last_reload = { at: '', outcome: 'refused', reason, errors: 0, warnings: 0, problems: [] } as const;
  return /^State +(.*)$/m.exec(statusLines({ ...STATUS, degraded, last_reload }))?.[1];
};

it('a spec that is left alone is not called degraded, and what is served is named', () => {
  for (const reason of ['undone', 'overtaken'] as const) {
    expect(stateOf(reason)).toBe('left alone: generation 5 is served, not the spec');
  }
  expect(stateOf('spec')).toBe('degraded: the last good generation is served, not the spec');
  expect(stateOf(null, false)).toBe('serving the spec');
});

it('why the store cannot be relied on is a line of its own, and none where nothing is wrong', () => {
  expect(statusLines(STATUS)).not.toContain('Not ready');
  const store_problem = 'The store /s/charter.db was deleted while it is served.';
  expect(statusLines({ ...STATUS, store_problem })).toMatch(/^Not ready +The store \/s\/charter\.db was deleted/m);
});
