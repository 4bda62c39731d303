// Owns the commands of who runs a server: plan, apply, serve, status, and secrets. Never a command's work (program.ts).

import type { Command } from 'commander';
import { AGAINST, readAgainst } from './against.ts';
import {
  APPROVE,
  type Commands,
  DIRECTORY,
  examples,
  NO_CACHE,
  OVERLAY,
  readApproval,
  SECRETS_DIR,
  STORE,
  withPlanOutputs,
  withTextOptions,
} from './commands.ts';
import { addKeysCommand } from './keys-command.ts';
import { addTokensCommand } from './tokens-command.ts';
import { collect, parseAddress, parsePort, readDirectory, readOverlay } from './usage.ts';

export function addOperatingCommands(commands: Commands): void {
  const { program, command, terminal, end } = commands;
  program.commandsGroup('To run it:');

  const planning = command('plan')
    .summary('show what applying a spec would change')
    .description(
      'Show what applying the spec would change against the store, or what changed since a commit: entities, and who ' +
        'gains or loses which access. Writes nothing and needs no secret. A store that does not exist yet is an empty one.',
    )
    .argument('<dir...>', DIRECTORY, readDirectory)
    .option('--against <base>', AGAINST, readAgainst)
    .option('--store <file>', STORE)
    .option('--secrets-dir <dir>', SECRETS_DIR)
    .option('--overlay <name|dir>', OVERLAY, readOverlay)
    .option('--no-cache', NO_CACHE)
    .option('--approve <risk>', APPROVE, readApproval)
    .option('--detailed-exitcode', 'end with 2 when there are changes')
    .option('--out <file>', 'save the plan, so that exactly it can be applied: charter apply FILE');
  withTextOptions(withPlanOutputs(planning, 'the plan'))
    .addHelpText(
      'after',
      examples(
        [
          'charter plan config',
          'charter plan config --against ref:origin/main',
          'charter plan config --json plan.json --detailed-exitcode',
          'charter plan config --json plan.json --md plan.md --sarif plan.sarif --junit plan.xml --github',
          'charter plan config --json - | jq .summary',
        ],
        ['done', 'failed', 'pending', 'invalid', 'test', 'risk', 'usage'],
      ),
    )
    .action(async (directories: string[], options) => {
      const { plan } = await import('./plan.ts');
      end(await plan(directories, options, terminal));
    });

  const applying = command('apply')
    .summary('apply a spec to the store in one transaction')
    .description(
      'Apply the spec to the store in one transaction, and say what changed. Secrets must be there. With a plan that ' +
        'charter plan --out saved instead of a directory, apply exactly that plan, or nothing.',
    )
    .argument('<dir...>', `${DIRECTORY}; or the file of a saved plan (*.json, - for stdin)`, readDirectory)
    .option('--store <file>', STORE)
    .option('--secrets-dir <dir>', SECRETS_DIR)
    .option('--overlay <name|dir>', OVERLAY, readOverlay)
    .option('--approve <risk>', APPROVE, readApproval)
    .option(
      '--dir <dir>',
      'of a saved plan: the directory of its spec, as it was planned; may be repeated',
      readDirectory,
    )
    .option('--rebase', 'apply a saved plan to a store that moved on, where it would still do the same');
  withTextOptions(withPlanOutputs(applying, 'the applied plan'))
    .addHelpText(
      'after',
      examples(
        [
          'charter apply config --store /var/lib/charter/charter.db',
          'charter plan config --out plan.json && charter apply plan.json --dir config',
        ],
        ['done', 'failed', 'invalid', 'test', 'risk', 'stale', 'usage'],
      ),
    )
    .action(async (directories: string[], options) => {
      const { apply } = await import('./apply.ts');
      end(await apply(directories, options, terminal));
    });

  withTextOptions(
    command('show')
      .summary('tell a plan that was saved')
      .description(
        'Tell what a plan that was saved changes, as charter plan told it, or why there was none. Needs no store and no spec.',
      )
      .argument('<file>', 'what charter plan --json or charter apply --json wrote; - reads stdin'),
  )
    .addHelpText(
      'after',
      examples(
        ['charter show plan.json', 'charter show plan.json --group-by cause --full', 'charter show - < plan.json'],
        ['done', 'failed', 'usage'],
      ),
    )
    .action(async (file: string, options) => {
      const { show } = await import('./show.ts');
      end(await show(file, options, process.stdin, terminal));
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
gracefully, a second one at once. SIGHUP has it read the spec, the secrets and the certificate again; on a terminal it
ends it too, as the terminal is gone.`,
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

  addTokensCommand(commands);

  addKeysCommand(commands);

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
}
