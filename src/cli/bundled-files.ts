// Owns how the files of the bundled command are loaded: each with the code that V8 made of it when it was built, which lies
// beside it. Never knows what is in them, and never writes one.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** Of a file of the bundle, the one with its code. */
export function codeOf(path: string): string {
  return `${path}.code`;
}

/**
 * What loads the files of a directory that name each other as `./NAME`, as `require` would.
 *
 * `onLoad`: told of each script before it runs.
 */
export function bundledFiles(
  directory: string,
  onLoad: (path: string, script: Script) => void = () => undefined,
): (name: string) => unknown {
  const requireOther = createRequire(join(directory, 'package.json'));
  const loaded = new Map<string, { exports: unknown }>();
  const load = (name: string): unknown => {
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const path = join(directory, name);
    const script = scriptOf(path);
    onLoad(path, script);
    const module = { exports: {} };
    loaded.set(name, module);
    script.runInThisContext()(module.exports, requireFrom, module, path, directory);
    return module.exports;
  };
  const requireFrom = (id: string): unknown => (id.startsWith('./') ? load(id.slice(2)) : requireOther(id));
  return load;
}

/**
 * The function that a file is in CommonJS. Code that another V8 made, or this one with other flags, V8 itself refuses, and reads the
 * text; so it does where there is none.
 */
export function scriptOf(path: string): Script {
  // The code first: V8 only compares the lengths of texts, and a build removes all code before it writes the first text.
  const cachedData = readIfThere(codeOf(path));
  const text = `(function(exports,require,module,__filename,__dirname){${readFileSync(path, 'utf8')}\n})`;
  return new Script(text, { filename: path, ...(cachedData === undefined ? {} : { cachedData }) });
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
