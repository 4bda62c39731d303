// A minute of load while the spec changes under it: no request fails, no token mixes generations, no invalid edit lands.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkspace, payload, type Server, serve, settled, token, type Workspace } from './charter.ts';
import { authorizedAccess, METHOD, SECRETS, writeSubject } from './subject.ts';

const SECONDS = 60;
const RATE = 50;
const VALID = 100;
const INVALID = 20;

let workspace: Workspace;
let server: Server;

beforeAll(async () => {
  workspace = await createWorkspace();
  writeSubject(workspace, authorizedAccess());
  server = await serve(workspace, { env: SECRETS });
});

afterAll(async () => {
  await server.stop();
  workspace.remove();
});

/** Even edits give Server1 alone, odd ones Server2 alone: a token with both, or with none, saw two generations. */
function edit(number: number): string {
  const reached = number % 2 === 0 ? 'Group1' : 'Group2';
  const subject = authorizedAccess();
  for (const group of ['Group1', 'Group2']) {
    subject.site.groups[group] = { methods: [METHOD], members: group === reached ? ['User1'] : [] };
  }
  writeSubject(workspace, subject);
  return reached === 'Group1' ? 'Server1' : 'Server2';
}

const BREAKAGES: ((text: string) => string)[] = [
  (text) => text.replace('"User1"\n', '"Usr1"\n'),
  (text) => text.slice(0, -10),
  (text) => text.replace('"allowed_to"', '"alowed_to"'),
  (text) => text.replace('"site": "Example"', '"site": 7'),
];

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('hot reload under load', () => {
  it(
    `${VALID} valid and ${INVALID} invalid edits in a minute at ${RATE} requests a second`,
    async () => {
      const audienceOf = new Map<number, string>();
      const served: { gen: number; aud: string[] }[] = [];
      const failures: string[] = [];
      let running = true;

      const load = (async () => {
        const pending: Promise<void>[] = [];
        const began = Date.now();
        for (let number = 0; running; number++) {
          pending.push(
            token(workspace, 'Client1', 'secret', 'oidc').then(
              (reply) => {
                if (reply.status !== 200) failures.push(`${reply.status} ${JSON.stringify(reply.body)}`);
                else served.push(payload(reply.body.access_token));
              },
              (error) => void failures.push(String(error.cause ?? error)),
            ),
          );
          await sleep(Math.max(0, began + ((number + 1) * 1000) / RATE - Date.now()));
        }
        await Promise.all(pending);
      })();

      const began = Date.now();
      let invalidShown = 0;
      for (let number = 0; number < VALID; number++) {
        const audience = edit(number);
        await settled(server);
        const { generation } = await server.status();
        audienceOf.set(generation, audience);
        if (number % (VALID / INVALID) === 0) {
          const mark = server.output().length;
          const text = workspace.read('example.yaml');
          const broken = BREAKAGES[invalidShown % BREAKAGES.length]?.(text) ?? text;
          expect(broken).not.toBe(text);
          workspace.write('example.yaml', broken);
          expect(await server.printed(/error\[[a-z.-]+\]/, mark)).toMatch(/example\.yaml:\d+:\d+/);
          invalidShown += 1;
          expect((await server.status()).generation).toBe(generation);
          const reply = await token(workspace, 'Client1', 'secret', 'oidc');
          expect(payload(reply.body.access_token).gen).toBe(generation);
          workspace.write('example.yaml', text);
        }
        await sleep(Math.max(0, began + ((number + 1) * SECONDS * 1000) / VALID - Date.now()));
      }
      running = false;
      await load;

      expect(failures).toEqual([]);
      expect(invalidShown).toBe(INVALID);
      expect(served.length).toBeGreaterThan(SECONDS * RATE * 0.8);
      const known = served.filter(({ gen }) => audienceOf.has(gen));
      expect(known.length).toBeGreaterThan(served.length * 0.9);
      for (const { gen, aud } of known) expect(aud).toEqual([audienceOf.get(gen), 'Client1']);
      expect(new Set(known.map(({ gen }) => gen)).size).toBeGreaterThan(VALID * 0.8);
    },
    SECONDS * 3000,
  );
});
