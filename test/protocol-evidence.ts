// Owns what the ledger of the protocol counts as evidence: a test whose name carries the id of a line exchanged HTTP with a
// server, or loaded a configuration. Never judges a test.

import { channel, subscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** How many HTTP requests were made while the test ran. */
    exchanges?: number;
    /** How many times a configuration was loaded. */
    loads?: number;
  }
}

const LOADED = 'charter.test.configuration-loaded';

/** Told by what loads a spec for a test: the compiler itself, or a process of the command line. */
export function noteLoad(): void {
  channel(LOADED).publish({});
}

let exchanges = 0;
let loads = 0;

// fetch and undici, and node:http as other libraries use it.
for (const name of ['undici:request:create', 'http.client.request.start']) {
  subscribe(name, () => {
    exchanges += 1;
  });
}
subscribe(LOADED, () => {
  loads += 1;
});

beforeEach(() => {
  exchanges = 0;
  loads = 0;
});

afterEach(({ task }) => {
  // Whether the id stands in the name of the test or of a suite around it: the ledger looks at both.
  if (exchanges > 0) task.meta.exchanges = exchanges;
  if (loads > 0) task.meta.loads = loads;
});
