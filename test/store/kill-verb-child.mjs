// Owns the process that kill-verbs.test.ts kills: it runs one small write, and dies in front of a statement of it. Runs the
// built program, as Node 20 loads no TypeScript.

import { checkpoints } from '../../dist/store/checkpoint.js';
import { groupedVerbs } from '../../dist/store/grants.js';
import { openConnections } from '../../dist/store/open.js';
import { writeStatements } from '../../dist/store/sql.js';
import { WriteQueue } from '../../dist/store/write-queue.js';

const [path, verb, args, dieBefore] = process.argv.slice(2);
const { writer: db } = openConnections(path, { readOnly: false, mustExist: true });

let statements = 0;
/** Counts each statement of the verb, reads too, and dies in front of the one that was named. */
function deadly(statement) {
  const counted =
    (name) =>
    (...parameters) => {
      statements++;
      if (statements === Number(dieBefore)) process.kill(process.pid, 'SIGKILL');
      return statement[name](...parameters);
    };
  return { run: counted('run'), get: counted('get'), all: counted('all') };
}

const statementsOf = (found) => (Array.isArray(found) ? found.map(deadly) : 'reader' in found ? deadly(found) : found);
const sql = Object.fromEntries(Object.entries(writeStatements(db)).map(([name, one]) => [name, statementsOf(one)]));
const verbs = groupedVerbs(sql);
const commit = db.prepare('COMMIT');
// The last statement is the commit itself.
const committing = deadly(commit);
const told = [];
const queue = new WriteQueue({
  db: new Proxy(db, {
    get: (target, name) => {
      if (name === 'prepare') return (text) => (text === 'COMMIT' ? committing : target.prepare(text));
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  }),
  path,
  isLone: () => false,
  run: (request) => verbs[request.verb](...request.args),
  pump: () => undefined,
  answer: (_, value) => told.push({ value }),
  refuse: (_, error) => told.push({ error: String(error) }),
  checkpoint: checkpoints(db),
});
queue.push({ id: 1, verb, args: JSON.parse(args) });
queue.drain();
process.stdout.write(JSON.stringify({ told, statements }));
