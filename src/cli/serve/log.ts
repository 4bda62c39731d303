// Owns the log of a serving process: JSON lines on stderr, written without waiting. Never the words for people
// (narrate.ts).

import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { Failure } from '../../model/failure.ts';

export interface ServeLog {
  readonly logger: Logger;
  /** Writes what is still held. */
  close(): void;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * On a terminal only warnings, as people read stdout there. `CHARTER_LOG_LEVEL` says otherwise. Throws Failure `usage`
 * when it is no level.
 */
export function createLog(env: NodeJS.ProcessEnv, isTerminal: boolean): ServeLog {
  const level = env.CHARTER_LOG_LEVEL || (isTerminal ? 'warn' : 'info');
  if (!LEVELS.includes(level)) {
    throw new Failure('usage', `CHARTER_LOG_LEVEL=${level} is no level. Levels are ${LEVELS.join(', ')}.`);
  }
  const stream = destination({ dest: 2, sync: false });
  // A reader of the log that went away must not end the server.
  stream.on('error', () => undefined);
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream as DestinationStream);
  return {
    logger,
    close() {
      try {
        stream.flushSync();
      } catch {
        // Nobody reads any more.
      }
    },
  };
}
