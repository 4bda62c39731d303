import { describe, expect, it } from 'vitest';
import { createThrottle } from '../../src/http/throttle.ts';

function throttle(size?: number) {
  const clock = { at: 1_000_000 };
  const made = createThrottle(() => clock.at, size);
  const fail = (times: number, ...keys: string[]) => {
    for (let done = 0; done < times; done += 1) made.failed(keys);
  };
  return { clock, fail, ...made };
}

describe('failures of one key', () => {
  it('ten are let through at once; then one more every six seconds', () => {
    const { clock, fail, waitFor } = throttle();
    fail(9, 'Client1 10.0.0.1');
    expect(waitFor(['Client1 10.0.0.1'])).toBeUndefined();
    fail(1, 'Client1 10.0.0.1');
    expect(waitFor(['Client1 10.0.0.1'])).toBe(6);
    expect(waitFor(['Client2 10.0.0.1'])).toBeUndefined();
    clock.at += 5999;
    expect(waitFor(['Client1 10.0.0.1'])).toBe(1);
    clock.at += 1;
    expect(waitFor(['Client1 10.0.0.1'])).toBeUndefined();
    fail(1, 'Client1 10.0.0.1');
    expect(waitFor(['Client1 10.0.0.1'])).toBe(6);
  });

  it('are drained after a minute', () => {
    const { clock, fail, waitFor } = throttle();
    fail(10, 'k');
    clock.at += 60_000;
    fail(9, 'k');
    expect(waitFor(['k'])).toBeUndefined();
    fail(1, 'k');
    expect(waitFor(['k'])).toBe(6);
  });

  it('never let through more than twenty in any minute', () => {
    const { clock, fail, waitFor } = throttle();
    let tried = 0;
    for (let tick = 0; tick < 600; tick += 1) {
      while (waitFor(['k']) === undefined) {
        fail(1, 'k');
        tried += 1;
      }
      clock.at += 100;
    }
    expect(tried).toBeLessThanOrEqual(20);
    expect(tried).toBeGreaterThan(15);
  });

  it('are forgotten by a success', () => {
    const { fail, succeeded, waitFor } = throttle();
    fail(9, 'k');
    succeeded(['k']);
    fail(9, 'k');
    expect(waitFor(['k'])).toBeUndefined();
  });

  it('that were counted in advance are taken back one by one, of an address too', () => {
    const { fail, withdrawn, waitFor } = throttle();
    fail(10, 'k', 'address:10.0.0.1');
    expect(waitFor(['k'])).toBe(6);
    withdrawn(['k', 'address:10.0.0.1']);
    expect(waitFor(['k'])).toBeUndefined();
    fail(1, 'k');
    expect(waitFor(['k'])).toBe(6);
    fail(90, 'address:10.0.0.1');
    expect(waitFor(['address:10.0.0.1'])).toBeUndefined();
    fail(1, 'address:10.0.0.1');
    expect(waitFor(['address:10.0.0.1'])).toBe(1);
    // Of what never failed there is nothing to take back.
    withdrawn(['other']);
    fail(9, 'other');
    expect(waitFor(['other'])).toBeUndefined();
  });

  it('of an address alone may be a hundred, and no success excuses them', () => {
    const { fail, succeeded, waitFor } = throttle();
    fail(99, 'address:10.0.0.1');
    expect(waitFor(['address:10.0.0.1'])).toBeUndefined();
    succeeded(['address:10.0.0.1']);
    fail(1, 'address:10.0.0.1');
    expect(waitFor(['a', 'address:10.0.0.1'])).toBe(1);
  });

  it('of several keys have one wait for the longest', () => {
    const { clock, fail, waitFor } = throttle();
    fail(10, 'a');
    clock.at += 3000;
    fail(10, 'b');
    expect(waitFor(['a'])).toBe(3);
    expect(waitFor(['a', 'b', 'c'])).toBe(6);
    expect(waitFor([])).toBeUndefined();
  });

  it('that come while nobody is let through make the wait no longer', () => {
    const { fail, waitFor } = throttle();
    fail(1000, 'k');
    expect(waitFor(['k'])).toBe(6);
  });

  it('a clock that is set back has nobody wait for longer', () => {
    const { clock, fail, waitFor } = throttle();
    fail(10, 'k');
    clock.at -= 3_600_000;
    expect(waitFor(['k'])).toBe(6);
  });
});

describe('what is remembered', () => {
  it('is bounded: a flood of new keys puts out those that failed longest ago', () => {
    const { fail, waitFor } = throttle(3);
    fail(10, 'old');
    fail(10, 'newer');
    for (const key of ['x', 'y']) fail(1, key);
    expect([waitFor(['old']), waitFor(['newer'])]).toEqual([undefined, 6]);
  });

  it('is no success: those that have not failed take no room', () => {
    const { fail, succeeded, waitFor } = throttle(3);
    fail(10, 'k');
    for (let done = 0; done < 100; done += 1) succeeded([`right ${done}`]);
    expect(waitFor(['k'])).toBe(6);
  });

  it('of addresses is not put out by names that one address makes up', () => {
    const { fail, waitFor } = throttle(3);
    for (let made = 0; made < 100; made += 1) fail(1, `user${made} 10.0.0.1`, 'address:10.0.0.1');
    expect(waitFor(['another 10.0.0.1', 'address:10.0.0.1'])).toBe(1);
  });
});
