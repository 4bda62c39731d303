// Owns that clients learn of the end of a session (OpenID Connect Back-Channel Logout 1.0): sends, tries again, gives up.
// Never makes a logout token, and never logs one.

import { setTimeout as sleep } from 'node:timers/promises';
import type { LogoutNotices } from '../oauth/port.ts';
import { CallFailed, type GuardedRequest } from './guarded-request.ts';
import type { OutboundLogger } from './logger.ts';

export interface NoticeTimes {
  /** Milliseconds before each further attempt. */
  readonly retries: readonly number[];
  /** Milliseconds for which a user is kept waiting. */
  readonly patience: number;
}

const TIMES: NoticeTimes = { retries: [1000, 10_000, 60_000], patience: 2000 };
/** Notices that wait for their next attempt. A client that is down must not fill the memory. */
const WAITING = 10_000;

type Notice = Parameters<LogoutNotices['send']>[0][number];

export interface SendingNotices extends LogoutNotices {
  /** Gives up what still waits. */
  close(): Promise<void>;
}

export function createLogoutNotices(
  { call }: Pick<GuardedRequest, 'call'>,
  logger: OutboundLogger,
  { retries, patience }: NoticeTimes = TIMES,
): SendingNotices {
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();

  async function deliver(notice: Notice): Promise<void> {
    const about = { client_id: notice.client_id, host: hostOf(notice.uri) };
    for (let attempt = 1; ; attempt += 1) {
      const failure = await attempted(notice);
      if (failure === undefined) {
        logger.info({ ...about, attempt }, 'logout notice taken');
        return;
      }
      const reason = failure.message;
      const wait = failure.refused || underWay.size > WAITING ? undefined : retries[attempt - 1];
      if (wait === undefined || !(await waited(wait))) {
        logger.warn({ ...about, attempt, reason }, 'logout notice given up');
        return;
      }
    }
  }

  /** False when the server ends before. */
  async function waited(milliseconds: number): Promise<boolean> {
    const isOver = await sleep(milliseconds, false, { signal: closing.signal }).catch(() => true);
    return !isOver;
  }

  async function attempted({ uri, token }: Notice): Promise<CallFailed | undefined> {
    try {
      const { status, drop } = await call({
        url: uri,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'cache-control': 'no-store' },
        body: new URLSearchParams({ logout_token: token }).toString(),
      });
      drop();
      // 200, and 204 of frameworks that answer nothing otherwise (2.8).
      return status >= 200 && status < 300 ? undefined : new CallFailed(`answered ${status}`, false);
    } catch (error) {
      return error instanceof CallFailed ? error : new CallFailed('failed', false, { cause: error });
    }
  }

  return {
    async send(notices) {
      const sent = notices.map((notice) => {
        const delivery = deliver(notice).finally(() => underWay.delete(delivery));
        underWay.add(delivery);
        return delivery;
      });
      const over = new AbortController();
      const wait = sleep(patience, undefined, { signal: over.signal }).catch(() => undefined);
      await Promise.race([Promise.all(sent), wait]);
      over.abort();
    },
    async close() {
      closing.abort();
      await Promise.all(underWay);
    },
  };
}

/** A path or query may hold what is no business of a log. */
function hostOf(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).host : '';
}
