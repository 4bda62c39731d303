// Owns running a job of a GitHub workflow as its runner does: expressions, environment, steps in order, composite actions,
// artefacts. Never knows what a step should do; an action that it cannot stand for is an error.

import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { REPOSITORY } from './charter.ts';
import { type Contexts, interpolate, isWanted } from './ci-expression.ts';
import type { World } from './ci-world.ts';

export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

export const ACTION = parse(readFileSync(join(REPOSITORY, 'action.yml'), 'utf8')) as Action;

/** What happened that a workflow runs for. */
export type Event =
  | { readonly name: 'pull_request'; readonly base: string }
  /** To main. */
  | { readonly name: 'push' };

export interface Given {
  readonly event: Event;
  readonly vars?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Outputs of the jobs before. */
  readonly needs?: Readonly<Record<string, { readonly outputs: Readonly<Record<string, string>> }>>;
}

type Outcome = 'success' | 'failure' | 'skipped';

export interface JobResult {
  readonly result: Outcome;
  /** What all steps printed. */
  readonly output: string;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** By name or id, of those that have one. */
  readonly steps: Readonly<Record<string, Outcome>>;
}

/** The merge of the pull request's branch into main as GitHub prepares it, from what both are now. */
export function preparePull(world: World, branch: string): void {
  world.git('checkout', '--quiet', '--detach', 'main');
  world.git('merge', '--quiet', '--no-ff', '-m', 'a merge', branch);
  world.git('push', '--quiet', '--force', 'origin', `HEAD:refs/pull/${world.forge().number}/merge`);
}

export async function runJob(world: World, workflow: Workflow, name: string, given: Given): Promise<JobResult> {
  const job = workflow.jobs[name];
  if (job === undefined) throw new Error(`no job ${name}`);
  const github = githubOf(world, given.event);
  const { vars = {}, secrets = {}, needs = {} } = given;
  const skipped = { result: 'skipped', output: '', summary: '', outputs: {}, steps: {} } as const;
  if (!isWanted(job.if, { github, needs, vars }, { failed: false })) return skipped;

  const workspace = world.directory(`work/${name}-${readdirSync(world.directory('work')).length}`);
  const temp = world.directory(`${basename(workspace)}.temp`);
  const env = {
    ...texts(workflow.env, { github, vars, secrets }),
    ...texts(job.env, { github, vars, secrets, needs }),
  };
  const run = new Run(world, { workspace, temp, event: given.event });
  const contexts = { github, needs, vars, secrets, runner: { temp } };
  const { outputs, failed } = await run.steps(job.steps, contexts, env);
  return {
    result: failed ? 'failure' : 'success',
    output: run.output,
    summary: run.summary,
    outputs: texts(job.outputs, { ...contexts, steps: outputs }),
    steps: run.outcomes,
  };
}

function githubOf(world: World, event: Event) {
  const isPull = event.name === 'pull_request';
  const { number, token } = world.forge();
  return {
    event_name: event.name,
    ref: isPull ? `refs/pull/${number}/merge` : 'refs/heads/main',
    token,
    event: isPull ? { pull_request: { number } } : {},
  };
}

interface Steps {
  readonly outputs: Readonly<Record<string, StepState>>;
  readonly failed: boolean;
}

interface StepState {
  readonly outcome: Outcome;
  readonly outputs: Readonly<Record<string, string>>;
}

interface Place {
  readonly workspace: string;
  readonly temp: string;
  readonly event: Event;
}

class Run {
  output = '';
  summary = '';
  readonly outcomes: Record<string, Outcome> = {};
  readonly #world: World;
  readonly #place: Place;
  #files = 0;

  constructor(world: World, place: Place) {
    this.#world = world;
    this.#place = place;
  }

  async steps(steps: readonly Step[], contexts: Contexts, env: Readonly<Record<string, string>>): Promise<Steps> {
    const outputs: Record<string, StepState> = {};
    let failed = false;
    for (const step of steps) {
      const known = { ...contexts, steps: outputs, env };
      let state: StepState = { outcome: 'skipped', outputs: {} };
      if (isWanted(step.if, known, { failed })) {
        state = await this.#step(step, known, { ...env, ...texts(step.env, known) });
      }
      if (state.outcome === 'failure') failed = true;
      if (step.id !== undefined) outputs[step.id] = state;
      for (const name of [step.id, step.name]) if (name !== undefined) this.outcomes[name] = state.outcome;
    }
    return { outputs, failed };
  }

