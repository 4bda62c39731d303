// Owns one process of plan.mjs: it makes the rows of a store, or measures one subject and prints its figures as JSON,
// `{ figure: { ms, peakRss, heap } }`. Reading rows is outside every figure. Never compares.

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { CHANGES, editedState } from './plan-edits.mjs';
import { median, memory } from './report.mjs';
import { specFiles } from './spec.mjs';

/** How often each figure is measured in one process; the median counts. */
const REPEATS = 5;

/** The instant at which access is compared: any, as long as it is always the same. */
const NOW = Date.UTC(2026, 0, 1);

const dist = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { createState } = await dist('model/state.js');
const { canonicalJson, digestBody, digestStateAfter } = await dist('model/digest.js');

const [, , subject, path, applications] = process.argv;
console.log(JSON.stringify(await { rows, maps, plan }[subject]()));

/** What an apply of the spec writes: address, canonical text and digest of each entity; and as it was compiled. */
async function rows() {
  const { compile } = await dist('spec/compile.js');
  const count = Number(applications);
  const files = specFiles({ applications: count, files: Math.ceil(count / 100) });
  const compiled = compile(files);
  if (!compiled.ok) throw new Error(`the spec has faults: ${compiled.diagnostics[0]?.detail}`);
  const file = openSync(path, 'w');
  for (const [address, entity] of compiled.value.state) {
    const body = canonicalJson(entity);
    writeSync(file, `${JSON.stringify([address, body, digestBody(body), JSON.stringify(entity)])}\n`);
  }
  closeSync(file);
  return { bytes: files.reduce((sum, { text }) => sum + text.length, 0) };
}

/** What the goal is measured by: what differs between two Maps of digests by address. */
async function maps() {
  const { before, digests, after } = readSides();
  const others = new Map([...after].map(([address, entity]) => [address, digestBody(canonicalJson(entity))]));
  before.clear();
  after.clear();
  const ms = timed(() => {
    const changed = [];
    for (const [address, digest] of others) if (digests.get(address) !== digest) changed.push(address);
    for (const address of digests.keys()) if (!others.has(address)) changed.push(address);
    // A rename is two addresses.
    if (changed.length !== CHANGES + 1) throw new Error(`${changed.length} addresses differ`);
  });
  return { maps: { ms, ...memory() } };
}

async function plan() {
  const { makePlan } = await dist('plan/make-plan.js');
  const { before, digests, after, moves } = readSides();
  const base = { kind: 'store', generation: 1, digest: digestStateAfter(digests, [], before) };
  const sides = { before, beforeOrigins: originsOf(before), after, afterOrigins: originsOf(after) };
  const planned = (more) => {
    const made = makePlan({ base, ...sides, moves, now: NOW, ...more });
    if (made.changes.length !== CHANGES || made.access.length === 0)
      throw new Error(`${made.changes.length} changes, ${made.access.length} of access`);
    return made;
  };
  const whole = { ms: timed(() => planned({ beforeDigests: digests })), ...memory() };
  const parts = await measureParts(sides, moves, digests);
  // Against a directory or a commit nothing is hashed yet.
  const unhashed = { ms: timed(() => planned({})), ...memory() };
  return { plan: whole, ...parts, unhashed };
}

/** The parts of a plan one by one, as makePlan puts them together. */
async function measureParts(sides, moves, digests) {
  const { diffStates } = await dist('plan/diff.js');
  const { renamesOf } = await dist('plan/moves.js');
  const { comparedSides } = await dist('plan/compared.js');
  const { affectedClients } = await dist('plan/affected.js');
  const { diffAccess } = await dist('plan/access-diff.js');
  const { diffPermissions } = await dist('plan/permitted.js');
  const { judgeRisks } = await dist('plan/risks.js');
  const { endingSoon } = await dist('plan/ending.js');
  const renames = renamesOf(sides.before, sides.after, moves);
  const changes = diffStates(sides.before, sides.after, renames);
  const compare = () => comparedSides({ ...sides, changes, renames });
  const indexed = compare();
  const access = diffAccess(indexed, NOW);
  const permissions = diffPermissions(indexed, NOW);
  const { before, after } = sides;
  const addresses = changes.map(({ address }) => address);
  const parts = {
    changes: () => diffStates(before, after, renames),
    index: () => compare().after.index(),
    affected: () => affectedClients(indexed),
    access: () => diffAccess(indexed, NOW),
    permissions: () => diffPermissions(indexed, NOW),
    risks: () => judgeRisks({ before, after, changes, access, permissions }),
    digest: () => digestStateAfter(digests, addresses, after),
    ending: () => endingSoon(after, sides.afterOrigins, NOW),
  };
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, { ms: timed(part), ...memory() }]));
}

/** What the store holds, and what a compile of the edited spec gives: no object of the one is one of the other. */
function readSides() {
  const before = [];
  const digests = new Map();
  const after = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    const [address, body, digest, entity] = JSON.parse(line);
    before.push([address, JSON.parse(body)]);
    digests.set(address, digest);
    after.push([JSON.parse(line)[0], JSON.parse(entity)]);
  }
  const { entities, moves } = editedState(after);
  return { before: createState(before), digests, after: createState(entities), moves };
}

function originsOf(state) {
  const at = { line: 1, column: 1, offset: 0 };
  const range = { file: 'spec.yaml', start: at, end: at };
  return new Map([...state.keys()].map((address) => [address, () => range]));
}

function timed(run) {
  const times = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    global.gc();
    const began = performance.now();
    run();
    times.push(performance.now() - began);
  }
  return median(times);
}
