// The store in memory that tests stand on does what every store must do.

import { grantConformance } from '../store/conformance.ts';
import { memoryGrants } from './memory-grants.ts';

grantConformance('memory', async () => {
  const store = memoryGrants();
  return { store, another: async () => store };
});
