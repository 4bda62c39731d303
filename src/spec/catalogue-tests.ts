// Owns the codes about tests of access as they are written. Never about one that failed: that is no fault of the spec.

import type { CatalogueEntry } from './catalogue.ts';

export const TEST_CODES = {
  'test.grant-unclear': {
    severity: 'error',
    summary: 'Test does not say by which grant',
    explanation:
      'A request of a test without grant_type is one by the only grant type of the client. This client has several, or none, so the request would be a guess, and a test of a guess shows nothing. Write grant_type.',
  },
  'test.user-missing': {
    severity: 'error',
    summary: 'Test does not say for which user',
    explanation:
      'By every grant but client_credentials a user lets the client act, and the answer is about that user. Write user beside client.',
  },
  'test.user-unused': {
    severity: 'error',
    summary: 'Test names a user, or a login, where there is none',
    explanation:
      'By client_credentials the client acts as itself, or as the user that it impersonates, which the spec says and no request. A user or a login that means nothing would make the test look like one that says more. Remove it, or write a grant of a user.',
  },
  'test.nothing-fits': {
    severity: 'error',
    summary: 'Test is about nothing that there is',
    explanation:
      'The test would pass whatever the spec lets happen: what client and site of never say together fits no application, no client of the type may use the grant, nobody logs in by the method, or who_can asks for a scope of the protocols, which any token may have. Correct what is written, or remove the test.',
  },
} as const satisfies Record<string, CatalogueEntry>;
