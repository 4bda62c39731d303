// Owns what depends on the time of the check: secrets that leave a moment without one, and what has ended already.
// Never reads a clock: without a time only what holds at any time is told.

import { type Address, qualifiedName } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { type Period, periodOf } from '../model/duration.ts';
import type { ApplicationEntity, Entity } from '../model/entity.ts';
import { isEnabled } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import { report } from './catalogue.ts';
import { rangeIn } from './entities.ts';

/** `now` in milliseconds since the epoch. */
export function checkMoments(all: Bound, now: number | undefined, problems: Diagnostic[]): void {
  for (const [address, entity] of all.entities) {
    if (entity.kind === 'application' && entity.secrets !== undefined && isEnabled(entity))
      checkGaps(all, address, entity, now, problems);
    if (now !== undefined) tellEnded(all, address, entity, now, problems);
  }
}

/** From now on, as long as the application lasts, at every moment one secret counts. */
function checkGaps(
  all: Bound,
  address: Address,
  application: ApplicationEntity,
  now: number | undefined,
  problems: Diagnostic[],
): void {
  const secrets = application.secrets ?? [];
  const periods = secrets
    .map((secret, position) => ({ ...periodOf(secret), position }))
    .filter(({ start, end }) => start < end)
    .sort((a, b) => a.start - b.start);
  const [first] = periods;
  if (first === undefined) return;
  const { end: lasts } = periodOf({ ...(application.expires === undefined ? {} : { expires: application.expires }) });
  // Without a clock nobody can say whether the first has begun; with one, what is over is over.
  let covered = now ?? first.start;
  let before = first;
  for (const period of periods) {
    if (period.start > covered) break;
    if (period.end > covered) before = period;
    covered = Math.max(covered, period.end);
  }
  if (covered >= lasts) return;
  const next = periods.find(({ start }) => start > covered);
  const ends = secrets[before.position]?.expires;
  problems.push(
    report('secret.gap', {
      detail:
        next === undefined
          ? `no secret counts any more from ${covered === now ? 'now' : instantText(covered)} on`
          : `no secret counts from ${covered === now ? 'now' : instantText(covered)} until ${instantText(next.start)}`,
      help:
        next === undefined
          ? `Remove expires of the last secret${ends === undefined ? '' : ` (${ends})`}, add a further one, or let the application end with it.`
          : 'Let the later one begin, or the earlier one end, so that they overlap while clients move.',
      range: rangeIn(all, address, `/secrets/${next?.position ?? before.position}`),
      address,
    }),
  );
}

function instantText(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString().replace(/T00:00:00\.000Z$|\.000(?=Z$)/, '') : 'the beginning';
}

function tellEnded(all: Bound, address: Address, entity: Entity, now: number, problems: Diagnostic[]): void {
  const look = (what: string, written: { readonly expires?: string }, pointer: string) => {
    const { end }: Period = periodOf(written);
    if (now < end || end === Number.NEGATIVE_INFINITY) return;
    problems.push(
      report('period.ended', {
        detail: `${what} ended at ${written.expires}`,
        help: 'Remove it, or write a later date.',
        range: rangeIn(all, address, pointer),
        address,
      }),
    );
  };
  const links = (
    what: string,
    key: string,
    list: readonly { readonly to: Address; readonly expires?: string }[] = [],
  ) => {
    for (const [position, link] of list.entries())
      look(`${what} ${qualifiedName(link.to)}`, link, `/${key}/${position}/expires`);
  };
  switch (entity.kind) {
    case 'application':
      look('this application', entity, '/expires');
      links('access for group', 'allowed_to', entity.allowed_to);
      for (const [position, secret] of (entity.secrets ?? []).entries()) {
        look('this secret', secret, `/secrets/${position}/expires`);
      }
      for (const [position, uri] of (entity.metadata?.redirect_uris ?? []).entries()) {
        look('this redirect URI', uri, `/metadata/redirect_uris/${position}/expires`);
      }
      return;
    case 'group':
      links('the membership of', 'members', entity.members);
      return;
    case 'user':
      look('this user', entity, '/expires');
      links('impersonation by', 'impersonated_by', entity.impersonated_by);
      return;
    default:
  }
}
