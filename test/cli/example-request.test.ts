// The request that a server suggests to try works where it is read: at the server's own machine.

import { expect, it } from 'vitest';
import { exampleRequest } from '../../src/cli/serve/example-request.ts';
import { snapshotOf } from '../http/serving.ts';
import { CLIENT1, EX2, edited, originsOf } from '../model/example-state.ts';

const secret = { env: 'CLIENT1_SECRET' } as const;
const suggested = (client_ip_range: readonly string[]): string | undefined => {
  const state = edited(EX2, 'application', CLIENT1, { secret, client_ip_range });
  return exampleRequest(snapshotOf(state), originsOf(state), 'http://localhost:8080', 0);
};

it('is of a client that may call from this machine', () => {
  expect(suggested([])).toContain('client_id=Client1');
  expect(suggested(['127.0.0.0/8'])).toContain('client_id=Client1');
  expect(suggested(['192.168.1.0/24'])).toBeUndefined();
});
