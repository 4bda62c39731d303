// Owns what counts as wrong usage of the command line, and how arguments that are no plain text are read.
// Never reads a file.

import { CommanderError, InvalidArgumentError } from 'commander';
import type { BoundAddress } from '../http/binding.ts';
import { parseDuration, parseInstant } from '../model/duration.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** The exit code of what commander threw, which it has told already; undefined when the error is another one. */
export function tellUsage(error: unknown): ExitCode | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  return error.exitCode === 0 ? EXIT.done : EXIT.usage;
}

/** `--port`: 0 takes a free one. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 1 to 65535, or 0 for a free one.');
}

/** `--admin`: `127.0.0.1:9090`, `[::1]:9090`, `localhost:9090`. */
export function parseAddress(text: string): BoundAddress {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+):(\d{1,5})$/.exec(text);
  const [, host, port] = match ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new InvalidArgumentError('Write HOST:PORT, such as 127.0.0.1:9090 or [::1]:9090.');
}

/** An option that may be given several times, each with one value or several separated by commas. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((value) => value.trim())];
}

/** Collects overlays, in their order. An empty one is a variable that was not set, and never no overlay. */
export function readOverlay(text: string, before: readonly string[] | undefined): readonly string[] {
  if (text !== '') return [...(before ?? []), text];
  throw new InvalidArgumentError('The overlay is empty: is a variable not set?');
}

/** Collects the directories of a spec. An empty one is a variable that was not set, and never the current directory. */
export function readDirectory(text: string, before: readonly string[] | undefined): readonly string[] {
  if (text !== '') return [...(before ?? []), text];
  throw new InvalidArgumentError('The directory is empty: is a variable not set? For the current directory write "."');
}

/** A directory that is given once. */
export function readOne(text: string): string {
  return readDirectory(text, undefined)[0] ?? text;
}

/** A generation of a store. */
export function parseGeneration(text: string): number {
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number from 1 on.');
}

/** Collects the values of a scope. */
export function readValues(text: string, before: readonly string[] | undefined): readonly string[] {
  if (text.trim() !== '') return [...(before ?? []), text];
  throw new InvalidArgumentError('It is empty: is a variable not set?');
}

/** Milliseconds since the epoch. */
export function readInstant(text: string): number {
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  throw new InvalidArgumentError('Write 2027-01-31, which is its first instant in UTC, or 2027-01-31T17:00:00Z.');
}

/** Seconds for which a key is published before it signs. Longer than a year is no rotation that somebody would remember. */
export function readLead(text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined && seconds <= 366 * 86_400) return seconds;
  throw new InvalidArgumentError('Write a duration of at most 366d, such as 30m, 1h or 7d.');
}

/** From 0 to 100. */
export function readPercent(text: string): number {
  if (/^\d{1,3}(?:\.\d+)?$/.test(text) && Number(text) <= 100) return Number(text);
  throw new InvalidArgumentError('Write a number from 0 to 100.');
}
