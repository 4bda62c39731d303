// Owns how a test knows that a process waits for Git's lock: preloaded into it, this makes a file when it looks for one.
// Never changes what the process does.

import { writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { access } = promises;
promises.access = (path, ...others) => {
  if (String(path).endsWith('index.lock')) writeFileSync(process.env.ANNOUNCE_LOCK, '');
  return access(path, ...others);
};
syncBuiltinESMExports();
