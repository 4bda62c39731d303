import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { charter, MAIN, readQuickstart, workplace, writeFiles } from './case.ts';

const SECRETS = {
  CLIENT1_SECRET: 'canary-one',
  SERVER1_SECRET: 'canary-two',
  SERVER2_SECRET: 'canary-three',
  BATCH1_SECRET: 'canary-four',
};

interface Serving {
  readonly cwd: string;
  readonly port: number;
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits until the text is in what stdout says after `since` characters. */
  says(text: string, since?: number): Promise<void>;
  edit(from: string | RegExp, to: string): void;
  /** The exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A workplace with the quickstart in `config`, its issuer on a free port. */
async function quickstart(): Promise<{ cwd: string; port: number; write(text: string): void; text: string }> {
  const cwd = workplace();
  const port = await freePort();
  const text = readQuickstart().replace('localhost:8080', `localhost:${port}`);
  const write = (content: string) => writeFiles(cwd, [['config/charter.yaml', content]]);
  write(text);
  return { cwd, port, write, text };
}

function start(
  { cwd, port, write, text }: Awaited<ReturnType<typeof quickstart>>,
  options: { argv?: readonly string[]; env?: Record<string, string> } = {},
): Serving {
  const env = { PATH: process.env.PATH ?? '', ...(options.env ?? SECRETS) };
  const child = spawn(process.execPath, [MAIN, 'serve', 'config', ...(options.argv ?? [])], { cwd, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    cwd,
    port,
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    async says(wanted, since = 0) {
      const end = performance.now() + 15_000;
      while (!stdout.slice(since).includes(wanted)) {
        if (performance.now() > end || child.exitCode !== null)
          throw new Error(`never said ${wanted}:\n${stdout}${stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    edit: (from, to) => write(text.replace(from, to)),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

const READY = 'Ctrl-C ends.';

describe('serve', () => {
  it('says what it serves, and the request that it suggests gets a token', async () => {
    const server = start(await quickstart());
    await server.says(READY);
    const issuer = `http://localhost:${server.port}/uas`;
    const said = server.stdout();
    expect(said).toContain(`serves ${issuer}\n`);
    expect(said).toContain(`http://127.0.0.1:${server.port}`);
    expect(said).toContain(`Store      ${server.cwd}/charter.db, generation 1`);
    expect(said).toContain(`Operator   ${server.cwd}/charter.db.sock`);
    // A continued command, as a shell would run it, with curl's options read here.
    const [, url = '', rest = ''] = /curl -s (\S+)(.+?)\n\n/s.exec(said) ?? [];
    expect(url).toBe(`${issuer}/oauth2/token`);
    expect(rest).toContain('"client_secret=$CLIENT1_SECRET"');
    const pairs = [...rest.matchAll(/(?:-d|--data-urlencode) (?:'([^']+)'|"([^"]+)"|(\S+))/g)].map(
      ([, single, double, bare]) => (single ?? double ?? bare ?? '').split(/=(.*)/s).slice(0, 2) as [string, string],
    );
    const form = new URLSearchParams(pairs).toString().replace('%24CLIENT1_SECRET', SECRETS.CLIENT1_SECRET);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(url, { method: 'POST', headers, body: form });
    expect(response.status).toBe(200);
    expect(await response.json()).toHaveProperty('access_token');
    expect(await server.stop()).toBe(0);
    expect(server.stdout() + server.stderr()).not.toContain('canary');
  });

  it('tells each reload as a plan, an invalid edit as a frame with file:line:col, and when it is right again', async () => {
    const server = start(await quickstart());
    await server.says(READY);
    let since = server.stdout().length;
    server.edit(
      'Group2: { methods: [client.credentials.1], members: [User1] }',
      'Group2: { methods: [client.credentials.1] }',
    );
    await server.says('- Client1 → Server2: User1 leaves Group2', since);
    expect(server.stdout().slice(since)).toMatch(/\n\d\d:\d\d:\d\d Generation 2\n/);

    since = server.stdout().length;
    server.edit('members: [User1]', 'membrs: [User1]');
    await server.says('Generation 2 goes on being served.', since);
    const refused = server.stdout().slice(since);
    expect(refused).toContain('error[key.unknown] Unknown key');
    expect(refused).toMatch(/╭─ charter\.yaml:45:18\n/);

    const status = await charter(['status'], server.cwd);
    expect(status.code).toBe(0);
    expect(status.stdout).toContain('degraded: the last good generation is served');
    expect(status.stdout).toMatch(
      /Last reload +refused .+, 1 error, 0 warnings\n +charter\.yaml:45:18 error\[key\.unknown\]/,
    );

    since = server.stdout().length;
    server.edit('nothing', 'nothing');
    await server.says('Generation 3, recovered', since);
    const json = JSON.parse((await charter(['status', '--json'], server.cwd)).stdout);
    expect(json).toMatchObject({
      running: true,
      issuer: `http://localhost:${server.port}/uas`,
      generation: 3,
      degraded: false,
      watched: { spec_files: 1, by: 'events' },
      last_reload: { outcome: 'published', errors: 0 },
    });
    await server.stop();
    // The log is JSON on every line, and has the same story.
    const records = server
      .stderr()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ msg, generation }) => [msg, generation])).toEqual([
      ['generation published', 1],
      ['generation published', 2],
      ['reload refused', undefined],
      ['generation published', 3],
    ]);
    expect(records[2].problems[0]).toMatch(/^charter\.yaml:45:18 error\[key\.unknown\]/);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends gracefully by %s: 0, no socket file, a store that is whole',
    async (signal) => {
      const server = start(await quickstart());
      await server.says(READY);
      expect(existsSync(join(server.cwd, 'charter.db.sock'))).toBe(true);
      expect(await server.stop(signal)).toBe(0);
      expect(existsSync(join(server.cwd, 'charter.db.sock'))).toBe(false);
      expect(existsSync(join(server.cwd, 'charter.db-wal'))).toBe(false);
      const after = await charter(['status'], server.cwd);
      expect(after).toMatchObject({ code: 0 });
      expect(after.stdout).toMatch(/^No server is running for .+\nThe store is at generation 1, applied /);
    },
  );

  it('lets a request that is under way finish, and ends at once by a second signal', async () => {
    const server = start(await quickstart());
    await server.says(READY);
    // A request that has not arrived whole keeps the server from ending.
    const { connect } = await import('node:net');
    const socket = connect(server.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk;
    });
    const body = `grant_type=client_credentials&client_id=Batch1&client_secret=${SECRETS.BATCH1_SECRET}`;
    socket.write(
      `POST /uas/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    const ended = server.stop();
    await server.says('finishing what is under way');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(server.child.exitCode).toBeNull();
    socket.write(body);
    expect(await ended).toBe(0);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);

    const second = start({ ...(await quickstart()) });
    await second.says(READY);
    const held = connect(second.port, '127.0.0.1');
    onTestFinished(() => void held.destroy());
    held.on('error', () => undefined);
    held.write('POST /uas/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const killed = second.stop('SIGINT');
    await second.says('finishing what is under way');
    second.child.kill('SIGINT');
    expect(await killed).toBe(130);
  });

  it('starts from the store when the spec is invalid, and says so plainly', async () => {
    const place = await quickstart();
    const first = start(place);
    await first.says(READY);
    await first.stop();
    place.write(place.text.replace('members: [User1]', 'membrs: [User1]'));
    const server = start(place);
    await server.says(READY);
    expect(server.stdout()).toContain('error[key.unknown] Unknown key');
    expect(server.stdout()).toContain('Degraded: the spec cannot be served, so generation 1');
    const ready = await fetch(`http://127.0.0.1:${server.port}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', reason: 'degraded' }]);
    const since = server.stdout().length;
    place.write(place.text);
    await server.says('The spec is right again', since);
    expect(await server.stop()).toBe(0);
  });

  it('starts from the store when risks hold the spec, and says what approves them, with the store', async () => {
    const place = await quickstart();
    const here = ['--store', 'other.db'];
    const more = ['Ann', 'Ben', 'Cleo', 'Dan'].map((name) => `  ${name}: {}\n`).join('');
    place.write(place.text.replace(/^users:\n/m, `users:\n${more}`));
    expect((await charter(['apply', 'config', ...here], place.cwd, SECRETS)).code).toBe(0);
    place.write(place.text);
    const server = start(place, { argv: here });
    await server.says(READY);
    const said = server.stdout();
    const [, approval = '', store] = /^ {2}charter approve (\S+) --store (\S+)$/m.exec(said) ?? [];
    expect(store).toBe(join(place.cwd, 'other.db'));
    expect(said).toContain('Held: the spec waits for its risks to be approved, so generation 1');
    expect(said).not.toContain('Mend the spec');
    const status = await charter(['status', ...here], place.cwd);
    expect(status.stdout).toMatch(/^Last reload +held \S+, 0 errors, 0 warnings$/m);
    expect(status.stdout).toContain(`charter approve ${approval} --store ${store}\n`);
    const { last_reload } = JSON.parse((await charter(['status', '--json', ...here], place.cwd)).stdout);
    expect(last_reload).toMatchObject({ outcome: 'refused', reason: 'risks', errors: 0 });

    const resumed = await charter(['resume', ...here], place.cwd);
    expect(resumed).toMatchObject({
      code: 0,
      stdout: 'Nothing was rolled back.\n',
      stderr: `Its spec is held until the risks of it are approved:\n  charter approve ${approval} --store ${store}\n`,
    });
    const approved = await charter(['approve', approval, ...here], place.cwd);
    expect(approved.stdout).toContain('Generation 2 is applied and served.');
    expect(await server.stop()).toBe(0);
  });

  it('leaves no file behind when it cannot start', async () => {
    const place = await quickstart();
    const server = start(place, { env: {} });
    expect(await new Promise((resolve) => server.child.on('close', resolve))).toBe(1);
    expect(existsSync(join(place.cwd, 'charter.db'))).toBe(false);
    expect(server.stdout()).toBe('');
  });

  it('takes secrets from files below --secrets-dir, swapped like a mounted Secret', async () => {
    const place = await quickstart();
    place.write(place.text.replaceAll(/\{ env: (\w+)_SECRET \}/g, '{ file: $1 }'));
    const mount = (version: string) => {
      const names = ['CLIENT1', 'SERVER1', 'SERVER2', 'BATCH1'];
      writeFiles(
        place.cwd,
        names.map((name) => [`secrets/..${version}/${name}`, `${version}-${name}\n`] as const),
      );
      symlinkSync(`..${version}`, join(place.cwd, 'secrets/..next'));
      return import('node:fs').then(({ renameSync }) =>
        renameSync(join(place.cwd, 'secrets/..next'), join(place.cwd, 'secrets/..data')),
      );
    };
    await mount('old');
    for (const name of ['CLIENT1', 'SERVER1', 'SERVER2', 'BATCH1']) {
      symlinkSync(`..data/${name}`, join(place.cwd, `secrets/${name}`));
    }
    const server = start(place, { env: {}, argv: ['--secrets-dir', 'secrets'] });
    await server.says(READY);
    const status = async (secret: string) => {
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'Batch1',
        client_secret: secret,
      });
      return (await fetch(`http://127.0.0.1:${server.port}/uas/token`, { method: 'POST', body })).status;
    };
    expect(await status('old-BATCH1')).toBe(200);
    await mount('new');
    await server.says('New secrets: ');
    expect(await status('new-BATCH1')).toBe(200);
    expect(await status('old-BATCH1')).toBe(401);
    await server.stop();
  });
});

