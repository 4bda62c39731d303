// Owns the commands about what was applied: history, rollback, resume, and approve. Never a command's work (program.ts).

import { APPROVE, type Commands, examples, readApproval, SECRETS_DIR, STORE } from './commands.ts';
import { parseGeneration, readOne } from './usage.ts';

export function addHistoryCommands({ program, command, terminal, end }: Commands): void {
  program.commandsGroup('To look back and go back:');

  command('history')
    .summary('list what was applied to the store')
    .description(
      'List the generations of the store: when each was applied, by whom, from which commit, and what it did. With a ' +
        'generation, tell in full what that one changed.',
    )
    .argument('[generation]', 'the generation to tell in full', parseGeneration)
    .option('--store <file>', STORE)
    .option('--limit <number>', 'how many to list', parseGeneration, 20)
    .option('--json', 'print the answer as JSON')
    .addHelpText(
      'after',
      examples(['charter history', 'charter history 7', 'charter history --json'], ['done', 'failed', 'usage']),
    )
    .action(async (generation: number | undefined, options) => {
      const { history } = await import('./history.ts');
      end(await history(generation, options, terminal));
    });

  command('rollback')
    .summary('apply the State of an older generation again')
    .description(
      'Apply the State that an older generation had, as a plan like any other: shown first, in one transaction, risks to ' +
        'be approved. A running server takes it at once, and leaves the spec that is undone alone until it changes, or ' +
        'until charter resume. A secret that the store can check already need not be there.',
    )
    .argument('<generation>', 'the generation to go back to (charter history lists them)', parseGeneration)
    .option('--store <file>', STORE)
    .option(
      '--dir <dir>',
      'the spec that { file: … } of secrets are relative to (default: the current directory)',
      readOne,
    )
    .option('--secrets-dir <dir>', SECRETS_DIR)
    .option('--approve <risk>', APPROVE, readApproval)
    .option('--json <file>', 'write the applied plan as JSON too; - writes it to stdout instead of the text')
    .addHelpText(
      'after',
      examples(
        ['charter rollback 7', 'charter rollback 7 --approve deletes:Example@0123456789abcdef'],
        ['done', 'failed', 'risk', 'stale', 'usage'],
      ),
    )
    .action(async (generation: number, options) => {
      const { rollback } = await import('./rollback.ts');
      end(await rollback(generation, options, terminal));
    });

  command('export')
    .summary('write what is applied as a spec')
    .description(
      'Write what the store holds as a spec: formatted, with nothing that goes without saying, and planned against the ' +
        'store it changes nothing. Comments and the reasons of waivers are in no store; secrets are named, never written.',
    )
    .option('--store <file>', STORE)
    .option('--out <dir>', 'directory to write the files to (default: stdout, as one file)', readOne)
    .option('--generation <number>', 'that generation instead of the newest', parseGeneration)
    .addHelpText(
      'after',
      examples(['charter export --out config', 'charter export --generation 7'], ['done', 'failed', 'usage']),
    )
    .action(async (options) => {
      const { exportSpec } = await import('./export.ts');
      end(await exportSpec(options, terminal));
    });

  command('resume')
    .summary('let what was rolled back be applied again')
    .description('Let a running server apply its spec again, though it is what the last rollback undid.')
    .option('--store <file>', STORE)
    .addHelpText('after', examples(['charter resume'], ['done', 'failed', 'usage']))
    .action(async (options) => {
      const { resume } = await import('./rollback.ts');
      end(await resume(options, terminal));
    });

  command('approve')
    .summary('approve a risk of the plan that a running server holds')
    .description(
      'Approve risks of the plan that the running server of the store holds, as charter status shows them. With the last ' +
        'one the plan is applied and served.',
    )
    .argument('<risk...>', 'as the plan shows it: deletes:Example@0123456789abcdef')
    .option('--store <file>', STORE)
    .addHelpText(
      'after',
      examples(['charter approve deletes:Example@0123456789abcdef'], ['done', 'failed', 'risk', 'usage']),
    )
    .action(async (risks: string[], options) => {
      const { approve } = await import('./approve.ts');
      end(await approve(risks, options, terminal));
    });
}
