// Owns the first spec that `charter init` writes, and what stands around it. Never holds a secret, and knows no disk: the
// paths are relative to the project.

import { posix } from 'node:path';
import { tidyQuotes } from '../../spec/format-text.ts';
import { editorSchemaFiles } from '../schema.ts';
import type { Answers } from './answers.ts';
import { githubWorkflow, gitlabPipeline } from './ci-files.ts';

const SCHEMAS = '.charter/schema';

/** The spec itself, and what names its files or its variables: only for a directory that has none yet. */
export function specFiles(directory: string, answers: Answers): ReadonlyMap<string, string> {
  const { issuer, site, client } = answers;
  const globs = {
    [`${SCHEMAS}/server.schema.json`]: posix.join(directory, '*.yaml'),
    [`${SCHEMAS}/site.schema.json`]: posix.join(directory, 'sites/**/*.yaml'),
    [`${SCHEMAS}/tests.schema.json`]: posix.join(directory, 'tests/**/*.yaml'),
    [`${SCHEMAS}/server-overlay.schema.json`]: posix.join(directory, 'overlays/*/*.yaml'),
    [`${SCHEMAS}/site-overlay.schema.json`]: posix.join(directory, 'overlays/*/sites/**/*.yaml'),
    [`${SCHEMAS}/tests-overlay.schema.json`]: posix.join(directory, 'overlays/*/tests/**/*.yaml'),
  };
  const [siteName, clientName] = [yaml(site), yaml(client)];
  const server = posix.join(directory, 'server.yaml');
  const first = posix.join(directory, 'sites', `${site}.yaml`);
  return new Map([
    [
      server,
      `${modeline(server, 'server')}
# Who answers, and the ways in which anyone can authenticate.
server:
  issuer: ${yaml(issuer)}
methods:
  client.credentials: { type: client_credentials }
`,
    ],
    [
      first,
      `${modeline(first, 'site')}
# A site is a team's directory: what it writes here, it can change alone. Any number of files add to one site.
site: ${siteName}
methods: [client.credentials]
defaults:
  applications: { methods: [client.credentials] }

applications:
  # Asks for tokens as itself. Its secret is in the environment, never in Git.
  ${clientName}:
    secret: { env: ${variableOf(client)} }
    allowed_to: [Clients]
    metadata:
      grant_types: [client_credentials]

groups:
  # Whoever authenticates with this method is in.
  Clients: { methods: [client.credentials] }
`,
    ],
    ['.vscode/settings.json', `${JSON.stringify({ 'yaml.schemas': globs }, null, 2)}\n`],
    [
      '.env.example',
      `# What charter apply and charter serve need from the environment; validate and plan need nothing of it.
# Copy this file to .env, which Git ignores, and set what charter secret generate prints.
${variableOf(client)}=
`,
    ],
  ]);
}

/** What editors and the CI need beside any spec. */
export function projectFiles(directory: string, { ci }: Answers): ReadonlyMap<string, string> {
  const files = new Map([...editorSchemaFiles()].map(([name, text]) => [posix.join(SCHEMAS, name), text]));
  if (ci === 'github') files.set('.github/workflows/charter.yml', githubWorkflow(directory));
  if (ci === 'gitlab') files.set('.gitlab-ci.yml', gitlabPipeline(directory));
  return files;
}

/** Lines that .gitignore must have: the store with its journals and socket, and the secrets. */
export const IGNORED: readonly string[] = ['charter.db*', '.env'];

/** `CLIENT1_SECRET` */
export function variableOf(client: string): string {
  const name = client.replace(/[^A-Za-z0-9]/g, '_').toUpperCase();
  return `${/^[0-9]/.test(name) ? '_' : ''}${name}_SECRET`;
}

function modeline(file: string, kind: string): string {
  return `# yaml-language-server: $schema=${posix.relative(posix.dirname(file), posix.join(SCHEMAS, `${kind}.schema.json`))}`;
}

function yaml(text: string): string {
  return tidyQuotes(JSON.stringify(text));
}
