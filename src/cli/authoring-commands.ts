// Owns the commands of who writes a spec: check, format, begin, and what editors need. Never a command that
// opens a store, and never a command's work (program.ts).

import { Option } from 'commander';
import { type Commands, DIRECTORY, examples, NO_CACHE, OVERLAY, SECRETS_DIR } from './commands.ts';
import { readDirectory, readOne, readOverlay } from './usage.ts';

/** As schema.ts has them. Here so that --help loads no schema. */
const SCHEMA_KINDS = [
  'server',
  'site',
  'tests',
  'server-overlay',
  'site-overlay',
  'tests-overlay',
  'validate',
  'test',
  'answer',
  'plan',
];

export function addAuthoringCommands({ program, command, terminal, end }: Commands): void {
  program.commandsGroup('To write a spec:');

  command('validate')
    .summary('check a spec: every problem, with its place and its fix')
    .description(
      'Check a spec and tell every problem in it, with its place and how to mend it. Needs no store and no secret.',
    )
    .argument('<dir...>', DIRECTORY, readDirectory)
    .option('--secrets-dir <dir>', SECRETS_DIR)
    .option('--overlay <name|dir>', OVERLAY, readOverlay)
    .option('--no-cache', NO_CACHE)
    .option('--fix', 'mend what has one clear fix, in the files, with comments and layout kept')
    .option(
      '--json <file>',
      'write what was found as JSON too (schema --kind validate); - writes it to stdout instead of the text',
    )
    .option('--sarif <file>', 'the same as SARIF 2.1.0, for code scanning')
    .option('--junit <file>', 'the same as a JUnit report: each file is a test')
    .option('--github', 'print annotations for GitHub Actions as well')
    .addHelpText(
      'after',
      examples(
        [
          'charter validate config',
          'charter validate platform teams/payments',
          'charter validate config --fix',
          'charter validate config --sarif charter.sarif --junit charter.xml --github',
          'charter validate config --json - | jq .summary',
        ],
        ['done', 'failed', 'invalid', 'usage'],
      ),
    )
    .action(async (directories: string[], options) => {
      const { validate } = await import('./validate.ts');
      end(await validate(directories, options, terminal));
    });

  command('fmt')
    .summary('put the files of a spec into one order and style')
    .description(
      'Put the files of a spec, its overlays too, into one order and style: keys as in the schema, names in the order of ' +
        'their author, two spaces, comments with what they are about. What a file means never changes; a file with a YAML ' +
        'error is left as it is.',
    )
    .argument('<path...>', 'directories of a spec, or single files; - reads stdin and writes stdout', readDirectory)
    .option('--check', 'write nothing: list the files that are not formatted, and end with 1 when there are any')
    .addHelpText(
      'after',
      examples(
        ['charter fmt config', 'charter fmt --check config', 'charter fmt - < config/server.yaml'],
        ['done', 'failed', 'invalid', 'usage'],
      ),
    )
    .action(async (paths: string[], options) => {
      const { fmt } = await import('./fmt.ts');
      end(await fmt(paths, options, process.stdin, terminal));
    });

  command('init')
    .summary('begin a spec, with a CI job and what editors need')
    .description(
      'Begin a spec that can be served at once: a server, a site and a client, a CI job that checks them, and schemas and ' +
        'settings for editors. Asks on a terminal, and nothing otherwise. Never changes a file that is there: only what ' +
        'is missing is added.',
    )
    .argument('[dir]', 'directory of the spec to begin', readOne, 'config')
    .option('--issuer <url>', 'the URL of the server (default: http://localhost:8080)')
    .option('--site <name>', 'the first site: a team, or a part of the company (default: Example)')
    .option('--client <name>', 'the first client (default: Client1)')
    .addOption(
      new Option('--ci <system>', 'whose CI job to write (default: github)').choices(['github', 'gitlab', 'none']),
    )
    .option('--yes', 'ask nothing: take the defaults for what no option says')
    .addHelpText(
      'after',
      examples(
        ['charter init', 'charter init config --site Payments --client settlement --ci github --yes'],
        ['done', 'failed', 'usage'],
      ),
    )
    .action(async (directory: string, options) => {
      const { init } = await import('./init.ts');
      end(await init(directory, options, { input: process.stdin, output: process.stdout }, terminal));
    });

  command('schema')
    .summary('print or write the JSON Schemas of the documents of a spec, and of plans')
    .description(
      'Print the JSON Schema (draft 2020-12) of one kind of document, or write the schemas for editors. Without an option, ' +
        'list the kinds. plan is that of what plan --json writes.',
    )
    .addOption(new Option('--kind <kind>', 'the kind of document').choices(SCHEMA_KINDS))
    .option('--write <dir>', 'write <dir>/<kind>.schema.json, of the one kind or of all')
    .addHelpText(
      'after',
      examples(
        ['charter schema', 'charter schema --kind site | jq .title', 'charter schema --write .charter/schema'],
        ['done', 'failed', 'usage'],
      ),
    )
    .action(async (options) => {
      const { schema } = await import('./schema.ts');
      end(await schema(options, terminal));
    });
}
