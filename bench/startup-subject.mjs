// Owns one process of startup.mjs that does the bare thing: reads the rows of a store, or watches a directory. Never compares.

import Database from 'better-sqlite3';

const [, , subject, path] = process.argv;
await { rows, watch }[subject]();

/** Every row that serving from the store needs, and each entity as an object. Prints when it has them. */
async function rows() {
  const db = new Database(path, { readonly: true });
  const entities = new Map();
  for (const row of db.prepare('SELECT address, digest, since, body, origin FROM entity ORDER BY address').iterate()) {
    entities.set(row.address, { ...row, body: JSON.parse(row.body) });
  }
  const verifiers = db.prepare('SELECT address, slot, phc FROM verifier').all();
  console.log(`${entities.size} ${verifiers.length}`);
}

/** Prints `ready`, and then a line for each event. */
async function watch() {
  const { watch: watchFiles } = await import('chokidar');
  const watcher = watchFiles(path, { ignoreInitial: true });
  watcher.on('change', (changed) => console.log(changed));
  watcher.on('ready', () => console.log('ready'));
}
