// Owns `npm run semantics`: runs the tests that carry the id of a row of the semantics of the replaced systems and prints the
// ledger. Never knows what a row asks.

import { runLedger } from './ledger.mjs';

runLedger(/\bS:[UNA]-/, './scripts/semantics-ledger.mjs');
