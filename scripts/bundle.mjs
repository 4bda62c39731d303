// Owns the command as it is run, dist/bundle/charter.js: its modules, and the libraries that are plain JavaScript, in few files, so that a command
// that ends at once does not spend its time on finding a hundred; and beside each file the code that V8 makes of it, so that it does not spend it on
// reading them. The modules stay beside, as they were compiled. Never compiles.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const directory = `${dist}bundle`;

/** The others are loaded as they are: native, or so large that only who serves should read them. */
const BUNDLED = ['ajv-formats', 'commander', 'fastest-levenshtein', 'ipaddr.js', 'jose', 'yaml'];

/**
 * Each is one file with all that this module loads before it begins, but for what those before it hold: who validates reads
 * three of them, and nothing of plans.
 */
const LAYERS = {
  begin: 'cli/main.js',
  commands: 'cli/run-program.js',
  spec: 'cli/validate.js',
  plan: 'cli/plan.js',
  ask: 'cli/explain.js',
  store: 'cli/apply.js',
  serve: 'cli/serve/serve.js',
};

/** Threads are started by the file that stands beside the one that starts them: each is one. The start itself loads the layers. */
const ALONE = {
  charter: 'cli/launch.js',
  worker: 'store/worker.js',
  'compile-worker': 'reconcile/compile-worker.js',
  'parse-worker': 'reconcile/parse-worker.js',
};

export async function bundle() {
  // Of files that are no more: V8 does not see it where another text has the same length.
  for (const name of codeFiles()) rmSync(`${directory}/${name}`, { force: true });
  for (const [name, path] of Object.entries(ALONE)) await write({ [name]: path }, false);
  const layerOf = layers();
  await write(
    { main: LAYERS.begin },
    {
      includeDependenciesRecursively: false,
      groups: [{ debugName: 'layers', name: (id, graph) => layerOf(id, graph) ?? null }],
    },
  );
  // In a package of modules these files are none: as CommonJS they start sooner.
  writeFileSync(`${directory}/package.json`, '{ "type": "commonjs" }\n');
  execFileSync(process.execPath, [fileURLToPath(new URL('bundle-code.mjs', import.meta.url)), directory], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function codeFiles() {
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.code')) : [];
}

async function write(entries, codeSplitting) {
  const build = await rolldown({
    cwd: dist,
    input: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, `${dist}${path}`])),
    platform: 'node',
    external: isExternal,
    logLevel: 'warn',
    preserveEntrySignatures: false,
  });
  await build.write({
    dir: directory,
    format: 'cjs',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    sourcemap: true,
    // Names stay, for who reads a stack trace; the maps tell the lines.
    comments: false,
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    codeSplitting,
  });
  await build.close();
}

function isExternal(id) {
  if (id.startsWith('node:') || builtinModules.includes(id)) return true;
  if (id.startsWith('.') || id.startsWith('/') || id.startsWith('\0')) return false;
  return !BUNDLED.some((name) => id === name || id.startsWith(`${name}/`));
}

/** The first layer that a module is loaded with; undefined where only a command that is no layer loads it. */
function layers() {
  let known;
  return (id, graph) => {
    known ??= reached(graph);
    return known.get(id);
  };
}

function reached(graph) {
  const layer = new Map();
  for (const [name, path] of Object.entries(LAYERS)) {
    const waiting = [`${dist}${path}`];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const module = layer.has(id) ? null : graph.getModuleInfo(id);
      if (module === null) continue;
      layer.set(id, name);
      waiting.push(...module.importedIds);
    }
  }
  return layer;
}
