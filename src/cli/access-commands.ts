// Owns the commands that answer questions about a spec. Never a command's work (program.ts).

import { Option } from 'commander';
import { type Commands, DIRECTORY, examples, OVERLAY, SECRETS_DIR } from './commands.ts';
import { addQuestionCommands, withStates } from './question-commands.ts';
import { readDirectory, readInstant, readOverlay, readPercent } from './usage.ts';

export function addAccessCommands(commands: Commands): void {
  const { program, command, terminal, end } = commands;
  program.commandsGroup('To ask it:');
  addQuestionCommands(commands);

  command('test')
    .summary('run the tests of access of a spec')
    .description(
      'Run the tests of access of a spec against what it declares, and tell of each that fails what is wrong and by which ' +
        'links. Needs no store and no secret. With --coverage also tell the links that no test would miss: memberships, ' +
        'allowed_to, methods, impersonations, and what clients may ask for.',
    )
    .argument('[dir...]', `${DIRECTORY} (default: the current directory)`, readDirectory)
    .option('--filter <text>', 'only tests that have this in their name')
    .option('--coverage', 'take each link away, and tell those without which no test fails')
    .option('--coverage-min <percent>', 'the same, and end with 4 where fewer links are covered', readPercent)
    .option(
      '--at <instant>',
      'the instant for which the tests are run: 2027-01-31T12:00:00Z (default: now)',
      readInstant,
    )
    .option('--secrets-dir <dir>', SECRETS_DIR)
    .option('--overlay <name|dir>', OVERLAY, readOverlay)
    .option(
      '--json <file>',
      'write how the tests end as JSON too (schema --kind test); - writes it to stdout instead of the text',
    )
    .option('--sarif <file>', 'the same as SARIF 2.1.0, for code scanning')
    .option('--junit <file>', 'the same as a JUnit report')
    .option('--github', 'print annotations for GitHub Actions as well')
    .addHelpText(
      'after',
      examples(
        [
          'charter test config',
          'charter test config --filter ledger',
          'charter test config --coverage',
          'charter test config --coverage-min 90 --junit access.xml --github',
          'charter test config --json - | jq .coverage.uncovered',
        ],
        ['done', 'failed', 'invalid', 'test', 'usage'],
      ),
    )
    .action(async (directories: string[], options) => {
      const { test } = await import('./test.ts');
      end(await test(directories.length === 0 ? ['.'] : directories, options, terminal));
    });

  withStates(
    command('graph')
      .summary('draw who reaches what, and the way of one question')
      .description(
        'Draw who reaches what: applications, users, groups and scopes with the links between them, of all or of what some ' +
          'clients rest on. Of many, those that are alike are drawn as one, with their number. The page is one file that needs ' +
          'no network: search it, walk it by keys, and ask it who gets what.',
      )
      .argument('[client...]', 'clients, by client_id, Site/Name, or a name that only one has (default: everything)')
      .addOption(
        new Option('--format <format>', 'what to write').choices(['mermaid', 'dot', 'html']).default('mermaid'),
      )
      .option('--ask <name>', 'mark the way by which the one client gets this application or scope, or what is missing')
      .option('--user <name>', 'with --ask: for a user who logs in')
      .option('--full', 'draw each by itself, however many there are')
      .option('--out <file>', 'write a file (default: stdout)'),
  )
    .addHelpText(
      'after',
      examples(
        [
          'charter graph --dir config --format html --out access.html',
          'charter graph settlement-job --format dot | dot -Tsvg > access.svg',
          'charter graph Payments/settlement-job --ask ledger-api',
          'charter graph portal --ask orders-api --user Shop/ada --format html --out access.html',
        ],
        ['done', 'failed', 'invalid', 'usage'],
      ),
    )
    .action(async (clients: string[], options) => {
      const { graph } = await import('./graph.ts');
      end(await graph(clients, options, terminal));
    });
}
