// The GitHub workflow of examples/ci and the action that it uses, run as a runner does, on a throw-away repository.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { charter, REPOSITORY } from './charter.ts';
import { ACTION, type Given, type JobResult, preparePull, runJob, type Workflow } from './ci-github.ts';
import { approved, BASE, BESIDE, INVALID, NEW_USER, PAYS, READS } from './ci-spec.ts';
import { type Comment, createWorld, type World } from './ci-world.ts';

const WORKFLOW = parse(readFileSync(join(REPOSITORY, 'examples/ci/github/charter.yml'), 'utf8')) as Workflow;
const PULL: Given = { event: { name: 'pull_request', base: 'main' } };

/** The action with nothing around it. */
function actionAlone(inputs: Readonly<Record<string, unknown>> = {}, depth = 0): Workflow {
  const checkout = { uses: 'actions/checkout@v4', with: { 'fetch-depth': depth } };
  return { on: {}, jobs: { review: { steps: [checkout, { uses: 'OWNER/charter@v0.1.0', with: inputs }] } } };
}

let world: World;
afterEach(() => world.remove());

/** A push to the branch of the pull request, and the job that follows it. */
async function review(files: Readonly<Record<string, string>>, workflow = actionAlone()): Promise<JobResult> {
  world.push('change', files);
  preparePull(world, 'change');
  return await runJob(world, workflow, 'review', PULL);
}

/** The line of `approvals:` that a comment gives to be copied. */
const riskOf = ({ summary }: JobResult): string => /^ {2}- (restricted:\S+)$/m.exec(summary)?.[1] ?? '';

const bodies = (): readonly string[] => world.forge().comments.map(({ body }) => body);

