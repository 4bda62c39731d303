// Owns `charter keys`: which keys a store signs with, how new ones take over, and how one is taken away. Never shows a private
// half, and never decides which key signs (signing-keys.ts).

import { formatInstant } from '../model/duration.ts';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../model/entity.ts';
import { Failure } from '../model/failure.ts';
import { generateSigningKeys } from '../oauth/keys.ts';
import type { SigningKey } from '../oauth/port.ts';
import { retiredFrom, signingKey } from '../oauth/signing-keys.ts';
import { columnWidth, escapeControls, pad } from '../plan/style.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { openStoreLate } from './late-store.ts';
import { count } from './names.ts';
import { printJson } from './outputs.ts';
import { tellServer } from './running-server.ts';
import { storeOption, storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

interface StoreOption {
  readonly store?: string;
}

export interface ListOptions extends StoreOption {
  readonly json?: boolean;
}

export async function listKeys(options: ListOptions, terminal: Terminal): Promise<ExitCode> {
  const store = await openSqliteStore(storePath(options.store, terminal.env), { readOnly: true, mustExist: true });
  try {
    const keys = inOrder(await store.signingKeys());
    const now = Date.now();
    if (options.json === true) terminal.out(printJson({ keys: keys.map((key) => keyToJson(key, keys, now)) }));
    else terminal.out(tableOf(keys, now));
    return EXIT.done;
  } finally {
    await store.close();
  }
}

/** What a key does at an instant. Public in the JSON: never renamed. */
type KeyState = 'signs' | 'will_sign' | 'published' | 'retired';

function stateOf(key: SigningKey, keys: readonly SigningKey[], now: number): KeyState {
  if (signingKey(keys, key.alg, now) === key) return 'signs';
  const end = retiredFrom(key, keys);
  if (key.active_from > now) return 'will_sign';
  return end === undefined || now < end ? 'published' : 'retired';
}

function speakState(key: SigningKey, keys: readonly SigningKey[], now: number): string {
  switch (stateOf(key, keys, now)) {
    case 'signs':
      return 'signs now';
    case 'will_sign':
      return `signs from ${formatInstant(key.active_from)}, published already`;
    case 'published':
      return `published until ${formatInstant(retiredFrom(key, keys) ?? now)}`;
    case 'retired':
      return 'may be removed';
  }
}

function tableOf(keys: readonly SigningKey[], now: number): string {
  if (keys.length === 0) return 'The store has no signing keys yet: charter serve makes them when it starts first.\n';
  const rows = [
    ['Key', 'Algorithm', 'State', 'Made'],
    ...keys.map((key) => [key.kid, key.alg, speakState(key, keys, now), formatInstant(key.created_at)]),
  ];
  const widths = [0, 1, 2].map((column) =>
    columnWidth(
      rows.map((row) => row[column] ?? ''),
      WIDEST_COLUMN,
    ),
  );
  return rows.map((row) => `${row.map((cell, column) => pad(cell, widths[column] ?? 0)).join('  ')}\n`).join('');
}

const WIDEST_COLUMN = 60;

function keyToJson(key: SigningKey, keys: readonly SigningKey[], now: number): object {
  const end = retiredFrom(key, keys);
  return {
    kid: key.kid,
    alg: key.alg,
    state: stateOf(key, keys, now),
    made_at: formatInstant(key.created_at),
    signs_from: formatInstant(key.active_from),
    ...(end === undefined ? {} : { published_until: formatInstant(end) }),
  };
}

/** By algorithm, and of each the one that begins last first. */
function inOrder(keys: readonly SigningKey[]): readonly SigningKey[] {
  return SIGNING_ALGORITHMS.flatMap((alg) =>
    keys.filter((key) => key.alg === alg).sort((a, b) => b.active_from - a.active_from),
  );
}

export interface RotateOptions extends StoreOption {
  readonly alg?: readonly SigningAlgorithm[];
  /** Seconds for which a key is published before it signs. */
  readonly in?: number;
  readonly now?: boolean;
}

/** Seconds. Longer than libraries commonly keep a key set, and than Charter lets it be kept. */
const DEFAULT_LEAD = 3600;
/** Under this (seconds) some clients have not fetched the new key when it begins: libraries keep a set for ten minutes. */
const SHORT_LEAD = 600;

export async function rotateKeys(options: RotateOptions, terminal: Terminal): Promise<ExitCode> {
  const path = storePath(options.store, terminal.env);
  const store = await openSqliteStore(path, { mustExist: true });
  try {
    const now = Date.now();
    const lead = options.now === true ? 0 : (options.in ?? DEFAULT_LEAD);
    const present = new Set((await store.signingKeys()).map(({ alg }) => alg));
    const algorithms = SIGNING_ALGORITHMS.filter((alg) => options.alg?.includes(alg) ?? true);
    // Nothing was signed with the first key of an algorithm: there is nobody who waits for another.
    const first = algorithms.filter((alg) => !present.has(alg));
    const others = algorithms.filter((alg) => present.has(alg));
    const active_from = now + lead * 1000;
    const made = [
      ...(await generateSigningKeys(now, { algorithms: first })),
      ...(await generateSigningKeys(now, { algorithms: others, active_from })),
    ];
    await store.insertSigningKeys(made);
    terminal.out(toldOfRotation(inOrder(made), now, path));
    if (lead < SHORT_LEAD && others.length > 0) terminal.err(CACHING);
    await tellServer(path, terminal);
    return EXIT.done;
  } finally {
    await store.close();
  }
}

const CACHING =
  'warning: who keeps the key set in memory does not know these keys yet. Most fetch it again when they meet a key that they\n' +
  'do not know; who does not refuses the new tokens until then. A rotation with --in 1h spares them that.\n';

function toldOfRotation(made: readonly SigningKey[], now: number, path: string): string {
  const lines = made.map(({ kid, alg, active_from }) => {
    const since = active_from <= now ? 'now' : formatInstant(active_from);
    return `  ${pad(alg, 6)} ${kid}  signs from ${since} on\n`;
  });
  return (
    `Made ${count(made.length, 'key')}, published from now on:\n${lines.join('')}` +
    'The keys before them are published for as long as a token that they signed may live, and then removed. One that leaked\n' +
    `is to be taken away: charter keys remove KID${storeOption(path)}\n`
  );
}

export async function removeKey(kid: string, options: StoreOption, terminal: Terminal): Promise<ExitCode> {
  const path = storePath(options.store, terminal.env);
  const store = await openStoreLate(path, { mustExist: true });
  try {
    const keys = await store.signingKeys();
    const key = keys.find((one) => one.kid === kid);
    if (key === undefined) {
      throw new Failure(
        'key_unknown',
        `The store has no signing key ${escapeControls(kid)}: charter keys list${storeOption(path)} lists them.`,
      );
    }
    if (!keys.some((one) => one.alg === key.alg && one !== key)) throw lastOf(key, path);
    await store.openForWriting();
    // Another process may take the others away at the same time: the store decides.
    if ((await store.deleteSigningKeys([kid])).length === 0) throw lastOf(key, path);
    const now = Date.now();
    const state = stateOf(key, keys, now);
    const next = signingKey(await store.signingKeys(), key.alg, now);
    terminal.out(`Removed ${kid} (${key.alg}).\n${endOf(state)}\n`);
    if (state === 'signs') terminal.out(`${next.kid} signs from now on${ahead(next, now)}.\n`);
    await tellServer(path, terminal);
    return EXIT.done;
  } finally {
    await store.close();
  }
}

function lastOf({ kid, alg }: SigningKey, path: string): Failure {
  return new Failure(
    'key_last',
    `${kid} is the only key for ${alg}: without it nothing could be signed. Make another first, then remove it: ` +
      `charter keys rotate --alg ${alg} --now${storeOption(path)}`,
  );
}

/** What the end of a key ends. */
function endOf(state: KeyState): string {
  if (state === 'will_sign') return 'It had signed nothing: no token ends.';
  if (state === 'retired') return 'What it signed had ended: no token ends.';
  return (
    'The tokens that it signed are refused from now on. Who checks JWTs without asking takes them until the key set that it\n' +
    'keeps is fetched again.'
  );
}

function ahead({ active_from }: SigningKey, now: number): string {
  return active_from <= now
    ? ''
    : `, and not only from ${formatInstant(active_from)}: who keeps the key set may not know it`;
}
