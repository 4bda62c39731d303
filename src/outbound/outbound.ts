// Owns all that this server asks of others by itself: the keys of clients, and telling clients of logouts. Never calls what the
// spec does not name, nor what its guard does not let through.

import type { ClientKeys, LogoutNotices } from '../oauth/port.ts';
import { createClientKeys } from './client-keys.ts';
import { createGuardedRequest, type GuardOptions } from './guarded-request.ts';
import type { OutboundLogger } from './logger.ts';
import { createLogoutNotices } from './logout-notices.ts';

export interface OutboundOptions extends GuardOptions {
  readonly logger: OutboundLogger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Outbound {
  readonly clientKeys: ClientKeys;
  readonly logoutNotices: LogoutNotices;
  /** Ends what is under way, and gives up what waits. */
  close(): Promise<void>;
}

export function createOutbound({ logger, now, ...guard }: OutboundOptions): Outbound {
  const guarded = createGuardedRequest(guard);
  const logoutNotices = createLogoutNotices(guarded, logger);
  return {
    clientKeys: createClientKeys(guarded, { logger, now }),
    logoutNotices,
    async close() {
      // Notices first: a call that is ended here is not tried again.
      const notices = logoutNotices.close();
      await guarded.close();
      await notices;
    },
  };
}
