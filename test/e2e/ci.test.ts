// The files for CI as they stand: what they may do, and that those of `charter init` and examples/ci agree.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { githubWorkflow, gitlabPipeline } from '../../src/cli/init/ci-files.ts';
import { REPOSITORY } from './charter.ts';
import { ACTION, preparePull, runJob, type Step, type Workflow } from './ci-github.ts';
import { type Pipeline, runJob as runGitlabJob } from './ci-gitlab.ts';
import { BASE, READS } from './ci-spec.ts';
import { createWorld, type World } from './ci-world.ts';

const file = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');
const EXAMPLE = parse(file('examples/ci/github/charter.yml')) as Workflow;
const INIT = parse(githubWorkflow('config')) as Workflow;
const GITLAB = parse(file('examples/ci/gitlab/.gitlab-ci.yml')) as Pipeline;
const GITLAB_INIT = parse(gitlabPipeline('config')) as Pipeline;

const stepsOf = (workflow: Workflow): readonly Step[] => Object.values(workflow.jobs).flatMap(({ steps }) => steps);
const using = (workflow: Workflow, action: string) =>
  stepsOf(workflow).filter(({ uses }) => uses?.startsWith(`${action}@`));
const named = (workflow: Workflow, name: string) => stepsOf(workflow).filter((step) => step.name === name);

describe.each([
  ['examples/ci/github/charter.yml', EXAMPLE],
  ['what charter init writes', INIT],
])('%s', (_name, workflow) => {
  it('may read the repository, and write no more than a comment of a pull request', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const { permissions = {} } of Object.values(workflow.jobs)) {
      const { 'pull-requests': pulls = 'write', ...others } = permissions;
      expect([pulls, others]).toEqual(['write', permissions.contents === undefined ? {} : { contents: 'read' }]);
    }
    expect(Object.keys(workflow.on)).toEqual(['pull_request', 'push']);
  });

  it('takes every action by its major version, and leaves no credentials in the checkout', () => {
    for (const { uses } of stepsOf(workflow))
      if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+(\.\d+\.\d+)?$/);
    const checkouts = using(workflow, 'actions/checkout');
    expect(checkouts.length).toBeGreaterThan(0);
    for (const step of checkouts) expect(step.with).toMatchObject({ 'persist-credentials': false });
  });
});

it('no text of a pull request is ever a part of a command: expressions stand in no run, only in env', () => {
  const steps = [...stepsOf(EXAMPLE), ...stepsOf(INIT), ...ACTION.runs.steps];
  const commands = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands) expect(command).not.toContain('${{');
  for (const { run, shell } of ACTION.runs.steps) expect([run === undefined, shell]).toEqual([false, 'bash']);
});

describe('charter init and examples/ci agree', () => {
  it('on GitHub: how charter comes to a job, how much history it takes, when it runs', () => {
    const installs = new Set(
      [...named(EXAMPLE, 'Install charter'), ...named(INIT, 'Install charter')].map(({ run }) => run),
    );
    expect([...installs]).toHaveLength(1);
    const checkout = EXAMPLE.jobs.review?.steps[0]?.with;
    expect(using(INIT, 'actions/checkout').map((step) => step.with)).toEqual([checkout]);
    expect(INIT.on).toEqual(EXAMPLE.on);
    const nodes = [EXAMPLE, INIT].flatMap((workflow) => using(workflow, 'actions/setup-node').map((step) => step.with));
    expect(new Set(nodes.map((given) => JSON.stringify(given))).size).toBe(1);
  });

  it('on GitLab: the same, and what a plan is compared with', () => {
    expect(GITLAB_INIT.default).toEqual(GITLAB.default);
    expect(GITLAB_INIT.workflow).toEqual(GITLAB.workflow);
    expect(GITLAB_INIT.variables).toEqual({ GIT_DEPTH: GITLAB.variables.GIT_DEPTH });
    const scripts = [GITLAB_INIT['charter plan'], GITLAB['charter review']].map(
      (job) => (job as { script: string[] }).script,
    );
    const [ours, theirs] = scripts.map((lines) => lines.filter((line) => /git (?:fetch|merge-base)/.test(line)));
    expect(ours).toHaveLength(2);
    expect(ours).toEqual(theirs);
  });
});

describe('what charter init writes, run', () => {
  let world: World;
  beforeAll(() => {
    world = createWorld(BASE);
    world.push('change', READS);
    preparePull(world, 'change');
  });
  afterAll(() => world.remove());

  it('on GitHub: the format, the validity and the plan of a pull request', async () => {
    const vars = { CHARTER_PACKAGE: './tools/charter.tgz' };
    const event = { name: 'pull_request', base: 'main' } as const;
    const { result, summary, output } = await runJob(world, INIT, 'spec', { event, vars });
    expect(result, output).toBe('success');
    expect(summary).toContain('### Charter plan: access +1 −0');
    expect(output).toContain('1 file formatted');
    expect(output).toContain('config: 10 entities in 1 file, 0 errors');

    const unset = await runJob(world, INIT, 'spec', { event });
    expect(unset.steps).toMatchObject({ 'Install charter': 'failure', Plan: 'skipped' });
    expect(unset.output).toContain('CHARTER_PACKAGE: is not set, see INSTALL in this file');
  });

  it('on GitLab: the plan of a merge request', async () => {
    const source = { branch: 'change', target: 'main' };
    const variables = { CHARTER_PACKAGE: './tools/charter.tgz' };
    const { result, output, artifacts } = await runGitlabJob(world, GITLAB_INIT, 'charter plan', { source, variables });
    expect(result, output).toBe('success');
    expect(readFileSync(join(artifacts, 'plan.md'), 'utf8')).toContain('### Charter plan: access +1 −0');
  });
});
