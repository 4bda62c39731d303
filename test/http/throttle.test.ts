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
  it('up to nine are let through, ten within a minute wait until it is over', () => {
    const { clock, fail, waitFor } = throttle();
    fail(9, 'Client1 10.0.0.1');
    clock.at += 20_500;
    expect(waitFor(['Client1 10.0.0.1'])).toBeUndefined();
    fail(1, 'Client1 10.0.0.1');
    expect(waitFor(['Client1 10.0.0.1'])).toBe(40);
    expect(waitFor(['Client2 10.0.0.1'])).toBeUndefined();
    clock.at += 39_499;
    expect(waitFor(['Client1 10.0.0.1'])).toBe(1);
    clock.at += 1;
    expect(waitFor(['Client1 10.0.0.1'])).toBeUndefined();
  });

  it('are counted anew once the minute is over', () => {
    const { clock, fail, waitFor } = throttle();
    fail(9, 'k');
    clock.at += 60_000;
    fail(9, 'k');
    expect(waitFor(['k'])).toBeUndefined();
    fail(1, 'k');
    expect(waitFor(['k'])).toBe(60);
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
    expect(waitFor(['k'])).toBe(60);
    withdrawn(['k', 'address:10.0.0.1']);
    expect(waitFor(['k'])).toBeUndefined();
    fail(1, 'k');
    expect(waitFor(['k'])).toBe(60);
    fail(90, 'address:10.0.0.1');
    expect(waitFor(['address:10.0.0.1'])).toBeUndefined();
    fail(1, 'address:10.0.0.1');
    expect(waitFor(['address:10.0.0.1'])).toBe(60);
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
    expect(waitFor(['a', 'address:10.0.0.1'])).toBe(60);
  });

  it('of several keys have one wait for the longest', () => {
    const { clock, fail, waitFor } = throttle();
    fail(10, 'a');
    clock.at += 30_000;
    fail(10, 'b');
    expect(waitFor(['a', 'b', 'c'])).toBe(60);
    expect(waitFor([])).toBeUndefined();
  });

  it('go on counting while they are refused, within the same minute', () => {
    const { clock, fail, waitFor } = throttle();
    fail(10, 'k');
    clock.at += 59_000;
    fail(10, 'k');
    clock.at += 1000;
    expect(waitFor(['k'])).toBeUndefined();
  });

  it('a clock that is set back has nobody wait for more than a minute', () => {
    const { clock, fail, waitFor } = throttle();
    fail(10, 'k');
    clock.at -= 3_600_000;
    expect(waitFor(['k'])).toBe(60);
  });
});

describe('what is remembered', () => {
  it('is bounded: a flood of new keys puts out those that failed longest ago', () => {
    const { fail, waitFor } = throttle(3);
    fail(10, 'old');
    fail(10, 'newer');
    for (const key of ['x', 'y']) fail(1, key);
    expect([waitFor(['old']), waitFor(['newer'])]).toEqual([undefined, 60]);
  });

  it('is no success: those that have not failed take no room', () => {
    const { fail, succeeded, waitFor } = throttle(3);
    fail(10, 'k');
    for (let done = 0; done < 100; done += 1) succeeded([`right ${done}`]);
    expect(waitFor(['k'])).toBe(60);
  });

  it('of addresses is not put out by names that one address makes up', () => {
    const { fail, waitFor } = throttle(3);
    for (let made = 0; made < 100; made += 1) fail(1, `user${made} 10.0.0.1`, 'address:10.0.0.1');
    expect(waitFor(['another 10.0.0.1', 'address:10.0.0.1'])).toBe(60);
  });
});
