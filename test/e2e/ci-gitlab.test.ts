// The GitLab pipeline of examples/ci, run as a runner does, on a throw-away repository.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { charter, REPOSITORY } from './charter.ts';
import { type JobRun, type Pipeline, runJob } from './ci-gitlab.ts';
import { BASE, BESIDE, INVALID, NEW_USER, PAYS, READS } from './ci-spec.ts';
import { createWorld, type World } from './ci-world.ts';

const PIPELINE = parse(readFileSync(join(REPOSITORY, 'examples/ci/gitlab/.gitlab-ci.yml'), 'utf8')) as Pipeline;
const CHARTER_PACKAGE = './tools/charter.tgz';

let world: World;
afterEach(() => world.remove());

const bodies = (): readonly string[] => world.forge().comments.map(({ body }) => body);

describe('in a merge request', () => {
  const job = (name: string, variables: Readonly<Record<string, string>> = {}): Promise<JobRun> =>
    runJob(world, PIPELINE, name, {
      source: { branch: 'change', target: 'main' },
      variables: { CHARTER_PACKAGE, ...variables },
    });
  const review = (files: Readonly<Record<string, string>>): Promise<JobRun> => {
    world.push('change', files);
    return job('charter review', { CHARTER_NOTE_TOKEN: world.forge().token });
  };
  const plan = ({ artifacts }: JobRun) => readFileSync(join(artifacts, 'plan.md'), 'utf8');

  it('one note tells the newest plan, written only when it differs, and the job ends as the plan did', async () => {
    world = createWorld(BASE);
    const first = await review(READS);
    expect(first.result, first.output).toBe('success');
    expect(readdirSync(first.artifacts).sort()).toEqual(['plan.json', 'plan.md', 'plan.xml']);
    expect(plan(first)).toContain('### Charter plan: access +1 −0');
    expect(plan(first)).toContain('Compared with `origin/main`');
    expect(bodies()).toEqual([plan(first)]);
    expect(world.writes()).toEqual(['POST']);

    expect((await review(BESIDE)).result).toBe('success');
    expect(world.writes()).toEqual(['POST']);

    const stopped = await review(PAYS);
    expect(stopped).toMatchObject({ result: 'failed', code: 5 });
    expect(bodies()).toEqual([plan(stopped)]);
    expect(world.writes()).toEqual(['POST', 'PUT']);

    const invalid = await review(INVALID);
    expect(invalid).toMatchObject({ result: 'failed', code: 3 });
    expect(bodies()).toEqual([plan(invalid)]);
    expect(plan(invalid)).toContain('no user "Usr2" in site Example');
    expect(await job('charter check')).toMatchObject({ result: 'failed', code: 3 });
    // On a command line every process of the machine would see it.
    expect(JSON.stringify(world.forge().calls)).not.toContain(world.forge().token);
  }, 60_000);

  it('what landed on main meanwhile is no change of the merge request', async () => {
    world = createWorld(BASE);
    world.push('change', READS);
    world.push('main', NEW_USER);
    const result = await job('charter review');
    expect(result.result, result.output).toBe('success');
    expect(plan(result)).toContain('0 to add, 1 to change, 0 to delete');
    expect(result.output).toContain('No CHARTER_NOTE_TOKEN');
    expect(world.forge().calls.map(([name]) => name)).not.toContain('curl');
  });

  it('the note is found among many, and never in what somebody else wrote; one that cannot be written fails nothing', async () => {
    world = createWorld(BASE);
    const others = Array.from({ length: 120 }, (_, id) => ({ id, body: `Note ${id}`, author: { id: 1 } }));
    others[50] = { id: 50, body: '<!-- charter-plan:config -->\nNothing to see here.', author: { id: 1 } };
    const ours = { id: 500, body: '<!-- charter-plan:config -->\nAn older plan.', author: { id: 7 } };
    world.setForge({ comments: [...others, ours] });
    const result = await review(READS);
    expect(world.forge().comments).toEqual([...others, { ...ours, body: plan(result) }]);

    world.setForge({ readOnly: true });
    const refused = await review(PAYS);
    expect(refused).toMatchObject({ result: 'failed', code: 5 });
    expect(refused.output).toContain('error: 403');
  });
});

describe('on the default branch', () => {
  it('the saved plan is applied when somebody presses the button, once, and not where something else came first', async () => {
    world = createWorld(BASE);
    const CHARTER_STORE = join(world.root, 'charter.db');
    const CLIENT1_SECRET = 'CLIENT1-secret-of-a-test-7Yq2mZp4Vt9Kx1Lw8Rb3';
    const variables = { CHARTER_PACKAGE, CHARTER_STORE, CLIENT1_SECRET };
    const job = (name: string) => runJob(world, PIPELINE, name, { source: { branch: 'main' }, variables });
    expect((await job('charter review')).result).toBe('skipped');

    const planned = await job('charter plan');
    expect(planned).toMatchObject({ result: 'success', manual: false });
    const applied = await job('charter apply');
    expect(applied, applied.output).toMatchObject({ result: 'success', manual: true });
    expect(applied.output).toContain('Applied generation 1.');

    world.push('main', READS);
    expect((await job('charter plan')).result).toBe('success');
    world.push('elsewhere', NEW_USER);
    const beside = await charter(['apply', join(world.author, 'config')], { env: { CHARTER_STORE, CLIENT1_SECRET } });
    expect(beside.code, beside.stderr).toBe(0);
    const stale = await job('charter apply');
    expect(stale).toMatchObject({ result: 'failed', code: 6 });
    expect(stale.output).toContain('Stale: something else was applied');
  }, 60_000);
});
