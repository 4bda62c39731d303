// Owns the command line: commands, arguments, options and the help that teaches them. Never does a command's work: each
// is loaded when it is called, so that --help and --version answer at once.

import { Argument, Command, Option } from 'commander';
import { describeExitCodes } from './exit-code.ts';
import type { Terminal } from './terminal.ts';
import { collect, parseAddress, parsePort, readDirectory, readOne, readOverlay } from './usage.ts';
import { version } from './version.ts';

/** As schema.ts has them. Here so that --help loads no schema. */
const SCHEMA_KINDS = ['server', 'site', 'server-overlay', 'site-overlay'];
const DIRECTORY = 'directory of the spec: every *.yaml and *.yml file below it';
const STORE = 'file of the store (default: $CHARTER_STORE, else ./charter.db)';
const SECRETS_DIR = 'where the files that { file: … } names are';
const OVERLAY =
  'lay the files of overlays/NAME, or of a directory given by a path, over the spec; may be repeated, the last one wins';

/** The program. Each action tells `end` its exit code. */
export function buildProgram(terminal: Terminal, end: (code: number) => void): Command {
  const program = new Command('charter')
    .description(
      'OAuth 2.0 as code: who may get which token, declared in YAML, reviewed in Git, planned with its access changes, ' +
        'and served from that state.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
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
    .option('--overlay <name|dir>', OVERLAY, readOverlay)
    .option('--fix', 'mend what has one clear fix, in the files, with comments and layout kept')
    .option('--json <file>', 'write what was found as JSON too; - writes it to stdout instead of the text')
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

  command('plan')
    .summary('show what applying a spec would change')
    .description(
      'Show what applying the spec would change against the store: entities, and who gains or loses which access. ' +
        'Writes nothing and needs no secret. A store that does not exist yet is an empty one.',
    )
    .argument('<dir...>', DIRECTORY, readDirectory)
    .option('--store <file>', STORE)
    .option('--secrets-dir <dir>', SECRETS_DIR)
    .option('--overlay <name|dir>', OVERLAY, readOverlay)
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
    .option('--overlay <name|dir>', OVERLAY, readOverlay)
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
    .option('--overlay <name|dir>', OVERLAY, readOverlay)
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

  const secret = command('secret')
    .summary('make a secret, or the hash of one')
    .description('Make a secret for a client, or the hash of a secret for the spec. Neither reads a spec or a store.')
    .usage('generate | hash')
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        [
          'charter secret generate > /run/secrets/client1',
          'charter secret generate | charter secret hash',
          'charter secret hash                              (asks for the secret, twice, without showing it)',
        ],
        ['done', 'failed', 'usage'],
      ),
    )
    // What follows may be a secret by mistake: it is taken, and refused without being repeated.
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_options, { args }: Command) => {
      const { refuseSecret } = await import('./secret.ts');
      refuseSecret(args);
    });
  secret
    .command('generate')
    .usage('')
    .summary('print a new secret of 256 random bits')
    .description(
      'Print a new secret of 256 random bits: chs_, 43 characters, 6 of a checksum. Scanners for leaked secrets find it by ' +
        'chs_[A-Za-z0-9_-]{49}, and Charter needs no costly hash for it.',
    )
    .helpOption('-h, --help', 'print this help')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText(
      'after',
      examples(
        ['export CLIENT1_SECRET="$(charter secret generate)"', 'charter secret generate > secrets/client1'],
        ['done', 'usage'],
      ),
    )
    .action(async (_options, { args }: Command) => {
      const { generateSecret } = await import('./secret.ts');
      end(generateSecret(args, terminal));
    });
  secret
    .command('hash')
    .usage('')
    .summary('print the Argon2id hash of a secret, for { hash: "…" }')
    .description(
      'Read a secret from stdin, or ask for it on a terminal without showing it, and print its Argon2id hash, which may ' +
        'stand in the spec: secret: { hash: "$argon2id$…" }. A newline at the end is no part of the secret. It is never ' +
        'an argument: those are seen by every process and kept by the shell.',
    )
    .helpOption('-h, --help', 'print this help')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText(
      'after',
      examples(
        [
          'charter secret hash',
          'charter secret hash < secrets/client1',
          'printf %s "$CLIENT1_SECRET" | charter secret hash',
        ],
        ['done', 'failed', 'usage'],
      ),
    )
    .action(async (_options, { args }: Command) => {
      const { hashSecret } = await import('./secret.ts');
      end(await hashSecret(args, process.stdin, terminal));
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
    .summary('print or write the JSON Schemas of the documents of a spec')
    .description(
      'Print the JSON Schema (draft 2020-12) of one kind of document, or write the schemas for editors. Without an option, ' +
        'list the kinds.',
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

  command('completion')
    .summary('print a script that completes charter in a shell')
    .description('Print a script that completes commands, options, their values and codes of diagnostics in a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples(
        [
          'charter completion bash > ~/.local/share/bash-completion/completions/charter',
          'charter completion zsh > ~/.zfunc/_charter        (a directory of $fpath)',
          'charter completion fish > ~/.config/fish/completions/charter.fish',
          'source <(charter completion bash)                (for this shell alone)',
        ],
        ['done', 'usage'],
      ),
    )
    .action(async (shell: string) => {
      const { completion } = await import('./completion.ts');
      end(completion(shell, program, terminal));
    });

  command('help')
    .summary('print the help of a command, or what a code means')
    .description('Print the help of a command, or what a code of a diagnostic means and how to mend it.')
    .argument('[topic...]', 'a command (plan) or a code (reference.unknown); none for the help of charter')
    .option('--codes', 'list every code')
    .addHelpText(
      'after',
      examples(['charter help plan', 'charter help reference.unknown', 'charter help --codes'], ['done', 'usage']),
    )
    .action(async (topics: string[], options) => {
      const { help } = await import('./help.ts');
      end(help(topics, options, program, terminal));
    });

  return program;
}

function examples(lines: readonly string[], codes: Parameters<typeof describeExitCodes>[0]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n\n${describeExitCodes(codes)}`;
}
