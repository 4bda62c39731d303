// Owns that the store learns who is given tokens: noted in memory and written now and then, so that no request waits for
// it or fails by it. Never counts.

import type { ApplicationAddress, UserAddress } from '../../model/address.ts';
import type { GrantStore } from '../../oauth/port.ts';

/** What a crash loses at most. */
const WRITE_EVERY_MS = 10_000;

export interface UseNotes {
  /** A token was issued to the client, and for the user that it acted as. Milliseconds since the epoch. */
  note(client: ApplicationAddress, user: UserAddress | undefined, at: number): void;
  /** Writes what is noted, and nothing more from then on. */
  stop(): Promise<void>;
}

type Uses = Map<ApplicationAddress | UserAddress, number>;

/** `onFailure` is told what could not be written; it is written with the next. */
export function startUseNotes(grants: Pick<GrantStore, 'recordUse'>, onFailure: (error: unknown) => void): UseNotes {
  let noted: Uses = new Map();
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    if (noted.size === 0) return;
    const uses = noted;
    noted = new Map();
    try {
      await grants.recordUse(uses);
    } catch (error) {
      // What was noted since is newer.
      noted = new Map([...uses, ...noted]);
      onFailure(error);
    }
  }
  const writeNext = (): void => {
    writing = writing.then(write);
  };
  const timer = setInterval(writeNext, WRITE_EVERY_MS).unref();
  return {
    note(client, user, at) {
      noted.set(client, at);
      if (user !== undefined) noted.set(user, at);
    },
    async stop() {
      clearInterval(timer);
      writeNext();
      await writing;
    },
  };
}