describe('in a pull request', () => {
  it('the plan stands in the summary and in one comment, written only when it differs', async () => {
    world = createWorld(BASE);
    const first = await review(READS, WORKFLOW);
    expect(first.output).toContain('+ Client1 → Orders');
    expect(first.result).toBe('success');
    const { 'Install charter': installed, Format, Validate, 'Plan and comment': planned } = first.steps;
    expect([installed, Format, Validate, planned]).toEqual(Array(4).fill('success'));
    expect(bodies()).toEqual([first.summary]);
    expect(first.summary).toMatch(/^<!-- charter-plan:config -->\n### Charter plan: access \+1 −0/);
    expect(first.summary).toContain('Compared with `origin/main`');
    expect(world.writes()).toEqual(['POST']);
    const files = readdirSync(world.directory('artifacts/charter-plan'));
    expect(files.sort()).toEqual(['plan.json', 'plan.md', 'plan.sarif', 'plan.xml']);

    expect(await review(BESIDE)).toMatchObject({ result: 'success', summary: first.summary });
    expect(world.writes()).toEqual(['POST']);

    const narrowed = await review(BASE);
    expect(narrowed.summary).toContain('no changes');
    expect(bodies()).toEqual([narrowed.summary]);
    expect(world.writes()).toEqual(['POST', 'PATCH']);
  }, 60_000);

  it('a risk fails the job after it is in the comment, and its approvals: line beside the change lets it through', async () => {
    world = createWorld(BASE);
    const stopped = await review(PAYS);
    expect(stopped.result).toBe('failure');
    expect(stopped.output).toContain('::error title=Charter::A risk is not approved');
    expect(bodies()).toEqual([stopped.summary]);
    expect(stopped.summary).toContain('1 risk is not approved');
    const passed = await review(approved(riskOf(stopped)));
    expect(passed.result, passed.output).toBe('success');
    expect(bodies()).toEqual([passed.summary]);
    expect(passed.summary).toContain('1 risk approved');
  });

  it('of an invalid spec the comment says what is wrong, and every step that can still run does', async () => {
    world = createWorld(BASE);
    const invalid = await review(INVALID, WORKFLOW);
    expect(invalid.result).toBe('failure');
    const { Format, Validate, 'Plan and comment': planned } = invalid.steps;
    expect([Format, Validate, planned]).toEqual(['success', 'failure', 'failure']);
    expect(invalid.output).toContain('::error title=Charter::The spec is invalid');
    expect(invalid.output).toMatch(/^::error file=config\/charter\.yaml,line=\d+/m);
    expect(bodies()).toEqual([invalid.summary]);
    expect(invalid.summary).toContain('no user "Usr2" in site Example');
  });

  it('from a fork, whose token may only read, there is the summary and no comment', async () => {
    world = createWorld(BASE);
    world.setForge({ readOnly: true });
    const result = await review(READS);
    expect(result.result).toBe('success');
    expect(result.summary).toContain('Charter plan: access +1 −0');
    expect(result.output).toContain('HTTP 403');
    expect(result.output).toContain('::warning title=No comment::');
    expect(bodies()).toEqual([]);
  });

  it('what landed on main meanwhile is no change of the pull request', async () => {
    world = createWorld(BASE);
    world.push('change', READS);
    preparePull(world, 'change');
    world.push('main', NEW_USER);
    const result = await runJob(world, actionAlone(), 'review', PULL);
    expect(result.summary).toContain('### Charter plan: access +1 −0 · 0 to add, 1 to change, 0 to delete');
    expect(result.summary).not.toContain('User3');
  });

  it('a checkout without history is deepened to where the pull request began', async () => {
    world = createWorld(BASE);
    const result = await review(READS, actionAlone({}, 1));
    expect(result.result, result.output).toBe('success');
    expect(result.summary).toContain('Charter plan: access +1 −0');
  });

  it('a pull request that leaves the spec alone gets no comment', async () => {
    world = createWorld(BASE);
    const result = await review(BESIDE);
    expect(result).toMatchObject({ result: 'success' });
    expect(result.summary).toContain('no changes');
    expect(world.writes()).toEqual([]);
  });

  it('the comment is found among many, and never in what somebody else wrote', async () => {
    world = createWorld(BASE);
    const comment = (id: number, body: string, type: string): Comment => ({
      id,
      body,
      user: { type },
      author_association: 'NONE',
    });
    const others = Array.from({ length: 120 }, (_, id) => comment(id, `Comment ${id}`, 'User'));
    const marker = '<!-- charter-plan:config -->';
    others[50] = comment(50, `${marker}\nNothing to see here.`, 'User');
    world.setForge({ comments: [...others, comment(500, `${marker}\r\nAn older plan.\r\n`, 'Bot')] });
    const { summary } = await review(READS);
    const { comments } = world.forge();
    expect(comments).toHaveLength(121);
    expect(comments.slice(0, 120)).toEqual(others);
    expect(comments[120]).toMatchObject({ id: 500, body: summary });
  });

  it('an argument with blanks or quotes reaches charter as one word, and none of it is run', async () => {
    world = createWorld(BASE);
    const overlay = { "envs/the team's/server.yaml": 'server: { tokens: { access_ttl: 5m } }\n' };
    const args = `--overlay "envs/the team's"\n--secrets-dir 'a $(touch ran) \`touch ran\` dir'\n`;
    const result = await review({ ...READS, ...overlay }, actionAlone({ args }));
    expect(result.result, result.output).toBe('success');
    expect(result.summary).toContain("<!-- charter-plan:config+overlay%3Aenvs/the%20team's -->");
    expect(result.summary).toContain('tokens.access_ttl');
    const listed = readdirSync(world.directory('work')).flatMap((one) =>
      readdirSync(join(world.directory('work'), one)),
    );
    expect(listed).not.toContain('ran');

    const half = await review({}, actionAlone({ args: "--overlay 'envs" }));
    expect(half.result).toBe('failure');
    expect(half.output).toContain('::error title=Charter::The input args has a quote without its other half.');
  });

  it('an action that is called wrongly says so, and touches no comment', async () => {
    world = createWorld(BASE);
    const result = await review(READS, actionAlone({ directory: 'config\n', args: '--overlay  staging --nonsense' }));
    expect(result.result).toBe('failure');
    expect(result.output).toContain("unknown option '--nonsense'");
    expect(result.output).toContain('::error title=Charter::charter plan ended with 64.');
    expect(world.writes()).toEqual([]);
  });
});

describe('the action', () => {
  const run = (name: string, env: Readonly<Record<string, string>>) => {
    const step = ACTION.runs.steps.find((one) => one.name === name);
    return world.shell(step?.run ?? '', REPOSITORY, env);
  };

  it('ends as the plan did, but for changes, which are no fault', async () => {
    world = createWorld(BASE);
    const codes = [0, 1, 2, 3, 4, 5, 64];
    const ended = [];
    for (const code of codes) ended.push((await run('Judge', { CODE: String(code) })).code);
    expect(ended).toEqual([0, 1, 0, 3, 4, 5, 64]);
  });

  it('installs the package that it is given, else takes charter as it is there, else builds its own', async () => {
    world = createWorld(BASE);
    const RUNNER_TEMP = world.directory('temp');
    const calls = async (env: Readonly<Record<string, string>>) => {
      world.setForge({ calls: [] });
      const { code, output } = await run('Install charter', { RUNNER_TEMP, ...env });
      expect(code, output).toBe(0);
      return world.forge().calls.map((words) => words.join(' '));
    };
    const packed = ['npm', 'pack', '--silent', '--pack-destination', RUNNER_TEMP, 'git+https://example.com/c.git#v1'];
    expect(await calls({ PACKAGE: 'git+https://example.com/c.git#v1' })).toEqual([
      packed.join(' '),
      `npm install --global ${RUNNER_TEMP}/charter-9.9.9.tgz`,
    ]);
    expect(await calls({ PACKAGE: '' })).toEqual([]);
    const bare = world.directory('bare');
    const bash = execFileSync('sh', ['-c', 'command -v bash'], { encoding: 'utf8' }).trim();
    for (const path of [bash, join(world.root, 'bin/npm')]) symlinkSync(path, join(bare, basename(path)));
    const where = { PATH: bare, GITHUB_ACTION_PATH: world.root };
    expect(await calls({ PACKAGE: '', ...where })).toEqual(['npm ci', 'npm install --global .']);
  });
});

describe('on main', () => {
  const SECRET = 'CLIENT1-secret-of-a-test-7Yq2mZp4Vt9Kx1Lw8Rb3';
  const given = (): Given => ({
    event: { name: 'push' },
    vars: { CHARTER_STORE: join(world.root, 'charter.db') },
    secrets: { CLIENT1_SECRET: SECRET },
  });
  const plan = () => runJob(world, WORKFLOW, 'plan', given());
  const apply = (planned: JobResult) => runJob(world, WORKFLOW, 'apply', { ...given(), needs: { plan: planned } });

  it('the plan that was made is what is applied: once, and not where something else came first', async () => {
    world = createWorld(BASE);
    const first = await plan();
    expect(first).toMatchObject({ result: 'success', outputs: { changes: 'true' } });
    expect(first.summary).toContain('Compared with an empty store.');
    expect(world.writes()).toEqual([]);
    const applied = await apply(first);
    expect(applied.result, applied.output).toBe('success');
    expect(applied.output).toContain('Applied generation 1.');
    expect(applied.summary).toContain('Charter applied generation 1');

    const nothing = await plan();
    expect(nothing.outputs).toEqual({ changes: 'false' });
    expect((await apply(nothing)).result).toBe('skipped');

    // What was approved in the pull request is approved here, too.
    world.push('main', approved(riskOf(await review(PAYS))));
    const second = await plan();
    expect(second.result, second.output).toBe('success');
    expect(second.summary).toContain('1 risk approved');
    world.push('elsewhere', NEW_USER);
    const beside = await charter(['apply', join(world.author, 'config'), '--store', join(world.root, 'charter.db')], {
      env: { CLIENT1_SECRET: SECRET },
    });
    expect(beside.code, beside.stderr).toBe(0);
    const stale = await apply(second);
    expect(stale.result).toBe('failure');
    expect(stale.output).toContain('::error title=Stale plan::Something else was applied');
  }, 60_000);
});
