// Owns `npm run protocol`: runs the tests that carry the id of a line of the protocol and prints the ledger. Never knows what a
// line asks.

import { runLedger } from './ledger.mjs';

runLedger(/\bP:[A-Z]/, './scripts/protocol-ledger.mjs');
