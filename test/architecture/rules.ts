// Owns the import table of the architecture (ARCHITECTURE.md) as code: ranks, packages, purity of the core.
// Never reads files: it judges the sources that it is given, so that a planted violation can be judged too.

import { type Node, parseSync, Visitor } from 'oxc-parser';

export interface Source {
  /** Relative to the repository: `src/model/state.ts`. */
  readonly path: string;
  readonly text: string;
}

interface Folder {
  readonly rank: number;
  /** Packages (and `node:` modules) that the folder may import; `any` only at the top. */
  readonly packages: readonly (string | RegExp)[] | 'any';
  /** As pure as the core, whatever its rank: it tells people, and is given what it tells. */
  readonly pure?: true;
}

const NODE = /^node:/;

export const FOLDERS: Readonly<Record<string, Folder>> = {
  model: { rank: 0, packages: ['node:crypto', 'ipaddr.js'] },
  spec: { rank: 1, packages: ['yaml', 'ajv', /^ajv-formats($|\/)/, 'fastest-levenshtein'] },
  access: { rank: 1, packages: [] },
  plan: { rank: 2, packages: ['ajv'] },
  oauth: { rank: 2, packages: ['asn1js', 'jose', 'pkijs', '@node-rs/argon2', 'node:crypto'] },
  store: { rank: 3, packages: [NODE, 'better-sqlite3'] },
  outbound: { rank: 3, packages: [NODE, 'undici'] },
  http: { rank: 3, packages: [NODE, 'fastify', 'undici', 'pino', 'cookie', 'preact', 'preact-render-to-string'] },
  reconcile: { rank: 3, packages: [NODE, 'chokidar'] },
  explain: { rank: 3, packages: ['node:crypto'], pure: true },
  cli: { rank: 4, packages: 'any' },
};

/** The pure core: no clock, no chance, no process, no console, no network, no file system. */
const CORE_RANK = 2;
const IMPURE_GLOBALS = new Set([
  'process',
  'console',
  'fetch',
  'performance',
  'globalThis',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'require',
]);
const IMPURE_MEMBERS = new Set(['Date.now', 'Math.random', 'crypto.randomUUID', 'crypto.getRandomValues']);
/** Random sources of node:crypto: the core is given its randomness. */
const RANDOM_IMPORTS = new Set(['randomBytes', 'randomFillSync', 'randomFill', 'randomInt', 'randomUUID', 'webcrypto']);

/** Folder names that say nothing, and the barrel file. */
const FORBIDDEN_NAMES = /(^|\/)(utils?|helpers?|common|misc|shared)(\/|\.ts$)|manager\.ts$|(^|\/)index\.ts$/i;

/** Every breach of the rules, as `path: what`. */
export function violations(sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) => violationsOf(source).map((what) => `${source.path}: ${what}`));
}

function violationsOf(source: Source): readonly string[] {
  const found: string[] = [];
  const name = source.path.split('/')[1] as string;
  const folder = FOLDERS[name];
  if (folder === undefined) return [`the folder src/${name} is not in the table`];
  if (FORBIDDEN_NAMES.test(source.path)) found.push('a name that says nothing, or a barrel');
  if (!source.path.endsWith('.gen.ts') && !/^(#!.*\n+)?\/\/ Owns /.test(source.text)) {
    found.push('does not open with the comment that says what it owns');
  }

  const parsed = parseSync(source.path, source.text);
  if (parsed.errors.length > 0) return [...found, 'does not parse'];
  for (const target of importsOf(parsed, source.text)) {
    const breach = target.startsWith('.') ? folderBreach(source.path, target, folder) : packageBreach(target, folder);
    if (breach !== undefined) found.push(breach);
  }
  if (folder.rank <= CORE_RANK || folder.pure === true) found.push(...impurities(parsed.program));
  return found;
}

function importsOf(parsed: ReturnType<typeof parseSync>, text: string): readonly string[] {
  const { staticImports, staticExports, dynamicImports } = parsed.module;
  const types: string[] = [];
  new Visitor({
    TSImportType(node) {
      types.push(node.source.value);
    },
  }).visit(parsed.program);
  return [
    ...staticImports.map((statement) => statement.moduleRequest.value),
    ...staticExports.flatMap((statement) => statement.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ...dynamicImports.map(({ moduleRequest }) => text.slice(moduleRequest.start + 1, moduleRequest.end - 1)),
    ...types,
  ];
}

function folderBreach(path: string, target: string, folder: Folder): string | undefined {
  const url = new URL(target, `file:///${path}`).pathname.slice(1);
  const [root, name] = url.split('/');
  const own = path.split('/')[1];
  if (root !== 'src') return url === 'package.json' && folder.rank === 4 ? undefined : `imports ${url}, outside src`;
  if (name === own) return undefined;
  const other = FOLDERS[name as string];
  if (other === undefined || other.rank >= folder.rank) {
    return `src/${own} (rank ${folder.rank}) imports src/${name} (rank ${other?.rank ?? '?'})`;
  }
  return undefined;
}

function packageBreach(target: string, folder: Folder): string | undefined {
  if (folder.packages === 'any') return undefined;
  const allowed = folder.packages.some((one) => (typeof one === 'string' ? one === target : one.test(target)));
  return allowed ? undefined : `imports the package ${target}`;
}

function impurities(program: Node): readonly string[] {
  const found: string[] = [];
  const ignored = new Set<unknown>();
  new Visitor({
    MemberExpression(node) {
      if (!node.computed) ignored.add(node.property);
      if (node.object.type === 'Identifier' && node.property.type === 'Identifier') {
        const member = `${node.object.name}.${node.property.name}`;
        if (IMPURE_MEMBERS.has(member)) found.push(`uses ${member}`);
      }
    },
    Property(node) {
      if (!node.computed && !node.shorthand) ignored.add(node.key);
    },
    TSPropertySignature(node) {
      ignored.add(node.key);
    },
    TSMethodSignature(node) {
      ignored.add(node.key);
    },
    NewExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0) {
        found.push('uses new Date() without an argument');
      }
    },
    CallExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date') found.push('calls Date()');
    },
    ImportSpecifier(node) {
      if (node.imported.type === 'Identifier' && RANDOM_IMPORTS.has(node.imported.name)) {
        found.push(`imports ${node.imported.name}`);
      }
    },
    Identifier(node) {
      if (IMPURE_GLOBALS.has(node.name) && !ignored.has(node)) found.push(`uses ${node.name}`);
    },
  }).visit(program as Parameters<Visitor['visit']>[0]);
  return found;
}
