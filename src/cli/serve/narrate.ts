// Owns what a serving process tells people of its reloads, as text and as log records. Never decides anything.

import type { Logger } from 'pino';
import { serverOf } from '../../model/state.ts';
import { isEmptyPlan, type Plan } from '../../plan/plan.ts';
import { renderReload } from '../../plan/reload.ts';
import { summarize } from '../../plan/summary.ts';
import type { ReconcileEvent } from '../../reconcile/event.ts';
import type { Refusal } from '../../reconcile/refusal.ts';
import { renderDiagnostics } from '../../spec/frame.ts';
import { isLeftAlone } from '../left-alone.ts';
import { qualifiedNames } from '../names.ts';
import type { Terminal } from '../terminal.ts';
import { problemLine, problemLines } from './status-body.ts';

/** Tells each event on stdout and to the log. */
export function narrate(event: ReconcileEvent, terminal: Terminal, logger: Logger): void {
  const text = textOf(event, { color: terminal.outColor });
  if (text !== '') terminal.out(`\n${clock(event.at)} ${text}`);
  record(event, logger);
}

function textOf(event: ReconcileEvent, style: { readonly color: boolean }): string {
  switch (event.kind) {
    case 'published':
      return textOfPublished(event, style);
    case 'refused': {
      const kept = event.serving === undefined ? '' : `Generation ${event.serving} goes on being served.\n`;
      return `${headOfRefusal(event.refusal)}\n${textOfRefusal(event.refusal, style)}${kept}`;
    }
    case 'recovered':
      return `The spec is right again and says what is served: generation ${event.snapshot.generation}.\n`;
    case 'secrets-recorded':
      return `Generation ${event.revision.generation}: new secrets of ${qualifiedNames(event.revision.secrets)}.\n`;
    case 'note':
      return `${event.message}\n`;
  }
}

function textOfPublished(
  event: Extract<ReconcileEvent, { kind: 'published' }>,
  style: { readonly color: boolean },
): string {
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
  return isLeftAlone(refusal) ? 'Left alone: nothing was applied.' : 'Refused: nothing was applied.';
}

function textOfRefusal(refusal: Refusal, style: { readonly color: boolean }): string {
  if (refusal.reason === 'spec' || refusal.reason === 'secrets') {
    return renderDiagnostics(refusal.diagnostics, refusal.files, style);
  }
  // With what approves each of the risks.
  if (refusal.reason === 'risks') return renderReload(refusal.held.plan, refusal.held, style);
  return `${problemLines(refusal).join('\n')}\n`;
}

function record(event: ReconcileEvent, logger: Logger): void {
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
      const cause = refusal.reason === 'bug' ? { err: refusal.error } : {};
      logger.error({ reason: refusal.reason, serving, problems: problemLines(refusal), ...cause }, 'reload refused');
      break;
    }
    case 'recovered':
      logger.info({ generation: event.snapshot.generation }, 'reload recovered');
      break;
    case 'secrets-recorded':
      logger.info({ generation: event.revision.generation, secrets: event.revision.secrets }, 'secrets recorded');
      break;
    case 'note':
      logger.warn(event.message);
      break;
  }
}

/** Local time of day: what a person compares with the moment of saving a file. */
function clock(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
