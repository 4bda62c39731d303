// Owns what a serving process tells people of its reloads, as text and as log records. Never decides anything.

import type { Logger } from 'pino';
import { formatInstant } from '../../model/duration.ts';
import { serverOf } from '../../model/state.ts';
import { isEmptyPlan, type Plan } from '../../plan/plan.ts';
import { renderReload } from '../../plan/reload.ts';
import { summarize } from '../../plan/summary.ts';
import type { KeyFacts, ReconcileEvent } from '../../reconcile/event.ts';
import type { Refusal } from '../../reconcile/refusal.ts';
import { renderDiagnostics } from '../../spec/frame.ts';
import { harmless } from '../harmless.ts';
import { isLeftAlone } from '../left-alone.ts';
import { count, qualifiedNames } from '../names.ts';
import { storeOption } from '../store-path.ts';
import type { Terminal } from '../terminal.ts';
import { problemLine, problemLines } from './status-body.ts';

interface Style {
  readonly color: boolean;
  /** Names the store in what is suggested (storeOption). */
  readonly store: string;
}

/** Tells each event on stdout and to the log. `store` is where the store is. */
export function narrate(event: ReconcileEvent, terminal: Terminal, logger: Logger, store: string): void {
  const style = { color: terminal.outColor, store: storeOption(store) };
  const text = textOf(event, style);
  if (text !== '') terminal.out(`\n${clock(event.at)} ${harmless(text, style)}`);
  record(event, logger, style);
}

function textOf(event: ReconcileEvent, style: Style): string {
  switch (event.kind) {
    case 'published':
      return textOfPublished(event, style);
    case 'refused': {
      const { refusal, serving } = event;
      // What overtook the spec is named as what is served.
      const isSaid = serving === undefined || refusal.reason === 'overtaken';
      const kept = isSaid ? '' : `Generation ${serving} goes on being served.\n`;
      return `${headOfRefusal(refusal)}\n${textOfRefusal(refusal, style)}${kept}`;
    }
    case 'followed':
      return `Generation ${event.snapshot.generation} was applied to the store by another process. It is served now.\n`;
    case 'confirmed':
      return `The spec is compiled. It says what is served: generation ${event.snapshot.generation}.\n`;
    case 'recovered':
      return `The spec is right again and says what is served: generation ${event.snapshot.generation}.\n`;
    case 'secrets-recorded':
      return `Generation ${event.revision.generation}: new secrets of ${qualifiedNames(event.revision.secrets)}.\n`;
    case 'mended':
      return `${speakMended(event)}\n`;
    case 'keys':
      return `${speakKeys(event)}\n`;
    case 'note':
      return `${event.message}\n`;
  }
}

function textOfPublished(event: Extract<ReconcileEvent, { kind: 'published' }>, style: Style): string {
  const { plan, snapshot, changedSecrets, newWarnings, files, recovered } = event;
  const parts: string[] = [];
  if (!isEmptyPlan(plan)) parts.push(renderReload(plan, event, style));
  if (changesProxies(plan)) parts.push('server.trusted_proxies is read at start: restart the server to use it.\n');
  if (changedSecrets.length > 0) parts.push(`New secrets: ${qualifiedNames(changedSecrets)}\n`);
  if (newWarnings.length > 0) parts.push(renderDiagnostics(newWarnings, files, style));
  // A start that found everything applied has nothing to tell: the banner did.
  if (parts.length === 0 && !recovered) return '';
  return [`Generation ${snapshot.generation}${recovered ? ', recovered' : ''}\n`, ...parts].join('');
}

function changesProxies(plan: Plan): boolean {
  return plan.changes.some(
    (change) =>
      change.action === 'update' && change.paths.some(({ pointer }) => pointer.startsWith('/trusted_proxies')),
  );
}

function headOfRefusal(refusal: Refusal): string {
  if (refusal.reason === 'risks') return 'Held: nothing was applied until its risks are approved.';
  return isLeftAlone(refusal) ? 'The spec is left alone: it was not applied.' : 'Refused: nothing was applied.';
}

