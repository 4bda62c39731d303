// Owns the benchmark of client secrets (goal P8): the first check of a secret against its Argon2id hash, against the second, by the
// checker that every request asks. Never asserts a time.
//
//   node bench/secrets.mjs [--quick] [--rounds N] [--out FILE]

import { randomBytes } from 'node:crypto';
import { measureRounds, readOptions, report } from './report.mjs';

const { createSecretChecker, hashWithArgon2id } = await import('../dist/oauth/secret.js');

const options = readOptions({ whole: { secrets: 20 }, quick: { secrets: 3 }, rounds: 5 });
/** How often each secret is checked again. */
const AGAIN = 1000;

const checker = createSecretChecker({ key: randomBytes(32) });
const measured = await measureRounds(options.rounds, ['secrets'], async (_, round) => {
  const took = { first: 0, second: 0 };
  for (let number = 0; number < options.size.secrets; number += 1) {
    const secret = `a secret of a person, ${round} ${number}`;
    const verifiers = [{ kind: 'argon2id', phc: await hashWithArgon2id(secret) }];
    took.first += await timed(1, () => checker.recognise(secret, verifiers));
    took.second += await timed(AGAIN, () => checker.recognise(secret, verifiers));
  }
  const each = (ms) => ({ ms: ms / options.size.secrets });
  return { 'first check': each(took.first), 'second check': each(took.second) };
});
const goals = [
  { id: 'P8', figure: 'first Argon2id check / second of the same secret', of: 'first check', against: 'second check' },
];
report(
  'secrets',
  goals.map((goal) => ({ ...goal, goal: 1000, more: true })),
  measured,
  options,
  0,
);

/** Milliseconds of one of so many. */
async function timed(times, check) {
  const began = performance.now();
  for (let time = 0; time < times; time += 1) {
    if ((await check()) === undefined) throw new Error('the secret was not recognised');
  }
  return (performance.now() - began) / times;
}
