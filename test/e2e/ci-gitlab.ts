// Owns running a job of a GitLab pipeline as its runner does: rules, clone, the lines of a job in one shell, artefacts. Never
// knows what a line should do; a key of a job that it does not heed is an error.

import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './ci-world.ts';

interface Rule {
  readonly if: string;
  readonly when?: string;
}

interface Job {
  readonly script: readonly string[];
  readonly after_script?: readonly string[];
  readonly rules?: readonly Rule[];
  readonly needs?: readonly string[];
  readonly artifacts?: { readonly paths?: readonly string[]; readonly reports?: Readonly<Record<string, string>> };
}

export interface Pipeline {
  readonly workflow: { readonly rules: readonly Rule[] };
  readonly variables: Readonly<Record<string, unknown>>;
  readonly default: { readonly image: string; readonly before_script: readonly string[] };
  readonly [job: string]: unknown;
}

export type Source = { readonly branch: string; readonly target: string } | { readonly branch: 'main' };

export interface JobRun {
  /** `skipped`: no rule wants it. */
  readonly result: 'success' | 'failed' | 'skipped';
  readonly code: number | null;
  readonly output: string;
  /** Whether a person has to press a button for it. */
  readonly manual: boolean;
  /** The directory of the artefacts. */
  readonly artifacts: string;
}

const HEEDED = [
  ...['script', 'after_script', 'rules', 'needs', 'artifacts'],
  // Which runner, and who may: not what it does.
  ...['tags', 'environment', 'resource_group'],
];

/** `variables` are those of the project's settings. */
export async function runJob(
  world: World,
  pipeline: Pipeline,
  name: string,
  { source, variables = {} }: { readonly source: Source; readonly variables?: Readonly<Record<string, string>> },
): Promise<JobRun> {
  const job = pipeline[name] as Job;
  for (const key of Object.keys(job)) if (!HEEDED.includes(key)) throw new Error(`${name}: ${key} is not heeded here`);
  const workspace = world.directory(`builds/${readdirSync(world.directory('builds')).length}`);
  const artifacts = world.directory(`artifacts/${name}`);
  const env: Record<string, string> = {
    ...variables,
    ...texts(pipeline.variables),
    ...predefined(world, source),
    CI_PROJECT_DIR: workspace,
  };
  const always: Omit<Rule, 'if'> = {};
  const wanted = job.rules === undefined ? always : job.rules.find((rule) => holds(rule.if, env));
  const told = { code: null, output: '', manual: wanted?.when === 'manual', artifacts };
  if (wanted === undefined || !pipeline.workflow.rules.some((rule) => holds(rule.if, env))) {
    return { ...told, result: 'skipped' };
  }
  checkout(world, workspace, source, env.GIT_DEPTH);
  for (const need of job.needs ?? []) cpSync(join(world.root, 'artifacts', need), workspace, { recursive: true });
  const lines = [...pipeline.default.before_script, ...job.script].join('\n');
  const { code, output } = await world.shell(lines, workspace, env);
  const after = await world.shell((job.after_script ?? []).join('\n'), workspace, env);
  for (const path of [...(job.artifacts?.paths ?? []), ...Object.values(job.artifacts?.reports ?? {})]) {
    if (existsSync(join(workspace, path))) cpSync(join(workspace, path), join(artifacts, path));
  }
  return { ...told, result: code === 0 ? 'success' : 'failed', code, output: output + after.output };
}

function predefined(world: World, source: Source): Record<string, string> {
  const common = {
    CI: 'true',
    CI_DEFAULT_BRANCH: 'main',
    CI_API_V4_URL: 'https://gitlab.example/api/v4',
    CI_MERGE_REQUEST_PROJECT_ID: '42',
  };
  if (!('target' in source)) return { ...common, CI_PIPELINE_SOURCE: 'push', CI_COMMIT_BRANCH: source.branch };
  return {
    ...common,
    CI_PIPELINE_SOURCE: 'merge_request_event',
    CI_MERGE_REQUEST_IID: String(world.forge().number),
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: source.target,
  };
}

/** The branch of the merge request itself, not a merge; with a depth, that branch alone. */
function checkout(world: World, workspace: string, { branch }: Source, depth = '20'): void {
  const git = (...argv: string[]) => world.gitIn(workspace, ...argv);
  const what = depth === '0' ? ['+refs/heads/*:refs/remotes/origin/*'] : [`--depth=${depth}`];
  git('init', '--quiet');
  git('remote', 'add', 'origin', world.origin);
  git('fetch', '--quiet', '--no-tags', 'origin', ...what, `+refs/heads/${branch}:refs/remotes/origin/${branch}`);
  git('checkout', '--quiet', '--detach', `refs/remotes/origin/${branch}`);
}

/** `$A == "text"` and `$A == $B`, as far as this repository's pipelines have them. */
function holds(condition: string, env: Readonly<Record<string, string>>): boolean {
  const [, left = '', variable, text] = /^\$(\w+) == (?:\$(\w+)|"(.*)")$/.exec(condition) ?? [];
  if (left === '') throw new Error(`unknown condition ${condition}`);
  return env[left] !== undefined && env[left] === (variable === undefined ? text : env[variable]);
}

function texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