function textOfRefusal(refusal: Refusal, style: Style): string {
  if (refusal.reason === 'spec' || refusal.reason === 'secrets') {
    return renderDiagnostics(refusal.diagnostics, refusal.files, style);
  }
  // With what approves each of the risks, and why what the spec says does not.
  if (refusal.reason === 'risks') {
    const { plan, warnings } = refusal.held;
    return `${renderReload(plan, refusal.held, style)}${warnings.map((one) => `${problemLine(one)}\n`).join('')}`;
  }
  return `${problemLines(refusal, style.store).join('\n')}\n`;
}

/** Who wrote to the store is nobody that Charter knows; what, an operator may want to look at. */
function speakMended({ drift, generation }: Extract<ReconcileEvent, { kind: 'mended' }>): string {
  const { changes } = drift;
  const which = changes.length === 0 ? '' : `: ${qualifiedNames(changes.map(({ address }) => address))}`;
  const what = changes.length === 0 ? 'Rows' : count(changes.length, 'entity', 'entities');
  const were = changes.length === 1 ? 'was' : 'were';
  return `${what} of the store ${were} changed by something else than Charter, and put back with generation ${generation}${which}.`;
}

function speakKeys({ at, added, removed }: Extract<ReconcileEvent, { kind: 'keys' }>): string {
  const parts = [
    ...added.map(({ kid, alg, active_from }) => {
      const since = active_from <= at ? 'now on' : formatInstant(active_from);
      return `+ ${kid} (${alg}, signs from ${since})`;
    }),
    ...removed.map(({ kid, alg }) => `- ${kid} (${alg})`),
  ];
  return `Signing keys: ${parts.join(', ')}`;
}

function record(event: ReconcileEvent, logger: Logger, { store }: Style): void {
  switch (event.kind) {
    case 'published': {
      const { generation, digest, state } = event.snapshot;
      const issuer = serverOf(state)?.issuer;
      const secrets = event.changedSecrets;
      const warnings = event.newWarnings.map(problemLine);
      logger.info({ generation, digest, issuer, ...summarize(event.plan), secrets, warnings }, 'generation published');
      break;
    }
    case 'refused': {
      const { refusal, serving } = event;
      const problems = problemLines(refusal, store);
      if (isLeftAlone(refusal)) {
        // Somebody meant it: nothing is wrong, and something may be forgotten.
        logger.warn({ reason: refusal.reason, serving, problems }, 'spec left alone');
        break;
      }
      const cause = refusal.reason === 'bug' ? { err: refusal.error } : {};
      logger.error({ reason: refusal.reason, serving, problems, ...cause }, 'reload refused');
      break;
    }
    case 'followed': {
      const { generation, digest } = event.snapshot;
      logger.info({ generation, digest }, 'generation followed');
      break;
    }
    case 'confirmed':
      logger.info({ generation: event.snapshot.generation }, 'spec compiled');
      break;
    case 'recovered':
      logger.info({ generation: event.snapshot.generation }, 'reload recovered');
      break;
    case 'secrets-recorded':
      logger.info({ generation: event.revision.generation, secrets: event.revision.secrets }, 'secrets recorded');
      break;
    case 'mended': {
      const { generation, drift } = event;
      const changes = drift.changes.map(({ action, address }) => ({ action, address }));
      logger.warn({ generation, recorded: drift.recorded, found: drift.found, changes }, 'drift mended');
      break;
    }
    case 'keys':
      logger.info({ added: event.added.map(keyRecord), removed: event.removed.map(keyRecord) }, 'signing keys changed');
      break;
    case 'note':
      logger.warn(event.message);
      break;
  }
}

function keyRecord({ kid, alg, active_from }: KeyFacts): object {
  return { kid, alg, signs_from: formatInstant(active_from) };
}

/** Local time of day: what a person compares with the moment of saving a file. */
function clock(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
