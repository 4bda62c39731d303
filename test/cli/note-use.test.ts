import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startUseNotes } from '../../src/cli/serve/note-use.ts';
import type { ApplicationAddress, UserAddress } from '../../src/model/address.ts';

const CLIENT1: ApplicationAddress = 'application:Example/Client1';
const CLIENT2: ApplicationAddress = 'application:Example/Client2';
const USER1: UserAddress = 'user:Example/User1';

type Use = readonly [address: string, at: number];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Notes over a store that keeps what it is told, or fails while `failing`. */
function started() {
  const written: Use[][] = [];
  const failures: unknown[] = [];
  const store = {
    failing: false,
    async recordUse(uses: ReadonlyMap<ApplicationAddress | UserAddress, number>) {
      if (store.failing) throw new Error('away');
      written.push([...uses]);
    },
  };
  return { store, written, failures, notes: startUseNotes(store, (error) => void failures.push(error)) };
}

describe('notes of use', () => {
  it('are written every ten seconds, each address once with its newest time, and not before', async () => {
    const { written, notes } = started();
    notes.note(CLIENT1, USER1, 1);
    notes.note(CLIENT2, undefined, 2);
    notes.note(CLIENT1, undefined, 3);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(written).toEqual([
      [
        [CLIENT1, 3],
        [USER1, 1],
        [CLIENT2, 2],
      ],
    ]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(written, 'nothing more was noted').toHaveLength(1);
    notes.note(CLIENT2, undefined, 4);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(written[1]).toEqual([[CLIENT2, 4]]);
  });

  it('are written at the end, and never afterwards', async () => {
    const { written, notes } = started();
    notes.note(CLIENT1, undefined, 1);
    await notes.stop();
    expect(written).toEqual([[[CLIENT1, 1]]]);
    notes.note(CLIENT1, undefined, 2);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(written).toHaveLength(1);
  });

  it('that could not be written are told and come with the next, the newer time of both', async () => {
    const { store, written, failures, notes } = started();
    store.failing = true;
    notes.note(CLIENT1, USER1, 1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(failures).toEqual([new Error('away')]);
    notes.note(CLIENT1, undefined, 5);
    store.failing = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(written).toEqual([
      [
        [CLIENT1, 5],
        [USER1, 1],
      ],
    ]);
  });

  it('that cannot be written at the end do not keep the server from ending', async () => {
    const { store, failures, notes } = started();
    store.failing = true;
    notes.note(CLIENT1, undefined, 1);
    await notes.stop();
    expect(failures).toHaveLength(1);
  });
});