  async #step(step: Step, contexts: Contexts, env: Readonly<Record<string, string>>): Promise<StepState> {
    if (step.run !== undefined) return await this.#shell(step.run, env);
    const given = texts(step.with, contexts);
    const [action = ''] = (step.uses ?? '').split('@');
    if (action === 'OWNER/charter') return await this.#composite(given, contexts, env);
    if (action === 'actions/checkout') this.#checkout(given);
    else if (action === 'actions/upload-artifact') this.#upload(given);
    else if (action === 'actions/download-artifact') this.#download(given);
    else if (action !== 'actions/setup-node') throw new Error(`no stand-in for ${step.uses}`);
    return { outcome: 'success', outputs: {} };
  }

  async #composite(
    given: Readonly<Record<string, string>>,
    { github, runner }: Contexts,
    env: Readonly<Record<string, string>>,
  ): Promise<StepState> {
    const inputs: Record<string, string> = {};
    for (const [name, input] of Object.entries(ACTION.inputs)) {
      inputs[name] = given[name] ?? interpolate(input.default ?? '', { github });
    }
    for (const name of Object.keys(given)) if (!(name in inputs)) throw new Error(`the action has no input ${name}`);
    const contexts = { github, runner, inputs };
    const { outputs, failed } = await this.steps(ACTION.runs.steps, contexts, {
      ...env,
      GITHUB_ACTION_PATH: REPOSITORY,
    });
    const values = Object.entries(ACTION.outputs).map(
      ([name, { value }]) => [name, interpolate(value, { ...contexts, steps: outputs })] as const,
    );
    return { outcome: failed ? 'failure' : 'success', outputs: Object.fromEntries(values) };
  }

  async #shell(lines: string, env: Readonly<Record<string, string>>): Promise<StepState> {
    const { workspace, temp, event } = this.#place;
    this.#files += 1;
    const files = Object.fromEntries(
      ['OUTPUT', 'ENV', 'PATH', 'STEP_SUMMARY'].map((name) => [`GITHUB_${name}`, join(temp, `${name}${this.#files}`)]),
    );
    for (const file of Object.values(files)) writeFileSync(file, '');
    const { code, output } = await this.#world.shell(lines, workspace, {
      ...env,
      ...files,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: workspace,
      GITHUB_REPOSITORY: 'example/access',
      GITHUB_BASE_REF: event.name === 'pull_request' ? event.base : '',
      RUNNER_TEMP: temp,
    });
    this.output += output;
    this.summary += readFileSync(files.GITHUB_STEP_SUMMARY as string, 'utf8');
    for (const name of ['GITHUB_ENV', 'GITHUB_PATH']) {
      if (readFileSync(files[name] as string, 'utf8') !== '')
        throw new Error(`a step writes ${name}, which is not read here`);
    }
    const outputs = readFileSync(files.GITHUB_OUTPUT as string, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const [, name = '', value = ''] = /^([\w-]+)=(.*)$/.exec(line) ?? [];
        if (name === '') throw new Error(`no output of a step: ${line}`);
        return [name, value] as const;
      });
    return { outcome: code === 0 ? 'success' : 'failure', outputs: Object.fromEntries(outputs) };
  }

  /** As actions/checkout does: a new repository, and one fetch that brings no more than it has to. */
  #checkout(given: Readonly<Record<string, string>>): void {
    const { workspace, event } = this.#place;
    const git = (...argv: string[]) => this.#world.gitIn(workspace, ...argv);
    const pull = `refs/pull/${this.#world.forge().number}/merge`;
    const [from, to] =
      event.name === 'push'
        ? ['refs/heads/main', 'refs/remotes/origin/main']
        : [pull, pull.replace('refs/', 'refs/remotes/')];
    git('init', '--quiet');
    git('remote', 'add', 'origin', this.#world.origin);
    const depth = given['fetch-depth'] ?? '1';
    const what = depth === '0' ? ['+refs/heads/*:refs/remotes/origin/*'] : [`--depth=${depth}`];
    git('fetch', '--quiet', '--no-tags', 'origin', ...what, `+${from}:${to}`);
    git('checkout', '--quiet', '--detach', to);
  }

  /** The content of a directory, or one file. */
  #upload({ path = '', name = '' }: Readonly<Record<string, string>>): void {
    const asked = resolve(this.#place.workspace, path);
    const artifact = this.#world.directory(`artifacts/${name}`);
    cpSync(asked, statSync(asked).isDirectory() ? artifact : join(artifact, basename(asked)), { recursive: true });
  }

  #download({ name = '' }: Readonly<Record<string, string>>): void {
    cpSync(join(this.#world.root, 'artifacts', name), this.#place.workspace, { recursive: true });
  }
}

function texts(values: Readonly<Record<string, unknown>> = {}, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, interpolate(String(value), contexts)]),
  );
}
