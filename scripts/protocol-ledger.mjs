// Owns the ledger of the protocol: the lines of test/protocol/lines.json, by tier. A line counts as passed only by a test that
// exchanged HTTP or loaded a configuration. Never runs a test.

import { ledgerReporter, requirements, share } from './ledger.mjs';

const ID = /\bP:([A-Z][A-Z0-9]*-\d{3})\b/g;

export default ledgerReporter({
  known: requirements('test/protocol/lines.json'),
  idsIn: (name) => [...name.matchAll(ID)].map(([, id]) => id),
  counts: ({ exchanges, loads }) => exchanges + loads > 0,
  rowOf: ({ tier }) => ({ tier }),
  totals: (rows) => [1, 2, 3].map((tier) => `tier ${tier}: ${share(rows.filter((row) => row.tier === tier))}`),
  what: 'line of the protocol',
  output: 'protocol.json',
});