describe('output', () => {
  it('that nobody reads to its end is no error', async () => {
    const { cwd } = await quickstart();
    const child = spawn(
      'sh',
      ['-c', `"${process.execPath}" "${MAIN}" plan config --json - | head -c 1; echo "$?" >&2`],
      {
        cwd,
        env: { PATH: process.env.PATH ?? '' },
      },
    );
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk;
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toBe('0\n');
  });

  it('has colour only when asked for, where it is no terminal', async () => {
    const { cwd } = await quickstart();
    const colour = '\u001b[';
    expect((await charter(['plan', 'config'], cwd)).stdout).not.toContain(colour);
    expect((await charter(['plan', 'config'], cwd, { FORCE_COLOR: '1' })).stdout).toContain(colour);
    expect((await charter(['plan', 'config'], cwd, { FORCE_COLOR: '0' })).stdout).not.toContain(colour);
  });

  it('of --json is written whole beside the text, with how the command ends', async () => {
    const { cwd } = await quickstart();
    const answer = await charter(['plan', 'config', '--json', 'plan.json', '--detailed-exitcode'], cwd);
    expect(answer.code).toBe(2);
    expect(answer.stdout).toContain('Plan: 12 to add');
    const json = JSON.parse(readFileSync(join(cwd, 'plan.json'), 'utf8'));
    expect(json).toMatchObject({ outcome: { exit_code: 2, changes: true }, summary: { add: 12 } });
    const applied = await charter(['apply', 'config', '--json', '-'], cwd, SECRETS);
    expect(JSON.parse(applied.stdout)).toMatchObject({ outcome: { exit_code: 0 }, applied: { generation: 1 } });
    const again = await charter(['apply', 'config', '--json', '-'], cwd, SECRETS);
    expect(JSON.parse(again.stdout)).toMatchObject({ outcome: { changes: false }, applied: { generation: 1 } });
  });

  it('of --version is the version of the package', async () => {
    const answer = await charter(['--version'], workplace());
    expect(answer).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
  });
});
