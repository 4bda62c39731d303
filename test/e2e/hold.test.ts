// A running server and a change that a risk stops: it is held, served on, and goes on with an approval; and the way back.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  charter,
  createWorkspace,
  declaredDigest,
  eventually,
  type Server,
  serve,
  settled,
  token,
  type Workspace,
} from './charter.ts';
import { METHOD } from './subject.ts';

const SECRET = 'the-secret-of-every-application-here';
const EXTRA = ['Ann', 'Ben', 'Cleo', 'Dan'];

/** Client1 reaches Server1 as User1; beside them users that nobody needs. */
function writeSpec({ write, issuer }: Workspace, users: readonly string[], approvals: readonly string[] = []): void {
  write('server.yaml', {
    server: { issuer, profiles: ['ubisecure'], directory: { base_dn: 'dc=test' } },
    methods: { [METHOD]: { type: 'client_credentials' } },
    ...(approvals.length === 0 ? {} : { approvals }),
  });
  write('example.yaml', {
    site: 'Example',
    methods: [METHOD],
    defaults: { applications: { methods: [METHOD] }, users: { methods: [METHOD] } },
    applications: {
      Server1: { secret: { env: 'SECRET' }, allowed_to: ['Group1'], metadata: { grant_types: [] } },
      Client1: {
        secret: { env: 'SECRET' },
        impersonates: 'User1',
        metadata: { grant_types: ['client_credentials'], scope: 'Server1' },
      },
    },
    groups: { Group1: { members: ['User1', ...users] } },
    users: Object.fromEntries(['User1', ...users].map((name) => [name, {}])),
  });
}

interface Status {
  readonly generation: number;
  readonly held: readonly string[];
  readonly degraded: boolean;
  readonly last_reload: { readonly problems: readonly string[] };
}

let workspace: Workspace;
let server: Server;
const status = () => server.status() as unknown as Promise<Status>;
const command = (...args: string[]) => charter([...args, '--store', workspace.store], { env: { SECRET } });

/** The approvals that the server waits for. */
async function held(): Promise<Status> {
  return await eventually(async () => {
    const now = await status();
    if (now.held.length === 0) throw new Error(`nothing is held:\n${server.output()}`);
    return now;
  });
}

async function expectTokens(): Promise<void> {
  const answered = await token(workspace, 'Client1', SECRET, 'Server1');
  expect([answered.status, answered.body.token_type]).toEqual([200, 'Bearer']);
}

beforeAll(async () => {
  workspace = await createWorkspace();
  writeSpec(workspace, EXTRA);
  server = await serve(workspace, { env: { SECRET } });
});

afterAll(async () => {
  await server.stop();
  workspace.remove();
});

describe('a change that a risk stops', () => {
  it('is held while the last good generation is served, until charter approve', async () => {
    writeSpec(workspace, []);
    const waiting = await held();
    expect(waiting).toMatchObject({ generation: 1, degraded: true });
    expect(waiting.held).toEqual([expect.stringMatching(/^deletes:Example@[0-9a-f]{16}$/)]);
    await server.printed(`charter approve ${waiting.held[0]}`);
    await expectTokens();
    const told = await command('status');
    expect(told.stdout).toContain('held: the last good generation is served');
    expect(told.stdout).toContain(`charter approve ${waiting.held[0]}`);

    const wrong = await command('approve', 'deletes:Example@0123456789abcdef');
    expect([wrong.code, wrong.stderr]).toEqual([5, expect.stringContaining(`charter approve ${waiting.held[0]}`)]);
    expect((await status()).generation).toBe(1);

    const right = await command('approve', waiting.held[0] as string);
    expect(right).toMatchObject({ code: 0, stdout: expect.stringContaining('Generation 2 is applied and served.') });
    expect(await status()).toMatchObject({ generation: 2, held: [], degraded: false });
    await expectTokens();
    const late = await command('approve', waiting.held[0] as string);
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('holds no plan')]);
  });

  it('is held, and goes on when an approvals: line lands with the spec', async () => {
    writeSpec(workspace, EXTRA);
    await settled(server);
    const { generation } = await status();
    writeSpec(workspace, []);
    const { held: approvals } = await held();
    await expectTokens();
    writeSpec(workspace, [], approvals);
    await settled(server);
    expect(await status()).toMatchObject({ generation: generation + 1, held: [], degraded: false });
    const told = await command('history', '--json');
    expect(JSON.parse(told.stdout).revisions[0]).toMatchObject({ generation: generation + 1, approvals });
  });

  it('is not approved by a line for another change', async () => {
    const before = JSON.parse((await command('history', '--json')).stdout).revisions[0];
    writeSpec(workspace, EXTRA.concat('Eve'));
    await settled(server);
    // The same kind and site; one more of the users goes.
    writeSpec(workspace, [], before.approvals);
    expect((await held()).held).not.toEqual(before.approvals);
  });

  it('that goes away is held no longer', async () => {
    writeSpec(workspace, EXTRA.concat('Eve'));
    await settled(server);
    await eventually(async () => expect(await status()).toMatchObject({ held: [], degraded: false }));
  });
});

describe('a rollback beside a running server', () => {
  it('is served at once, and the spec that it undid is left alone until it changes', async () => {
    writeSpec(workspace, EXTRA);
    await settled(server);
    const { generation } = await status();
    writeSpec(workspace, EXTRA.concat('Fay'));
    await settled(server);
    const undone = declaredDigest(workspace);

    const back = await command('rollback', String(generation));
    expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining(`Rolled back to generation ${generation}`) });
    expect(back.stderr).toContain(`serves generation ${generation + 2}`);
    await eventually(async () => expect(await status()).toMatchObject({ generation: generation + 2, degraded: true }));
    expect((await status()).last_reload.problems.join()).toContain('charter resume');
    await expectTokens();

    // Another comment is no other spec.
    workspace.write('example.yaml', `# as before\n${workspace.read('example.yaml')}`);
    expect(declaredDigest(workspace)).toBe(undone);
    await server.reload();
    expect((await status()).generation).toBe(generation + 2);

    writeSpec(workspace, EXTRA.concat('Gus'));
    await settled(server);
    expect(await status()).toMatchObject({ generation: generation + 3, degraded: false });
  });

  it('two steps back leave both specs alone, and resume lets them be applied', async () => {
    const { generation } = await status();
    writeSpec(workspace, EXTRA.concat('Hal'));
    await settled(server);
    for (const to of [generation, generation - 1]) {
      expect(await command('rollback', String(to))).toMatchObject({ code: 0 });
    }
    await eventually(async () => expect(await status()).toMatchObject({ generation: generation + 3, degraded: true }));

    const resumed = await command('resume');
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining('Resumed') });
    await settled(server);
    expect(await status()).toMatchObject({ generation: generation + 4, degraded: false });
    expect((await command('resume')).stdout).toContain('Nothing was rolled back');
  });

  it('survives a restart: what was undone is not applied by a start', async () => {
    const { generation } = await status();
    expect(await command('rollback', String(generation - 1))).toMatchObject({ code: 0 });
    await server.stop();
    server = await serve(workspace, { env: { SECRET } });
    expect(await status()).toMatchObject({ generation: generation + 1, degraded: true });
    await expectTokens();
  });
});
