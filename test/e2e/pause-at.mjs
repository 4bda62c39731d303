// Owns how a test holds a process at a certain point: preloaded into it, this makes the file PAUSED when the process looks
// up the real path PAUSE_AT for the first time, and lets it go on when the file is gone. Never changes what it does then.

import { existsSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const { PAUSE_AT, PAUSED } = process.env;
const { realpath } = promises;
let passed = false;
promises.realpath = async (path, ...others) => {
  if (!passed && path === PAUSE_AT) {
    passed = true;
    writeFileSync(PAUSED, '');
    while (existsSync(PAUSED)) await sleep(5);
  }
  return realpath(path, ...others);
};
syncBuiltinESMExports();
