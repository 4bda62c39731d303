// Owns the first words of a serving process: what it serves, where, and a request to try. Never shows a secret.

import { formatAddress, type OperatorListening } from '../../http/listen.ts';
import { isLoopback } from '../../http/loopback.ts';
import type { Origins } from '../../model/origin.ts';
import { serverOf } from '../../model/state.ts';
import type { Snapshot } from '../../oauth/snapshot.ts';
import { exampleRequest } from './example-request.ts';

export interface Served {
  readonly version: string;
  readonly snapshot: Snapshot;
  readonly origins: Origins;
  /** Where the spec is. */
  readonly spec: string;
  readonly store: string;
  readonly listening: readonly string[];
  readonly operator: OperatorListening | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function banner(served: Served): string {
  const issuer = serverOf(served.snapshot.state)?.issuer ?? '';
  const rows: [string, string][] = [
    ['Spec', served.spec],
    ['Listening', served.listening.join(', ')],
    ['Store', `${served.store}, generation ${served.snapshot.generation}`],
    ['Operator', operatorWords(served.operator)],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(11)}${value}`);
  const request = exampleRequest(served.snapshot, served.origins, reachable(issuer, served.listening), served.now);
  const example = request === undefined ? '' : `\nTry it, where the secret is set:\n  ${request}\n`;
  return `\nCharter ${served.version} serves ${issuer}\n${lines.join('\n')}\n${example}\nEdit the spec and see it reload. Ctrl-C ends.\n`;
}

/** The issuer as it is reached from here: with `--port` a loopback issuer is found on another port than its own. */
function reachable(issuer: string, listening: readonly string[]): string {
  const [first] = listening;
  if (first === undefined || !URL.canParse(issuer)) return issuer;
  const url = new URL(issuer);
  if (!isLoopback(url.hostname)) return issuer;
  const { port, protocol } = new URL(first);
  url.port = port;
  url.protocol = protocol;
  return url.href.replace(/\/$/, '');
}

function operatorWords(operator: OperatorListening | undefined): string {
  if (operator === undefined) return 'none';
  const admin = operator.admin === undefined ? [] : [`http://${formatAddress(operator.admin)}`];
  const socket = operator.socket ?? `no socket: ${operator.without ?? 'the store is no file'}`;
  return [socket, ...admin].join(', ');
}
