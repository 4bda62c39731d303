// Owns how it reads what a change means for tokens that are in use: what is known of them and nothing else. Never
// counts any (impact.ts does).

import { kindOf } from '../model/address.ts';
import { count } from '../model/count.ts';
import { isLostNow } from './holding.ts';
import { valueAt } from './paths.ts';
import { speakMinute, speakSeconds } from './period-words.ts';
import type { AccessChange, Change, Impact } from './plan.ts';
import type { KnownEntity } from './read-plan.ts';
import { speakGranted } from './usage-words.ts';

/** Impacts by whose tokens they are about. */
export type Impacts = ReadonlyMap<string, Impact>;

export function impactsOf(impact: readonly Impact[]): Impacts {
  return new Map(impact.map((one) => [one.address, one]));
}

/** Below a change with which tokens end, or are refreshed no more; empty where there is nothing to say of it. */
export function speakEnded(change: Change<KnownEntity>, impacts: Impacts): string {
  const impact = impacts.get(change.address);
  if (impact === undefined || change.action === 'create') return '';
  if (!impact.ends) return impact.stopsRefresh ? speakStopped(impact) : '';
  const { liveTokens, lastUsed, offlineSeconds } = impact;
  const told: string[] = [];
  const alive = speakAlive(impact);
  if (alive !== '') told.push(alive);
  else if (change.action !== 'delete') told.push('ends the tokens issued before');
  else if (liveTokens === 0 && offlineSeconds === undefined && isClient(change)) told.push('no live tokens');
  if (lastUsed !== undefined) told.push(`last used ${speakMinute(lastUsed)}`);
  else if (liveTokens === 0 && change.action === 'delete' && isClient(change)) told.push('no use recorded');
  if (offlineSeconds !== undefined) {
    told.push(`JWTs checked offline live on for up to ${speakSeconds(offlineSeconds)}`);
  }
  return told.join(' · ');
}

/** What was granted and is refreshed no more; empty where it is known that nothing was. */
function speakStopped({ families, users = 0 }: Impact): string {
  if (families === undefined) return 'stops the refresh tokens issued before';
  return families === 0 ? '' : `stops ${speakGranted({ families, users })}`;
}

/** What is alive and ends: tokens alone, or those beside logins and what may be refreshed. Empty where nothing is. */
function speakAlive({ liveTokens = 0, families = 0, users = 0, sessions = 0 }: Impact): string {
  const granted = speakGranted({ families, users });
  if (sessions === 0 && granted === '') {
    if (liveTokens === 0) return '';
    return liveTokens === 1 ? '1 live token ends' : `${liveTokens} live tokens end`;
  }
  const told = [
    ...(sessions === 0 ? [] : [count(sessions, 'session')]),
    ...(granted === '' ? [] : [granted]),
    ...(liveTokens === 0 ? [] : [count(liveTokens, 'stored token')]),
  ];
  return `ends ${told.join(', ')}`;
}

/** Below what a client loses while its tokens go on; empty where nothing is known of them. */
export function speakLosing(client: AccessChange['client'], impacts: Impacts): string {
  const impact = impacts.get(client);
  if (impact === undefined || impact.ends) return '';
  const { liveTokens = 0, lastUsed } = impact;
  const live = liveTokens === 1 ? '1 live token loses this' : `${liveTokens} live tokens lose this`;
  return [
    ...(liveTokens > 0 ? [live] : []),
    ...(lastUsed === undefined ? [] : [`last used ${speakMinute(lastUsed)}`]),
  ].join(' · ');
}

/** How long what was lost is still in JWTs that others check offline; empty where nothing was lost, or no JWT says it. */
export function speakOffline(access: readonly AccessChange[], impacts: Impacts): string {
  const seconds = access.flatMap((change) => {
    const offline = isLostNow(change) ? impacts.get(change.client)?.offlineSeconds : undefined;
    return offline === undefined ? [] : [offline];
  });
  if (seconds.length === 0) return '';
  const longest = seconds.reduce((most, one) => Math.max(most, one), 0);
  return `JWTs checked offline still carry what was lost, for up to ${speakSeconds(longest)}.`;
}

/** Whether it gets tokens itself. */
function isClient({ address, before }: Extract<Change<KnownEntity>, { action: 'delete' }>): boolean {
  const grants = valueAt('shown' in before ? before.shown : before, '/metadata/grant_types');
  return kindOf(address) === 'user' || (Array.isArray(grants) && grants.length > 0);
}
