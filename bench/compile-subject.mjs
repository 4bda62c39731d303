// Owns one process of compile.mjs: it measures one subject and prints its figures as JSON, `{ figure: { ms, peakRss, heap } }`.
// Reading the files is outside every figure. Never compares.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, memory } from './report.mjs';
import { edited } from './spec.mjs';

/** How often what is quick is measured in one process; the median counts. */
const REPEATS = 3;

const [, , subject, directory] = process.argv;
const figures = await { yaml, json, compile }[subject]();
console.log(JSON.stringify(figures));

/** The parser that Charter stands on, with positions and the same options; nothing is kept. */
async function yaml() {
  const { LineCounter, parseAllDocuments } = await import('yaml');
  const files = readAll('.yaml');
  let ms = 0;
  for (const { path, text } of files) {
    const began = performance.now();
    const lineCounter = new LineCounter();
    const documents = parseAllDocuments(text, {
      lineCounter,
      version: '1.2',
      schema: 'core',
      merge: false,
      uniqueKeys: false,
      logLevel: 'silent',
    });
    ms += performance.now() - began;
    // For the subject json; outside the figure.
    writeFileSync(join(directory, `${path}.json`), JSON.stringify(documents.map((document) => document.toJS())));
  }
  return { yaml: { ms, ...memory() } };
}

async function json() {
  const texts = readAll('.json').map(({ text }) => text);
  const times = [];
  let parsed;
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    parsed = undefined;
    global.gc();
    const began = performance.now();
    parsed = texts.map((text) => JSON.parse(text));
    times.push(performance.now() - began);
  }
  return { json: { ms: median(times), ...memory(), documents: parsed.length } };
}

async function compile() {
  const { compile: compileSpec } = await import('../dist/spec/compile.js');
  const { KeptDocuments } = await import('../dist/spec/kept-documents.js');
  const { parseAhead } = await import('../dist/reconcile/parse-ahead.js');
  const kept = new KeptDocuments();
  let files = readAll('.yaml');
  /** Files read again are texts of their own: comparing them is part of the figure. */
  const again = () => readAll('.yaml');
  let result;
  const timed = async (spec) => {
    result = undefined;
    // As the thread that compiles for `serve` does when it has answered.
    kept.settle();
    global.gc();
    const began = performance.now();
    await parseAhead(spec, kept);
    result = compileSpec(spec, { kept });
    const ms = performance.now() - began;
    if (!result.ok || result.diagnostics.length > 0)
      throw new Error(`the spec has faults: ${result.diagnostics[0]?.detail}`);
    return ms;
  };

  const cold = { ms: await timed(files), ...memory() };
  const keptTimes = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) keptTimes.push(await timed(again()));
  const warm = { ms: median(keptTimes), ...memory() };
  const changedTimes = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    // One file after the other: each compile finds a single one that is not what it was.
    const at = 1 + ((repeat * 17) % (files.length - 1));
    files = files.map((file, position) => (position === at ? edited(file) : file));
    const texts = new Map(files.map(({ path, text }) => [path, text]));
    const spec = again().map((file) =>
      texts.get(file.path) === file.text ? file : { ...file, text: texts.get(file.path) },
    );
    changedTimes.push(await timed(spec));
  }
  const changed = { ms: median(changedTimes), ...memory() };
  return { cold, kept: warm, changed };
}

function readAll(ending) {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(directory, path), 'utf8') }));
}
