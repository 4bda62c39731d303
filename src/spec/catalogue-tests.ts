// Owns the codes about tests of access as they are written. Never about one that failed: that is no fault of the spec.

import type { CatalogueEntry } from './catalogue.ts';

export const TEST_CODES = {
  'test.grant-unclear': {
    severity: 'error',
    summary: 'Test does not say by which grant',
    explanation:
      'A request of a test without grant_type is one by the only grant type of the client. This client has several, or none, so the request would be a guess, and a test of a guess shows nothing. Write grant_type.',
  },
  'test.grant-not-served': {
    severity: 'error',
    summary: 'Test of a grant that this version does not serve',
    explanation:
      'This version decides access by client_credentials only. A test of another grant could not be run, and a test that is not run must not look like one that passes. Remove it until the grant is served.',
  },
} as const satisfies Record<string, CatalogueEntry>;
