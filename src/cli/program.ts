// Owns the command line: commands, arguments, options and the help that teaches them. Never does a command's work: each
// is loaded when it is called, so that --help and --version answer at once.

import { Command } from 'commander';
import { describeExitCodes } from './exit-code.ts';
import type { Terminal } from './terminal.ts';
import { collect, parseAddress, parsePort, readDirectory } from './usage.ts';
import { version } from './version.ts';

const DIRECTORY = 'directory of the spec: every *.yaml and *.yml file below it';
const STORE = 'file of the store (default: $CHARTER_STORE, else ./charter.db)';
const SECRETS_DIR = 'where the files that { file: … } names are';

/** The program. Each action tells `end` its exit code. */
export function buildProgram(terminal: Terminal, end: (code: number) => void): Command {
  const program = new Command('charter')
    .description(
      'OAuth 2.0 as code: who may get which token, declared in YAML, reviewed in Git, planned with its access changes, ' +
        'and served from that state.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showSuggestionAfterError(true)
    .showHelpAfterError('(charter --help tells more)')
    .addHelpText(
      'after',
      `
Start here:
  charter validate config          is the spec right?
  charter plan config              what would change, in entities and in access?
  charter apply config             make it so, in one transaction
  charter serve config             apply it, serve it, and follow every edit

${describeExitCodes(['done', 'failed', 'pending', 'invalid', 'stale', 'usage'])}`,
    );
  const command = (name: string): Command =>
    program
      .command(name)
      .helpOption('-h, --help', 'print this help')
      .showHelpAfterError(`(charter ${name.split(' ')[0]} --help tells more)`)
      .allowExcessArguments(false);

  command('validate')
    .summary('check a spec: every problem, with its place and its fix')
    .description(
      'Check a spec and tell every problem in it, with its place and how to mend it. Needs no store and no secret.',
    )
    .argument('<dir...>', DIRECTORY, readDirectory)
    .option('--secrets-dir <dir>', SECRETS_DIR)
    .addHelpText(
      'after',
      examples(['charter validate config', 'charter validate platform teams/payments'], ['done', 'invalid', 'usage']),
    )
    .action(async (directories: string[], options) => {
      const { validate } = await import('./validate.ts');
      end(await validate(directories, options, terminal));
    });

  command('plan')
    .summary('show what applying a spec would change')
    .description(
      'Show what applying the spec would change against the store: entities, and who gains or loses which access. ' +
        'Writes nothing and needs no secret. A store that does not exist yet is an empty one.',
    )
    .argument('<dir...>', DIRECTORY, readDirectory)
    .option('--store <file>', STORE)
    .option('--secrets-dir <dir>', SECRETS_DIR)
    .option('--json <file>', 'write the plan as JSON too; - writes it to stdout instead of the text')
    .option('--detailed-exitcode', 'end with 2 when there are changes')
    .addHelpText(
      'after',
      examples(
        [
          'charter plan config',
          'charter plan config --json plan.json --detailed-exitcode',
          'charter plan config --json - | jq .summary',
        ],
        ['done', 'failed', 'pending', 'invalid', 'usage'],
      ),
    )
    .action(async (directories: string[], options) => {
      const { plan } = await import('./plan.ts');
      end(await plan(directories, options, terminal));
    });

  command('apply')
    .summary('apply a spec to the store in one transaction')
    .description('Apply the spec to the store in one transaction, and say what changed. Secrets must be there.')
    .argument('<dir...>', DIRECTORY, readDirectory)
    .option('--store <file>', STORE)
    .option('--secrets-dir <dir>', SECRETS_DIR)
    .option('--json <file>', 'write the applied plan as JSON too; - writes it to stdout instead of the text')
    .addHelpText(
      'after',
      examples(
        ['charter apply config --store /var/lib/charter/charter.db'],
        ['done', 'failed', 'invalid', 'stale', 'usage'],
      ),
    )
    .action(async (directories: string[], options) => {
      const { apply } = await import('./apply.ts');
      end(await apply(directories, options, terminal));
    });

  command('serve')
    .summary('apply a spec, serve it, and follow every edit')
    .description(
      'Apply the spec, serve the token endpoints from it, and go on following its files. An edit that is invalid changes ' +
        'nothing: the last good generation is served until the spec is right again.',
    )
    .argument('<dir...>', DIRECTORY, readDirectory)
    .option('--store <file>', STORE)
    .option('--secrets-dir <dir>', SECRETS_DIR)
    .option('--host <address>', 'address to listen on (default: 127.0.0.1 and ::1)')
    .option('--port <port>', "port to listen on (default: the issuer's)", parsePort)
    .option('--admin <host:port>', "the operator's surface on a loopback address, beside its socket", parseAddress)
    .option('--tls-cert <file>', 'PEM file with the certificate and its chain')
    .option('--tls-key <file>', 'PEM file with the private key of the certificate')
    .option(
      '--behind-proxy <cidr>',
      'a proxy in front that ends TLS and sets X-Forwarded-For; may be repeated',
      collect,
    )
    .addHelpText(
      'after',
      examples(
        [
          'charter serve config',
          'charter serve config --host 0.0.0.0 --port 8443 --tls-cert cert.pem --tls-key key.pem',
          'charter serve config --host 10.0.0.5 --port 8080 --behind-proxy 10.0.0.0/8',
        ],
        ['done', 'failed', 'invalid', 'stale', 'usage'],
      ),
    )
    .addHelpText(
      'after',
      `
Output: what is served and every reload as text on stdout; a log of JSON lines on stderr, on a terminal only its
warnings. CHARTER_LOG_LEVEL (trace, debug, info, warn, error, silent) sets how much. SIGTERM and SIGINT end it
gracefully, a second one at once.`,
    )
    .action(async (directories: string[], options) => {
      const { serve } = await import('./serve/serve.ts');
      end(await serve(directories, options, terminal));
    });

  command('status')
    .summary('ask what the running server serves')
    .description(
      'Ask the running server of a store what it serves and how its last reload ended; without one, the store.',
    )
    .option('--store <file>', STORE)
    .option('--json', 'print the answer as JSON')
    .addHelpText(
      'after',
      examples(['charter status', 'charter status --json | jq .generation'], ['done', 'failed', 'usage']),
    )
    .action(async (options) => {
      const { status } = await import('./status.ts');
      end(await status(options, terminal));
    });

  return program;
}

function examples(lines: readonly string[], codes: Parameters<typeof describeExitCodes>[0]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n\n${describeExitCodes(codes)}`;
}
