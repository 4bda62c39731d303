import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithin, parseDuration, parseInstant, periodOf } from '../../src/model/duration.ts';

describe('a duration', () => {
  it.each([
    ['0s', 0],
    ['45s', 45],
    ['15m', 900],
    ['1h', 3600],
    ['30d', 2_592_000],
    ['999999s', 999_999],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(['', '15', 'm', '1.5h', '-1s', '+1s', '01m', '1h30m', '15 m', '15M', '1w', '1ms', '9999999s', '1h\n'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

describe('an instant', () => {
  it('S:U-32 of a date is its first moment in UTC', () => {
    expect(parseInstant('2027-01-31')).toBe(Date.UTC(2027, 0, 31));
    expect(parseInstant('2028-02-29')).toBe(Date.UTC(2028, 1, 29));
  });

  it.each([
    ['2027-01-31T12:30:15Z', Date.UTC(2027, 0, 31, 12, 30, 15)],
    ['2027-01-31t12:30:15z', Date.UTC(2027, 0, 31, 12, 30, 15)],
    ['2027-01-31T12:30:15.25+02:00', Date.UTC(2027, 0, 31, 10, 30, 15, 250)],
    ['2027-01-31T23:30:00-01:00', Date.UTC(2027, 1, 1, 0, 30, 0)],
    ['2027-01-31T12:30:15.123456789Z', Date.UTC(2027, 0, 31, 12, 30, 15, 123)],
  ])('RFC 3339 5.6 %s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each([
    '',
    'tomorrow',
    '2027-02-30',
    '2027-02-29',
    '2027-13-01',
    '2027-00-10',
    '2027-1-1',
    '2027-01-31T12:30',
    '2027-01-31T12:30:15',
    '2027-01-31 12:30:15Z',
    '2027-01-31T24:00:00Z',
    '2027-01-31T25:00:00Z',
    '2027-02-30T12:00:00Z',
    '2027-01-31T12:30:15+0200',
    '1e3',
    ' 2027-01-31',
  ])('%j is none', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it('reads back every instant that a Date writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(parseInstant(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});

describe('a period', () => {
  const at = (text: string) => Date.parse(text);

  it('has no bound where none is written', () => {
    expect(periodOf({})).toEqual({ start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY });
    expect(isWithin(periodOf({}), 0)).toBe(true);
  });

  it('includes its first instant and excludes its last', () => {
    const period = periodOf({ not_before: '2027-01-01', expires: '2027-01-31T17:00:00+02:00' });
    expect(period).toEqual({ start: at('2027-01-01T00:00:00Z'), end: at('2027-01-31T15:00:00Z') });
    expect(isWithin(period, period.start - 1)).toBe(false);
    expect(isWithin(period, period.start)).toBe(true);
    expect(isWithin(period, period.end - 1)).toBe(true);
    expect(isWithin(period, period.end)).toBe(false);
  });

  it('does not lose a bound that cannot be read: it has not begun, and has ended', () => {
    expect(isWithin(periodOf({ not_before: 'soon' }), at('2100-01-01T00:00:00Z'))).toBe(false);
    expect(isWithin(periodOf({ expires: 'later' }), 0)).toBe(false);
  });
});
