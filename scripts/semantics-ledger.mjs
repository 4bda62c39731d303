// Owns the ledger of the semantics of the replaced systems: the rows of test/semantics/rows.json, by system. Never runs a test.

import { ledgerReporter, requirements, share } from './ledger.mjs';

const ID = /\bS:([UNA]-\d{2})\b/g;
const SYSTEMS = { U: 'ubisecure', N: 'nexus', A: 'argus' };

export default ledgerReporter({
  known: requirements('test/semantics/rows.json'),
  idsIn: (name) => [...name.matchAll(ID)].map(([, id]) => id),
  counts: () => true,
  rowOf: () => ({}),
  totals: (rows) =>
    Object.entries(SYSTEMS).map(
      ([letter, system]) => `${system}: ${share(rows.filter(({ id }) => id.startsWith(letter)))}`,
    ),
  what: 'row of the semantics',
  output: 'semantics.json',
});
