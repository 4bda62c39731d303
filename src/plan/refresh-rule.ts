// Owns what a change of an application's refresh tokens means. Never whether there are any where nothing is written: the
// grants of the client say that (settings.ts).

import { parseDuration } from '../model/duration.ts';
import type { RefreshSettings } from '../model/entity.ts';
import { DEFAULT_REFRESH_TTL_SECONDS } from '../model/settings.ts';
import { amount, both, choice, flag, lifetime, part, type Rule } from './change-rules.ts';

const PARTS: { readonly [Name in keyof Required<RefreshSettings>]: Rule } = {
  // Not written, the grants decide, which are not looked at here.
  enabled: choice({
    steps: [
      { to: ['true'], means: ['widening'] },
      { to: ['false'], means: ['narrowing'] },
    ],
  }),
  // A login is before the first token, so what counts from it ends sooner.
  type: choice({
    initial: 'fixed',
    steps: [
      { to: ['none'], means: ['widening'] },
      { from: ['none'], means: ['narrowing'] },
      { from: ['fixed'], to: ['dynamic'], means: ['narrowing'] },
      { from: ['dynamic'], to: ['fixed'], means: ['widening'] },
    ],
  }),
  ttl: lifetime(DEFAULT_REFRESH_TTL_SECONDS),
  idle: lifetime(Number.POSITIVE_INFINITY),
  // As long as a token that was used is taken again, who stole it is not found out.
  grace: amount({
    read: (written) => (written === undefined ? 0 : parseDuration(String(written))),
    words: ['longer', 'shorter'],
    more: ['weakening'],
    less: [],
  }),
  for_client_credentials: flag({ initial: false, on: ['widening'], off: ['narrowing'] }),
  require_live_session: flag({ initial: false, on: ['narrowing'], off: ['weakening'] }),
};

export const REFRESH: Rule = both(...Object.entries(PARTS).map(([name, rule]) => part(name, rule)));
