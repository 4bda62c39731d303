// An environment as an overlay, on the real process: what it says is served, and its edits are followed like the spec's.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createWorkspace, eventually, type Server, serve, token, type Workspace } from './charter.ts';
import { authorizedAccess, SECRETS, writeSubject } from './subject.ts';

let workspace: Workspace;
let server: Server | undefined;

afterEach(async () => {
  await server?.stop();
  workspace.remove();
});

/** Seconds for which a new token of Client1 lives. */
async function lifetime(): Promise<unknown> {
  return (await token(workspace, 'Client1', 'secret', 'Server1')).body.expires_in;
}

const lives = (seconds: number) => eventually(async () => expect(await lifetime()).toBe(seconds));

it('serve --overlay: the last overlay wins, edits of both are followed, and one that breaks changes nothing', async () => {
  workspace = await createWorkspace();
  writeSubject(workspace, authorizedAccess());
  const elsewhere = join(workspace.root, 'envs/eu');
  const ttl = (duration: string) => `server: { tokens: { access_ttl: ${duration} } }\n`;
  const writeElsewhere = (text: string): void => {
    mkdirSync(elsewhere, { recursive: true });
    writeFileSync(join(elsewhere, 'eu.tmp'), text);
    renameSync(join(elsewhere, 'eu.tmp'), join(elsewhere, 'eu.yaml'));
  };
  workspace.write('overlays/prod/server.yaml', ttl('5m'));
  writeElsewhere('# nothing yet\n');
  server = await serve(workspace, { env: SECRETS, args: ['--overlay', 'prod', '--overlay', elsewhere] });
  expect(server.output()).toContain(`with overlay prod, ${elsewhere}`);
  expect(await lifetime()).toBe(300);

  workspace.write('overlays/prod/server.yaml', ttl('6m'));
  await lives(360);
  writeElsewhere(ttl('7m'));
  await lives(420);

  const since = server.output().length;
  writeElsewhere('server: { acess_ttl: 8m }\n');
  expect(await server.printed('key.unknown', since)).toContain('../envs/eu/eu.yaml:1:11');
  expect(await lifetime()).toBe(420);
  writeElsewhere('# nothing any more\n');
  await lives(360);
});
